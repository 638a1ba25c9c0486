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
  writeFileSync,
} from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { elapse } from '../support/elapse.js';
import { assertSameTrees, installed } from '../support/judges.js';
import { CLI, Sandbox, type SnapshotJson } from '../support/sandbox.js';
import { Ground, must } from './support/ground.js';
import { helper, start, startPhlb, until } from './support/processes.js';

/** The check of docs/format.md, as a person would run it. */
const ONE_LINER = (
  /^cd \$T && (zcat[^]*?sha256sum -c --quiet)$/m.exec(readFileSync('docs/format.md', 'utf8'))?.[1] ?? ''
).replace('../../$M', '"$1"');

/** How many runs the restless writer has to disturb; the soak gives it more. */
const WRITER_RUNS = Number(process.env['PHLB_TEST_WRITER_RUNS'] ?? 10);

describe('A source that changes while it is read', function () {
  this.timeout(90_000 + WRITER_RUNS * 10_000);
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
    await disturbed(WRITER_RUNS);
  });

  it('and so it is where files are cloned (btrfs)', async function () {
    if (ground.btrfs('home', 1000) === undefined) return this.skip();
    source = join(box.home, 'documents');
    mkdirSync(source);
    await disturbed(4);
  });

  async function disturbed(runs: number): Promise<void> {
    box.write({ 'elsewhere/secret': 'never part of the source' });
    const calm = relative(box.dir, join(source, 'calm'));
    for (let i = 0; i < 40; i++) box.write({ [`${calm}/${i % 4}/${i}`]: `nobody touches ${i}` });
    const writer = start(box, [process.execPath, helper('restless-writer'), source, box.path('elsewhere')]);
    try {
      await until('files', () => writer.said().includes('begun'));
      for (let run = 0; run < runs; run++) {
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

  it('names each file that has become something else, or changes all the time, and stores the rest', async function () {
    if (!installed('taskset')) return this.skip();
    const turn: Record<string, [code: string, change: (path: string) => void]> = {
      'appended to': ['', path => appendFileSync(path, 'more')],
      deleted: ['ENOENT', path => rmSync(path)],
      'a fifo': ['ENOTFILE', path => replace(path, () => must('mkfifo', path))],
      'a folder': ['ENOTFILE', path => replace(path, () => mkdirSync(path))],
      'a symlink': ['ELOOP', path => replace(path, () => symlinkSync('/etc/hostname', path))],
      'cut off': ['', path => truncateSync(path, 2)],
      replaced: ['', path => replace(path, () => writeFileSync(path, 'another'))],
    };
    // Small files are read as they are met.
    for (const name of Object.keys(turn)) writeFileSync(join(source, name), `${name} `.repeat(1 << 20));
    writeFileSync(join(source, 'calm'), 'as it is');
    // The one thread reads the first one first: by then the walk has seen the others, but none has been read.
    const restless = join(source, '0');
    writeFileSync(restless, 'large '.repeat(500_000));
    const preload = ['--require', resolve('test/fault/support/restless-file.cjs')];
    const command = ['taskset', '1', process.execPath, ...preload, CLI, 'backup', source, '--json', '--quiet'];
    const run = start(box, command, { PHLB_TEST_RESTLESS: restless });
    await until('stopped', () => / T /.test(readFileSync(`/proc/${run.child.pid}/stat`, 'latin1')));
    for (const [name, [, change]] of Object.entries(turn)) change(join(source, name));
    run.child.kill('SIGCONT');
    const { code, said } = await run.ended;
    assert.equal(code, 3, said);
    const [snapshot] = (JSON.parse(said) as { snapshots: SnapshotJson[] }).snapshots;
    assert.ok(snapshot?.id && snapshot.path);
    const named = snapshot.errors.map(({ path, code: why }) => [path, why]);
    const expected = Object.entries(turn).flatMap(([name, [why]]) => (why === '' ? [] : [[name, why]]));
    assert.deepEqual(Object.fromEntries(named), Object.fromEntries([...expected, ['0', 'ECHANGING']]));
    assertHashesHold(snapshot.id, snapshot.path);
    for (const [name = ''] of named) rmSync(join(source, name), { recursive: true, force: true });
    rmSync(join(snapshot.path, '0'));
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

  it('but keeps its size and time (touch -r) is seen by its change time', async () => {
    const file = join(source, 'a.txt');
    writeFileSync(file, 'first');
    box.backup(source);
    elapse(box.root);
    assert.equal(box.backup(source).unchangedFiles, 1);
    must('cp', '-p', file, box.path('times'));
    const { mtimeNs } = lstatSync(file, { bigint: true });
    writeFileSync(file, 'FIRST');
    must('touch', '-r', box.path('times'), file);
    assert.equal(lstatSync(file, { bigint: true }).mtimeNs, mtimeNs, 'to the nanosecond');
    elapse(box.root);
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
