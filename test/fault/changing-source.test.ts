import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertSameTrees } from '../unit/support/judges.js';
import { Sandbox, type SnapshotJson } from '../unit/support/sandbox.js';
import { Ground } from './support/ground.js';
import { helper, start, startPhlb, until } from './support/processes.js';

/** The check of docs/format.md, as a person would run it. */
const ONE_LINER = (
  /^cd \$T && (zcat[^]*?sha256sum -c --quiet)$/m.exec(readFileSync('docs/format.md', 'utf8'))?.[1] ?? ''
).replace('../../$M', '"$1"');

describe('A source that changes while it is read', function () {
  this.timeout(90_000);
  let box: Sandbox;
  let ground: Ground;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    ground = new Ground(box);
    source = box.path('documents');
    mkdirSync(source);
  });
  afterEach(() => {
    ground.dispose();
    box.dispose();
  });

  it('(appended to, cut off, replaced, become a FIFO, a folder, a symlink) is stored with the hashes of what is stored', async () => {
    await disturbed(10_000);
  });

  it('and so it is where files are cloned (btrfs)', async function () {
    if (ground.btrfs('home', 1000) === undefined) return this.skip();
    source = join(box.home, 'documents');
    mkdirSync(source);
    await disturbed(5000);
  });

  async function disturbed(ms: number): Promise<void> {
    box.write({ 'elsewhere/secret': 'never part of the source' });
    const writer = start(box, [process.execPath, helper('restless-writer'), source, box.path('elsewhere')]);
    try {
      await until('files', () => writer.said().includes('begun'));
      let runs = 0;
      for (const end = performance.now() + ms; performance.now() < end; runs++) {
        const { snapshots } = await backup();
        const snapshot = snapshots[0];
        assert.ok(snapshot?.id && snapshot.path, JSON.stringify(snapshots));
        assertHashesHold(snapshot.id, snapshot.path);
        for (const { code } of snapshot.errors) {
          assert.ok(['ENOENT', 'ENOTFILE', 'ECHANGING', 'ELOOP', 'ENOTDIR', 'EINVAL', 'ENXIO'].includes(code), code);
        }
        const strays = spawnSync('grep', ['-rl', 'never part', snapshot.path], { encoding: 'utf8' });
        assert.equal(strays.stdout, '', 'nothing is read through a symlink');
      }
      assert.ok(runs >= 2, `${runs} runs`);
    } finally {
      writer.child.kill('SIGKILL');
      await writer.ended;
    }
    // FIFOs are recorded only.
    spawnSync('find', [source, '-type', 'p', '-delete']);
    const last = box.backup(source);
    assertSameTrees(source, last.path);
    assert.deepEqual(box.json<{ damaged: object[] }>(0, 'verify').damaged, []);
  }

  it('but keeps its size and time (utimes) is seen by its change time', async () => {
    const file = join(source, 'a.txt');
    writeFileSync(file, 'first');
    await sleep(2100);
    box.backup(source);
    await sleep(2100);
    assert.equal(box.backup(source).unchangedFiles, 1);
    const { atime, mtime } = lstatSync(file);
    writeFileSync(file, 'FIRST');
    utimesSync(file, atime, mtime);
    await sleep(2100);
    const next = box.backup(source);
    assert.equal(next.copiedFiles, 1);
    assertSameTrees(source, next.path);
  });

  it('where a folder has become a symlink to a folder, the link is stored, and nothing through it', () => {
    box.write({ 'documents/sub/a.txt': 'first', 'elsewhere/secret': 'never part of the source' });
    box.backup(source);
    spawnSync('rm', ['-r', join(source, 'sub')]);
    symlinkSync('../elsewhere', join(source, 'sub'));
    const next = box.backup(source);
    assertSameTrees(source, next.path);
    assert.ok(lstatSync(join(next.path, 'sub')).isSymbolicLink());
  });

  async function backup(): Promise<{ snapshots: SnapshotJson[] }> {
    const run = startPhlb(box, 'backup', source, '--json', '--quiet', '--no-default-excludes');
    const patience = setTimeout(() => run.child.kill('SIGKILL'), 45_000);
    const { code, signal, said } = await run.ended;
    clearTimeout(patience);
    assert.ok(code === 0 || code === 3, `${code} ${signal} ${said}`);
    return JSON.parse(said.slice(said.indexOf('{'))) as { snapshots: SnapshotJson[] };
  }

  function assertHashesHold(id: string, tree: string): void {
    assert.match(ONE_LINER, /^zcat "\$1" \|/, 'docs/format.md has lost its one-liner');
    const { status, stdout, stderr } = spawnSync('bash', ['-c', ONE_LINER, 'bash', box.manifest(id)], {
      cwd: tree,
      encoding: 'utf8',
    });
    assert.deepEqual([status, stdout, stderr], [0, '', '']);
  }
});
