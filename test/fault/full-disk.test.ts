import assert from 'node:assert/strict';
import { readdirSync, readFileSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { backup } from '../../src/engine/backup.js';
import type { DirectoryToWalk } from '../../src/engine/threads/jobs.js';
import { openPool } from '../../src/engine/threads/pool.js';
import { ThreadStock } from '../../src/engine/threads/thread-stock.js';
import type { Progress } from '../../src/engine/words/model.js';
import { elapse } from '../support/elapse.js';
import { assertSameTrees, installed } from '../support/judges.js';
import { free } from '../support/disk.js';
import { CLI, Sandbox, type Restored } from '../support/sandbox.js';
import { inventory, moveAnew } from '../support/trees.js';
import { Ground, must } from './support/ground.js';
import { isStopped, leftovers, start, until } from './support/processes.js';

describe('A store that cannot be written', () => {
  let box: Sandbox;
  let ground: Ground;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    ground = new Ground(box);
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'first', 'documents/sub/b.txt': 'second' });
  });
  afterEach(() => {
    ground.dispose();
    box.dispose();
  });

  it('since it was mounted read-only, says so in one line; it can still be read, and goes on later', function () {
    const root = ground.tmpfs('disk', 'size=8m');
    if (root === undefined) return this.skip();
    const first = box.backup(source, '--root', root);
    ground.remount(root, 'ro');
    const { status, stdout, stderr } = box.phlb('backup', source, '--root', root);
    assert.deepEqual([status, stdout], [1, '']);
    assert.match(stderr, /^phlb: [^\n]*EROFS[^\n]*\n$/);
    assert.deepEqual(box.ids('--root', root), [first.id]);
    box.json(0, 'verify', '--root', root);
    ground.remount(root, 'rw');
    assert.equal(box.backup(source, '--root', root).copiedFiles, 0);
  });

  const full: Record<string, { options: string; fill: () => void }> = {
    'of bytes (many small files)': {
      options: 'size=8m',
      fill: () => {
        for (let i = 0; i < 1500; i++) box.write({ [`documents/many/${i % 30}/${i}`]: `${i} `.repeat(2000) });
      },
    },
    'of bytes (one large file)': {
      options: 'size=8m',
      fill: () => writeFileSync(box.path('documents/large.bin'), Buffer.alloc(9 << 20, 'l')),
    },
    'of bytes (many equal files beside large ones)': {
      options: 'size=8m',
      fill: () => {
        for (let i = 0; i < 300; i++) {
          const large = Buffer.alloc((i % 150) % 20 === 0 ? 900_000 : 50_000, String(i % 150));
          box.write({ [`documents/equal/${i % 10}/`]: '' });
          writeFileSync(box.path(`documents/equal/${i % 10}/${i}`), large);
        }
      },
    },
    'of inodes': {
      options: 'size=8m,nr_inodes=60',
      fill: () => {
        for (let i = 0; i < 100; i++) box.write({ [`documents/many/${i}`]: `${i}` });
      },
    },
  };
  for (const [what, { options, fill }] of Object.entries(full)) {
    it(`since it is full (${what}), says so in one line and gives back what it took; nothing older is lost, and with room the next run is whole`, function () {
      const root = ground.tmpfs('disk', options);
      if (root === undefined) return this.skip();
      const first = box.backup(source, '--root', root);
      box.run(['cp', '-a', source, box.path('copy')]);
      fill();
      const before = free(root);
      for (let i = 0; i < 2; i++) {
        const { status, stdout, stderr } = box.phlb('backup', source, '--root', root);
        assert.deepEqual(free(root), before, 'as much is free as was before');
        assert.deepEqual([status, stdout], [1, ''], stderr);
        assert.match(stderr, /^(phlb: This backup may need[^\n]*\n)?phlb: [^\n]*ENOSPC[^\n]*free some space[^\n]*\n$/);
      }
      assert.deepEqual(box.ids('--root', root), [first.id]);
      assertSameTrees(box.path('copy'), first.path);
      ground.remount(root, 'size=64m,nr_inodes=10000');
      const next = box.backup(source, '--root', root);
      assertSameTrees(source, next.path);
      assert.deepEqual(next.damaged, []);
      assert.deepEqual(leftovers(root), []);
      assert.deepEqual(readdirSync(join(root, '.phlb')).sort(), ['manifests', 'partial', 'store.json']);
      box.json(0, 'verify', '--root', root);
    });
  }

  it('since its quota is used up (EDQUOT) gives back what it took, too', function () {
    const root = ground.btrfs('disk', 200);
    if (root === undefined) return this.skip();
    const first = box.backup(source, '--root', root);
    must('btrfs', 'quota', 'enable', root);
    must('btrfs', 'qgroup', 'limit', '12M', root);
    for (let i = 0; i < 60; i++) box.write({ [`documents/many/${i}`]: `${i} `.repeat(150_000) });
    const { status, stderr } = box.phlb('backup', source, '--root', root, '--quiet');
    assert.equal(status, 1);
    assert.match(stderr, /^phlb: [^\n]*EDQUOT[^\n]*free some space[^\n]*\n$/);
    assert.deepEqual([leftovers(root), box.ids('--root', root)], [[], [first.id]]);
    rmSync(join(source, 'many'), { recursive: true });
    assertSameTrees(source, box.backup(source, '--root', root).path);
  });

  const disks: Record<string, { mount: () => string | undefined; files: number; size: number }> = {
    'tmpfs, bytes': { mount: () => ground.tmpfs('disk', 'size=8m'), files: 100, size: 60_000 },
    'tmpfs, inodes': { mount: () => ground.tmpfs('disk', 'size=64m,nr_inodes=150'), files: 100, size: 10 },
    'ext4, bytes': { mount: () => ground.ext4('disk', 16, '-O', '^has_journal', '-m', '0'), files: 200, size: 60_000 },
  };
  for (const [what, { mount, files, size }] of Object.entries(disks)) {
    it(`by what a killed run has left (${what}) has room for a source that has become another: of that it keeps what it can use`, async function () {
      const root = mount();
      if (root === undefined) return this.skip();
      const write = (name: string, from: number, to: number): void => {
        for (let i = from; i < to; i++) writeFileSync(join(source, `${name}${i}`), `${name} ${i} `.padEnd(size, '.'));
      };
      for (const name of readdirSync(source)) rmSync(join(source, name), { recursive: true });
      write('old', 0, files);
      writeFileSync(join(source, 'z restless'), '');
      const preload = ['--require', resolve('test/fault/support/restless-file.cjs')];
      const run = start(box, [process.execPath, ...preload, CLI, 'backup', source, '--root', root], {
        PHLB_TEST_RESTLESS: join(source, 'z restless'),
      });
      await until('the run stops', () => run.child.exitCode !== null || isStopped(run.child.pid));
      run.child.kill('SIGKILL');
      await run.ended;
      const [dead = ''] = leftovers(root);
      const copied = readdirSync(join(root, '.phlb/partial', dead, 'tree')).filter(name => name.startsWith('old'));
      assert.equal(copied.length, files);
      const inode = statSync(join(root, '.phlb/partial', dead, 'tree/old0')).ino;
      for (const name of copied.slice(files / 4)) rmSync(join(source, name));
      // Met last.
      write('since', 0, files * 0.8);
      const { status, stderr } = box.phlb('backup', source, '--root', root, '--quiet');
      assert.equal(status, 0, stderr);
      assert.match(stderr, /^phlb: Took over the lock[^\n]*\n$/, 'of no shortage is warned');
      const [id = ''] = box.ids('--root', root);
      assertSameTrees(source, join(root, id));
      assert.equal(statSync(join(root, id, 'old0')).ino, inode, 'what is of use is used');
      assert.deepEqual(leftovers(root), []);
      box.json(0, 'verify', '--root', root);
    });
  }

  it('since it would be full by it, is warned of before; not where what has changed fits', async function () {
    const root = ground.tmpfs('disk', 'size=9m');
    const memory = ground.tmpfs('sources', 'size=64m');
    if (root === undefined || memory === undefined) return this.skip();
    const folder = join(memory, 'documents');
    box.write({ 'sources/documents/node_modules/a.bin': 'x'.repeat(9 << 20) });
    for (let i = 0; i < 6; i++) box.write({ [`sources/documents/${i}/a.bin`]: String(i).repeat(2 << 20) });
    const warning =
      /^phlb: This backup may need up to 12 MiB, but only 9\.0 MiB is free[^\n]*\nphlb: [^\n]*ENOSPC[^\n]*\n$/;
    assert.match(box.phlb('backup', folder, '--root', root, '--quiet').stderr, warning);
    for (const i of [3, 4, 5]) rmSync(join(folder, String(i)), { recursive: true });
    const fits = box.phlb('backup', folder, '--root', root, '--quiet');
    assert.equal(fits.status, 0, 'the failed run has left nothing that takes room');
    // Nothing is read again without need.
    elapse(root);
    utimesSync(join(folder, '0/a.bin'), 1, 1);
    const known = box.phlb('backup', folder, '--root', root, '--quiet', '--json');
    assert.deepEqual([known.status, known.stderr], [0, ''], 'less than what is free has changed');
    elapse(root);
    for (const i of [1, 2]) writeFileSync(join(folder, `${i}/a.bin`), Buffer.alloc(2 << 20, `${i} anew`));
    const { status, stderr } = box.phlb('backup', folder, '--root', root, '--quiet');
    assert.equal(status, 1);
    assert.match(stderr, /^phlb: This backup may need up to \d\.\d MiB, but only [^\n]*\nphlb: [^\n]*ENOSPC/);
  });

  const grown: Record<string, { files: number; size: number; left: number }> = {
    'one large file': { files: 1, size: 5 << 20, left: 0 },
    'many small ones': { files: 900, size: 5000, left: 0 },
    'many small ones, beside what a killed run has left': { files: 900, size: 5000, left: 500_000 },
  };
  for (const [what, { files, size, left }] of Object.entries(grown)) {
    it(`since it would be full by what has changed (${what}), is told of once, with what that needs, before it is`, function () {
      const root = ground.tmpfs('disk', 'size=9m');
      if (root === undefined) return this.skip();
      const write = (text: string): void => {
        for (let i = 0; i < files; i++) {
          box.write({ [`documents/${i % 9}/`]: '' });
          writeFileSync(join(source, `${i % 9}/${i}`), Buffer.alloc(size, `${i} ${text}`));
        }
      };
      write('first');
      box.backup(source, '--root', root);
      elapse(root);
      write('anew');
      // This goes, and there is a second try.
      if (left > 0) box.write({ 'disk/.phlb/partial/dead/tree/of no use': 'x'.repeat(left) });
      const before = free(root).bytes;
      const { status, stderr } = box.phlb('backup', source, '--root', root, '--quiet');
      assert.equal(status, 1);
      const [, needed, told] =
        /^phlb: This backup may need up to (\d\.\d) MiB, but only (\d\.\d) MiB is free[^\n]*\nphlb: [^\n]*ENOSPC[^\n]*\n$/.exec(
          stderr,
        ) ?? assert.fail(stderr);
      const blocks = files * Math.ceil(size / 4096) * 4096;
      assert.ok(Math.abs(Number(needed) - blocks / (1 << 20)) < 0.1, `${needed} MiB`);
      assert.ok(Math.abs(Number(told) - (before + left) / (1 << 20)) < 0.2, `${told} MiB`);
    });
  }

  it('with less space than the last snapshot holds, but enough, is no reason to say anything, or to go over the source twice', async function () {
    const root = ground.tmpfs('disk', 'size=8m');
    if (root === undefined) return this.skip();
    for (let i = 0; i < 40; i++) writeFileSync(join(source, `${i}`), Buffer.alloc(128 << 10, `${i}`));
    for (let i = 0; i < 20; i++) box.write({ [`documents/sub/${i}/c.txt`]: `${i}` });
    box.backup(source, '--root', root);
    elapse(root);
    for (let i = 0; i < 10; i++) writeFileSync(join(source, `${i}`), Buffer.alloc(128 << 10, `${i} anew`));
    const walked: string[] = [];
    const told: Progress[] = [];
    const pool = openPool(new ThreadStock(resolve('dist/pool.js')), 1);
    const { run } = pool.own;
    pool.own.run = (name, request) => {
      if (name === 'walk') walked.push(...(request as DirectoryToWalk[]).map(({ path }) => path));
      return run.call(pool.own, name, request);
    };
    const location = { root, index: join(box.state, 'index'), state: box.state };
    const context = {
      ...{ pool: () => pool, cancel: new SharedArrayBuffer(4) },
      onProgress: (progress: Progress): void => void told.push(progress),
    };
    const { published, copiedFiles, path } = await backup({ location, source }, context);
    await pool.close();
    assert.deepEqual([published, copiedFiles], [true, 10]);
    assert.equal(told.filter(({ shortage }) => shortage).length, 0);
    assert.equal(walked.length, 22);
    assert.equal(new Set(walked).size, 22);
    assertSameTrees(source, path ?? '');
    assert.ok(free(root).bytes < 40 * (128 << 10), 'it was in doubt');
  });

  it('to the last byte still holds what is moved in the source, however large: that needs no room', function () {
    const root = ground.tmpfs('disk', 'size=8m');
    if (root === undefined) return this.skip();
    writeFileSync(join(source, 'sub/large.bin'), Buffer.alloc(5 << 20, 'l'));
    box.backup(source, '--root', root);
    moveAnew(join(source, 'sub'), join(source, 'moved'));
    const next = box.backup(source, '--root', root);
    assert.deepEqual([next.copiedFiles, next.damaged], [0, []]);
    assertSameTrees(source, next.path);
    box.json(0, 'verify', '--root', root);
  });

  it('with a large file that is known already is not filled up by it meanwhile: others write too', function () {
    const root = ground.tmpfs('disk', 'size=8m');
    if (root === undefined || !installed('strace')) return this.skip();
    writeFileSync(join(source, 'sub/large.bin'), Buffer.alloc(5 << 20, 'l'));
    box.backup(source, '--root', root);
    moveAnew(join(source, 'sub'), join(source, 'moved'));
    const trace = box.path('trace');
    const tracing = ['strace', '-f', '-e', 'trace=write,writev,pwrite64,pwritev', '-o', trace];
    const { status, stderr } = box.run([...tracing, process.execPath, CLI, 'backup', source, '--root', root]);
    assert.equal(status, 0, stderr);
    const calls = readFileSync(trace, 'utf8');
    assert.match(calls, /exited with 0/, 'it was traced');
    assert.doesNotMatch(calls, /ENOSPC/);
  });

  it('to the last byte, so that not even a lock fits, says so in one line and leaves no draft', function () {
    const root = ground.tmpfs('disk', 'size=1m');
    if (root === undefined) return this.skip();
    const first = box.backup(source, '--root', root);
    box.run(['sh', '-c', 'cat /dev/zero > "$1/filling"', 'sh', root]);
    const before = [...inventory(root).keys()];
    const { status, stderr } = box.phlb('backup', source, '--root', root);
    assert.equal(status, 1);
    assert.match(stderr, /^phlb: [^\n]*ENOSPC[^\n]*\n$/);
    assert.deepEqual([...inventory(root).keys()], before);
    truncateSync(join(root, 'filling'), 0);
    assertSameTrees(source, box.backup(source, '--root', root).path);
    assert.equal(box.ids('--root', root)[0], first.id);
  });

  it('has to do with no restore: where the target has room for one file more, all of them are restored, one after another', function () {
    const disk = ground.tmpfs('target', 'size=8m');
    if (disk === undefined) return this.skip();
    const target = join(disk, 'documents');
    for (let i = 0; i < 6; i++) box.write({ [`target/documents/${i}`]: `${i}`.repeat(1_100_000) });
    const { id } = box.backup(target);
    box.run(['cp', '-a', target, box.path('copy')]);
    for (let i = 0; i < 6; i++) box.write({ [`target/documents/${i}`]: `${9 - i}`.repeat(1_100_000) });
    const before = free(disk);
    const { errors, overwritten } = box.json<Restored>(0, 'restore', id);
    assert.deepEqual([errors, overwritten.length], [[], 6]);
    assertSameTrees(box.path('copy'), target);
    assert.deepEqual(free(disk), before);
    // Now there is none for a single one.
    box.write({ 'target/documents/0': 'edited' });
    writeFileSync(join(disk, 'filling'), Buffer.alloc(free(disk).bytes - 8192));
    const full = free(disk);
    assert.deepEqual(
      box.json<Restored>(3, 'restore', id).errors.map(({ path, code }) => [path, code]),
      [['0', 'ENOSPC']],
    );
    assert.deepEqual([free(disk), readFileSync(join(target, '0'), 'utf8')], [full, 'edited']);
    assert.deepEqual(readdirSync(target), ['0', '1', '2', '3', '4', '5']);
  });

  it('for its index has no room: the snapshot is published, and the index made later', function () {
    const index = ground.tmpfs('index', 'size=40k');
    if (index === undefined) return this.skip();
    for (let i = 0; i < 500; i++) box.write({ [`documents/many/${i}`]: `${i}` });
    box.backup(source, '--index', index);
    // What is in no last snapshot is looked for in the index.
    const away = box.path('away');
    moveAnew(join(source, 'many'), away);
    box.backup(source, '--index', index);
    moveAnew(away, join(source, 'moved'));
    const { status, stderr } = box.phlb('backup', source, '--index', index, '--quiet');
    assert.equal(status, 0);
    assert.match(stderr, /^phlb: The index cannot be written[^\n]*ENOSPC[^\n]*\n$/);
    assert.equal(box.ids().length, 3);
    assert.match(readdirSync(index).join(), /^[0-9a-f]+\.contents$/);
    ground.remount(index, 'size=8m');
    moveAnew(join(source, 'moved'), join(source, 'moved again'));
    assert.equal(box.backup(source, '--index', index).copiedFiles, 0);
  });

  it('for what it knows of contents has no room: the snapshots are published, and each content stands once', function () {
    const index = ground.tmpfs('index', 'size=4k');
    if (index === undefined) return this.skip();
    for (let i = 0; i < 600; i++) box.write({ [`documents/many/${i}`]: `${i}` });
    const backUp = (): string => {
      const { status, stderr } = box.phlb('backup', source, '--index', index, '--quiet');
      assert.equal(status, 0);
      assert.deepEqual(readdirSync(index), [], 'nothing half is left');
      return stderr;
    };
    assert.match(backUp(), /^phlb: The index cannot be written[^\n]*ENOSPC[^\n]*\n$/);
    moveAnew(join(source, 'many'), join(source, 'moved'));
    assert.match(backUp(), /^phlb: The index cannot be written[^\n]*ENOSPC[^\n]*\n$/);
    const [first = '', second = ''] = box.ids().map(id => join(box.root, id));
    const inodes = must('find', first, second, '-name', '[0-9]*', '-type', 'f', '-printf', '%i\n');
    assert.equal(new Set(inodes.trim().split('\n')).size, 600);
  });
});
