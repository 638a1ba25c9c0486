import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { poolSize } from '../../src/engine/transfer/pool.js';
import { assertSameTrees } from '../unit/support/judges.js';
import { Sandbox, type SnapshotJson } from '../unit/support/sandbox.js';
import { Ground, must } from './support/ground.js';
import { helper, leftovers, longFile, start, startPhlb, until } from './support/processes.js';

/** The check of docs/format.md, as a person would run it. */
const ONE_LINER = (
  /^cd \$T && (zcat[^]*?sha256sum -c --quiet)$/m.exec(readFileSync('docs/format.md', 'utf8'))?.[1] ?? ''
).replace('../../$M', '"$1"');

/** How long the restless writer has; the soak gives it a minute. */
const WRITER_SECONDS = Number(process.env['PHLB_TEST_WRITER_SECONDS'] ?? 12);

describe('A source that changes while it is read', function () {
  this.timeout(90_000 + WRITER_SECONDS * 1000);
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

  it('(appended to, cut off, replaced, moved, become a FIFO, a folder, a symlink) is stored with the hashes of what is stored', async () => {
    await disturbed(WRITER_SECONDS * 1000);
  });

  it('and so it is where files are cloned (btrfs)', async function () {
    if (ground.btrfs('home', 1000) === undefined) return this.skip();
    source = join(box.home, 'documents');
    mkdirSync(source);
    await disturbed(5000);
  });

  async function disturbed(ms: number): Promise<void> {
    box.write({ 'elsewhere/secret': 'never part of the source' });
    for (let i = 0; i < 40; i++) box.write({ [`documents/calm/${i % 4}/${i}`]: `nobody touches ${i}` });
    const writer = start(box, [process.execPath, helper('restless-writer'), source, box.path('elsewhere')]);
    try {
      await until('files', () => writer.said().includes('begun'));
      let runs = 0;
      for (const end = performance.now() + ms; performance.now() < end; runs++) {
        const { snapshots } = await backup();
        const snapshot = snapshots[0];
        assert.ok(snapshot?.id && snapshot.path, JSON.stringify(snapshots));
        assertHashesHold(snapshot.id, snapshot.path);
        assertSameTrees(join(source, 'calm'), join(snapshot.path, 'calm'));
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

  it('names each file that has become something else, or changes all the time, and stores the rest', async () => {
    // While each thread is at a large file, the small ones have been seen, but not been read. The last one is read first.
    const large = Array.from({ length: poolSize() }, (_, i) => `z${i}`);
    for (const name of large) longFile(join(source, name), 60);
    const turn: Record<string, [code: string, change: (path: string) => void]> = {
      'appended to': ['', path => appendFileSync(path, 'more')],
      deleted: ['ENOENT', path => rmSync(path)],
      'a fifo': ['ENOTFILE', path => replace(path, () => must('mkfifo', path))],
      'a folder': ['ENOTFILE', path => replace(path, () => mkdirSync(path))],
      'a symlink': ['ELOOP', path => replace(path, () => symlinkSync('/etc/hostname', path))],
      'cut off': ['', path => truncateSync(path, 2)],
      replaced: ['', path => replace(path, () => writeFileSync(path, 'another'))],
    };
    for (const name of Object.keys(turn)) writeFileSync(join(source, name), `${name} `.repeat(300));
    box.write({ 'documents/calm': 'as it is' });
    const run = startPhlb(box, 'backup', source, '--json', '--quiet');
    await until('large files under way', () => large.every(name => begun(name)));
    run.child.kill('SIGSTOP');
    for (const [name, [, change]] of Object.entries(turn)) change(join(source, name));
    const restless = setInterval(() => large.forEach(name => appendFileSync(join(source, name), 'and more')), 1);
    run.child.kill('SIGCONT');
    const { code, said } = await run.ended.finally(() => clearInterval(restless));
    assert.equal(code, 3, said);
    const [snapshot] = (JSON.parse(said) as { snapshots: SnapshotJson[] }).snapshots;
    const named = Object.fromEntries((snapshot?.errors ?? []).map(({ path, code: why }) => [path, why]));
    const expected = Object.entries(turn).flatMap(([name, [why]]) => (why === '' ? [] : [[name, why]]));
    assert.deepEqual(named, Object.fromEntries([...expected, ...large.map(name => [name, 'ECHANGING'])]));
    assert.ok(snapshot?.id && snapshot.path);
    assertHashesHold(snapshot.id, snapshot.path);
    const stored = [...expected.map(([name]) => join(source, name ?? '')), ...large.map(name => join(source, name))];
    for (const path of stored) rmSync(path, { recursive: true, force: true });
    for (const name of large) rmSync(join(snapshot.path, name));
    assertSameTrees(source, snapshot.path);
  });

  it('where a folder is renamed to and fro is stored under the one name or the other, or what is missed is named', async () => {
    for (let i = 0; i < 300; i++) box.write({ [`documents/one/${i % 20}/${i}`]: `content ${i}` });
    let renames = 0;
    const restless = setInterval(() => {
      const [from, to] = [join(source, 'one'), join(source, 'two')];
      renameSync(...(renames++ % 2 === 0 ? ([from, to] as const) : ([to, from] as const)));
    }, 3);
    let missed = 0;
    try {
      for (let i = 0; i < 3 || (missed === 0 && i < 20); i++) {
        const [snapshot] = (await backup()).snapshots;
        assert.ok(snapshot?.id && snapshot.path);
        if (snapshot.files > 0) assertHashesHold(snapshot.id, snapshot.path);
        missed += snapshot.errors.length;
        // The walk sees the source folder once: one name of the two, or both where the rename came in between.
        const missing = 300 - snapshot.files;
        assert.ok(missing <= 0 || snapshot.errors.length > 0, `${missing} files are missing, and nobody is told`);
      }
    } finally {
      clearInterval(restless);
    }
    assert.ok(missed > 0, `${renames} renames came too late for the walk`);
    assertSameTrees(source, box.backup(source).path);
  });

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

  // Written as it is read.
  function begun(name: string): boolean {
    const [draft] = leftovers(box.root);
    const stored = join(box.root, '.phlb', 'partial', draft ?? '', 'tree', name);
    return (lstatSync(stored, { throwIfNoEntry: false })?.size ?? 0) > 0;
  }

  function replace(path: string, by: () => void): void {
    rmSync(path);
    by();
  }

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
