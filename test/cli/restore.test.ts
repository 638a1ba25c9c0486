import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { assertSameTrees, sameInode, sha256sum } from '../support/judges.js';
import { CLI, Sandbox, type Published, type Restored } from '../support/sandbox.js';
import { inventory, makeWritable } from '../support/trees.js';

const paths = (list: { path: string }[]): string[] => list.map(({ path }) => path);

describe('restore', () => {
  let box: Sandbox;
  let source: string;
  let snapshot: Published;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({
      'documents/a.txt': 'first',
      'documents/sub/b.sh': 'second',
      'documents/sub/deep/c.txt': 'third',
      'documents/empty/': '',
    });
    symlinkSync('a.txt', join(source, 'link'));
    snapshot = box.backup(source);
  });
  afterEach(() => box.dispose());

  const restore = (status: number, ...args: string[]): Restored =>
    box.json<Restored>(status, 'restore', snapshot.id, ...args);
  const record = (id: string): { kind: string; restore?: object } =>
    JSON.parse(readFileSync(join(box.root, '.phlb/manifests', `${id}.json`), 'utf8')) as never;

  it('tells beforehand what it would do, and writes nothing', () => {
    writeFileSync(join(source, 'a.txt'), 'edited');
    rmSync(join(source, 'sub/deep'), { recursive: true });
    box.write({ 'documents/new.txt': 'new' });
    const before = [...inventory(source)];
    const plan = restore(0, '--delete', '--dry-run');
    assert.deepEqual(
      [paths(plan.created), paths(plan.overwritten), paths(plan.deleted), plan.unchanged, plan.safetySnapshot],
      [['sub/deep', 'sub/deep/c.txt'], ['a.txt'], ['new.txt'], 2, null],
    );
    const shown = box.phlb('restore', snapshot.id, '--delete', '--dry-run');
    assert.equal(
      shown.stdout,
      'create     sub/deep\ncreate     sub/deep/c.txt\noverwrite  a.txt\ndelete     new.txt\n' +
        'Dry run, nothing was written: 2 created, 1 overwritten, 1 deleted, 2 unchanged\n',
    );
    assert.deepEqual([...inventory(source)], before);
    assert.deepEqual(box.ids('--all'), [snapshot.id]);
    const done = restore(0, '--delete');
    assert.deepEqual({ ...done, safetySnapshot: null }, plan);
    assertSameTrees(source, snapshot.path);
  });

  it('saves exactly what it replaces, whatever the rules say, and notes what it creates', () => {
    box.write({ 'documents/node_modules/x/index.js': 'built' });
    snapshot = box.backup(source, '--no-default-excludes');
    writeFileSync(join(source, 'node_modules/x/index.js'), 'built again');
    rmSync(join(source, 'sub/b.sh'));
    const { safetySnapshot, created, overwritten } = restore(0);
    assert.deepEqual([paths(created), paths(overwritten)], [['sub/b.sh'], ['node_modules/x/index.js']]);
    assert.ok(safetySnapshot !== null);
    const saved = inventory(join(box.root, safetySnapshot));
    assert.deepEqual(
      [...saved].filter(([, { type }]) => type !== 'dir').map(([path]) => path),
      ['node_modules/x/index.js'],
    );
    assert.equal(readFileSync(join(box.root, safetySnapshot, 'node_modules/x/index.js'), 'utf8'), 'built again');
    assert.equal(record(safetySnapshot).kind, 'safety');
    const noted = readFileSync(join(box.root, '.phlb', 'manifests', `${safetySnapshot}.restore.json.gz`));
    const note = JSON.parse(gunzipSync(noted).toString()) as object;
    assert.deepEqual(
      { ...note, drafts: '' },
      {
        format: 1,
        snapshot: snapshot.id,
        target: source,
        created: [{ path: 'sub/b.sh', type: 'file', sha256: sha256sum(join(source, 'sub/b.sh')) }],
        overwritten: ['node_modules/x/index.js'],
        deleted: [],
        drafts: '',
      },
    );
    assert.deepEqual(box.ids('--all').includes(safetySnapshot), true);
    assert.equal(box.ids().includes(safetySnapshot), false);
    box.json(0, 'verify');
  });

  it('has nothing to save where nothing is to be done', () => {
    assert.deepEqual(restore(0), {
      created: [],
      overwritten: [],
      deleted: [],
      unchanged: 4,
      left: [],
      safetySnapshot: null,
      errors: [],
    });
    assert.deepEqual(box.ids('--all'), [snapshot.id]);
  });

  it('brings modes and times back in place, and keeps those that it replaces', () => {
    const file = join(source, 'a.txt');
    const { ino } = statSync(file);
    const was = [...inventory(source)].map(([path, { mode, mtime }]) => [path, mode, mtime / 1000n]);
    chmodSync(file, 0o600);
    chmodSync(join(source, 'sub'), 0o700);
    utimesSync(join(source, 'sub/b.sh'), 1_000_000_000.5, 1_000_000_000.5);
    lutimesSync(join(source, 'link'), 1_000_000_000, 1_000_000_000);
    utimesSync(join(source, 'empty'), 1_000_000_000, 1_000_000_000);
    const { overwritten, safetySnapshot } = restore(0);
    assert.deepEqual(paths(overwritten), ['a.txt', 'link', 'sub', 'sub/b.sh']);
    assert.deepEqual(
      [...inventory(source)].map(([path, { mode, mtime }]) => [path, mode, mtime / 1000n]),
      was,
    );
    assert.equal(statSync(file).ino, ino, 'the content is not written again');
    const { entries } = box.json<{ entries: { path: string; mode: string }[] }>(0, 'ls', safetySnapshot ?? '');
    assert.equal(entries.find(({ path }) => path === 'a.txt')?.mode, '0600');
    box.json(0, 'undo');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(statSync(join(source, 'empty')).mtimeMs, 1_000_000_000_000);
  });

  it('sets no mode through a further name of the file', () => {
    linkSync(join(source, 'a.txt'), box.path('elsewhere.txt'));
    chmodSync(join(source, 'a.txt'), 0o600);
    assert.deepEqual(paths(restore(0).overwritten), ['a.txt']);
    assert.equal(statSync(join(source, 'a.txt')).mode & 0o777, 0o644);
    assert.equal(statSync(box.path('elsewhere.txt')).mode & 0o777, 0o600);
  });

  it('makes one file of names that were one, and several of those that were several', () => {
    box.write({ 'documents/x': 'same', 'documents/y': 'same' });
    linkSync(join(source, 'a.txt'), join(source, 'sub/a too.txt'));
    snapshot = box.backup(source);
    const time = lstatSync(join(source, 'y'));
    for (const path of ['a.txt', 'y']) rmSync(join(source, path));
    writeFileSync(join(source, 'a.txt'), 'first');
    linkSync(join(source, 'x'), join(source, 'y'));
    utimesSync(join(source, 'y'), time.atime, time.mtime);
    restore(0);
    assert.ok(sameInode(join(source, 'a.txt'), join(source, 'sub/a too.txt')));
    assert.ok(!sameInode(join(source, 'x'), join(source, 'y')));
    assertSameTrees(source, snapshot.path);
  });

  it('sets the time of a file with several names for all of them', () => {
    linkSync(join(source, 'a.txt'), join(source, 'sub/a too.txt'));
    snapshot = box.backup(source);
    const { mtimeMs, ino } = statSync(join(source, 'a.txt'));
    utimesSync(join(source, 'a.txt'), 1_000_000_000, 1_000_000_000);
    assert.deepEqual(paths(restore(0).overwritten), ['a.txt', 'sub/a too.txt']);
    assert.equal(Math.floor(statSync(join(source, 'sub/a too.txt')).mtimeMs), Math.floor(mtimeMs));
    assert.equal(statSync(join(source, 'sub/a too.txt')).ino, ino);
  });

  it('brings back a source that is gone, and takes it away again', () => {
    renameSync(source, box.path('before'));
    const { created, safetySnapshot, errors } = restore(0);
    assert.deepEqual(errors, []);
    assert.ok(safetySnapshot !== null && created.length === 7);
    assertSameTrees(box.path('before'), source);
    assert.equal(statSync(source).mode, statSync(box.path('before')).mode);
    const { deleted } = box.json<Restored>(0, 'undo');
    assert.deepEqual(paths(deleted).length, 8);
    assert.equal(existsSync(source), false);
    box.json(0, 'undo');
    assertSameTrees(box.path('before'), source);
  });

  describe('where something else is in the place', () => {
    beforeEach(() => {
      rmSync(join(source, 'a.txt'));
      rmSync(join(source, 'sub'), { recursive: true });
      box.write({
        'documents/a.txt/node_modules/deep': 'excluded, and yet saved',
        'documents/a.txt/inside': 'in a folder',
        'documents/sub': 'a file',
      });
      execFileSync('cp', ['-a', source, box.path('before')]);
    });

    it('replaces it only after saving all of it', () => {
      const told = restore(0);
      assert.deepEqual(
        [paths(told.created), paths(told.overwritten), paths(told.deleted)],
        [
          ['sub/b.sh', 'sub/deep', 'sub/deep/c.txt'],
          ['a.txt', 'sub'],
          ['a.txt/inside', 'a.txt/node_modules', 'a.txt/node_modules/deep'],
        ],
      );
      assertSameTrees(source, snapshot.path);
      box.json(0, 'undo');
      assertSameTrees(box.path('before'), source);
      box.json(0, 'undo');
      assertSameTrees(source, snapshot.path);
    });

    it('leaves and names it in another folder', () => {
      const told = restore(3, '--to', source);
      assert.deepEqual(paths(told.errors).sort(), ['a.txt', 'sub', 'sub/b.sh', 'sub/deep/c.txt']);
      assert.deepEqual([told.overwritten, told.deleted, told.safetySnapshot], [[], [], null]);
      assertSameTrees(box.path('before'), source);
    });

    it('leaves what cannot be saved: a FIFO', () => {
      execFileSync('mkfifo', [join(source, 'a.txt/fifo')]);
      rmSync(join(source, 'sub'));
      execFileSync('mkfifo', [join(source, 'sub')]);
      const told = restore(3);
      assert.deepEqual(
        told.errors.filter(({ code }) => code === 'ESPECIAL').map(({ path }) => path),
        ['a.txt', 'sub'],
      );
      assert.ok(lstatSync(join(source, 'sub')).isFIFO());
      assert.equal(readFileSync(join(source, 'a.txt/inside'), 'utf8'), 'in a folder');
    });

    it('replaces a symlink, never what it leads to', () => {
      rmSync(join(source, 'a.txt'), { recursive: true });
      rmSync(join(source, 'sub'));
      box.write({ 'outside/file': 'precious', 'outside/folder/': '' });
      symlinkSync('../outside/file', join(source, 'a.txt'));
      symlinkSync('../outside/folder', join(source, 'sub'));
      const told = restore(3);
      assert.deepEqual(paths(told.overwritten), ['a.txt']);
      assert.deepEqual(
        told.errors.map(({ path, code }) => `${path} ${code}`),
        ['sub ELOOP', 'sub/b.sh EBLOCKED', 'sub/deep/c.txt EBLOCKED'],
      );
      assert.equal(readFileSync(join(source, 'a.txt'), 'utf8'), 'first');
      assert.equal(readlinkSync(join(source, 'sub')), '../outside/folder');
      assert.equal(readFileSync(box.path('outside/file'), 'utf8'), 'precious');
      assert.deepEqual([...inventory(box.path('outside')).keys()], ['', 'file', 'folder']);
    });
  });

  it('does not bring a damaged file back, and leaves the one that is there', () => {
    for (const path of ['a.txt', 'sub/b.sh']) {
      const stored = join(snapshot.path, path);
      const { atime, mtime, mode } = statSync(stored);
      makeWritable(stored);
      writeFileSync(stored, 'x'.repeat(statSync(stored).size));
      utimesSync(stored, atime, mtime);
      chmodSync(stored, mode);
    }
    rmSync(join(snapshot.path, 'sub/deep/c.txt'));
    writeFileSync(join(source, 'a.txt'), 'newer');
    rmSync(join(source, 'sub'), { recursive: true });
    const told = restore(3);
    assert.deepEqual(
      told.errors.map(({ path, code }) => `${path} ${code}`),
      ['a.txt EDAMAGED', 'sub/b.sh EDAMAGED', 'sub/deep/c.txt EDAMAGED'],
    );
    assert.deepEqual([paths(told.created), told.overwritten], [['sub', 'sub/deep'], []]);
    assert.equal(readFileSync(join(source, 'a.txt'), 'utf8'), 'newer');
    assert.deepEqual([...inventory(join(source, 'sub')).keys()], ['', 'deep']);
    box.json(0, 'undo');
    assert.equal(existsSync(join(source, 'sub')), false);
  });

  it('names what is recorded only, and leaves it where it is', () => {
    execFileSync('mkfifo', [join(source, 'fifo')]);
    snapshot = box.backup(source);
    assert.deepEqual(restore(0).errors, []);
    assert.deepEqual(
      restore(3, '--to', 'back').errors.map(({ path, code }) => `${path} ${code}`),
      ['fifo ESPECIAL'],
    );
  });

  it('leaves files alone whose mode or time differs in another folder, and says so', () => {
    restore(0, '--to', 'back');
    assert.equal(restore(0, '--to', 'back').unchanged, 4);
    chmodSync(box.path('back/a.txt'), 0o600);
    const told = restore(3, '--to', 'back');
    assert.deepEqual([paths(told.errors), told.safetySnapshot], [['a.txt'], null]);
    assert.equal(statSync(box.path('back/a.txt')).mode & 0o777, 0o600);
    const over = restore(0, '--to', 'back', '--overwrite');
    assert.deepEqual(paths(over.overwritten), ['a.txt']);
    assert.equal(statSync(box.path('back/a.txt')).mode & 0o777, 0o644);
    box.json(0, 'undo');
    assert.equal(statSync(box.path('back/a.txt')).mode & 0o777, 0o600);
  });

  it('writes neither into the backup location nor over it', () => {
    for (const folder of [box.root, join(box.root, 'documents'), join(snapshot.path, 'sub')]) {
      assert.equal(box.phlb('restore', snapshot.id, '--to', folder, '--overwrite').status, 2);
    }
    symlinkSync(snapshot.path, box.path('way in'));
    assert.equal(box.phlb('restore', snapshot.id, '--to', box.path('way in')).status, 2);
    assert.equal(box.phlb('restore', snapshot.id, 'sub/../..', '--to', 'back').status, 2);
    assert.equal(box.phlb('restore', snapshot.id, 'nowhere', '--to', 'back').status, 1);
    box.json(0, 'verify');
  });

  it('gives an ordinary user back what is theirs', function () {
    if (process.getuid?.() !== 0) return this.skip();
    const nobody = 65534;
    chmodSync(join(source, 'sub/b.sh'), 0o4755);
    writeFileSync(join(source, 'theirs'), 'setuid of another');
    chmodSync(join(source, 'theirs'), 0o4755);
    mkdirSync(join(source, 'closed'));
    writeFileSync(join(source, 'closed/file'), 'in a folder without write permission');
    chmodSync(join(source, 'closed'), 0o555);
    execFileSync('chown', ['-R', '65534:65534', box.dir]);
    chownSync(join(source, 'theirs'), 1, 1);
    chmodSync(join(source, 'theirs'), 0o4755);
    chmodSync(join(source, 'sub/b.sh'), 0o4755);
    const asNobody = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
      box.run(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, CLI, ...args]);
    assert.equal(asNobody('backup', source).status, 0);
    rmSync(join(source, 'theirs'));
    rmSync(join(source, 'closed/file'));
    const { status, stderr } = asNobody('restore', 'documents/latest');
    assert.equal(status, 0, stderr);
    assert.equal(readFileSync(join(source, 'closed/file'), 'utf8'), 'in a folder without write permission');
    assert.equal(statSync(join(source, 'closed')).mode & 0o777, 0o555);
    assert.deepEqual(
      [statSync(join(source, 'theirs')).uid, statSync(join(source, 'theirs')).mode & 0o7777],
      [nobody, 0o755],
    );
    assert.equal(statSync(join(source, 'sub/b.sh')).mode & 0o7777, 0o4755);
    assert.equal(asNobody('undo').status, 0);
    assert.deepEqual([...inventory(join(source, 'closed')).keys()], ['']);
    assert.equal(statSync(join(source, 'closed')).mode & 0o777, 0o555);

    // What cannot be read cannot be saved, so it is left.
    writeFileSync(join(source, 'a.txt'), 'secret');
    chownSync(join(source, 'a.txt'), 0, 0);
    chmodSync(join(source, 'a.txt'), 0o600);
    const left = asNobody('restore', 'documents/latest', 'a.txt');
    assert.equal(left.status, 3);
    assert.match(left.stderr, /a\.txt: .*cannot be read, so it cannot be saved first/);
    assert.equal(readFileSync(join(source, 'a.txt'), 'utf8'), 'secret');
    // As root, the owner comes back too.
    restore(0, '--to', 'owned');
    assert.equal(statSync(box.path('owned/a.txt')).uid, 0);
  });
});
