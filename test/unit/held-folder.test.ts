import assert from 'node:assert/strict';
import {
  closeSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  statSync,
  symlinkSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { PhlbError } from '../../src/engine/words/errors.js';
import { HeldFolder } from '../../src/engine/files/held-folder.js';
import { Looks } from '../../src/engine/files/ways-in.js';
import { Sandbox } from '../support/sandbox.js';

/** The two ways: folders are held open, or looked at before and after. */
for (const [way, looks] of [
  ['held', false],
  ['looked at', true],
] as const) {
  describe(`A folder that is ${way}`, () => {
    let box: Sandbox;
    let folder: HeldFolder;

    beforeEach(function () {
      if (!looks && process.platform !== 'linux') return this.skip();
      box = new Sandbox();
      box.write({
        'own/top': 'own',
        'own/sub/deep/file': 'own',
        'victim/deep/file': 'secret',
        'victim/deep/only there': '',
      });
      folder = open('own');
    });
    afterEach(() => {
      folder.close();
      box.dispose();
    });

    const open = (path: string): HeldFolder =>
      HeldFolder.open(box.path(path), undefined, looks ? new Looks(box.path(path)) : undefined);
    /** What its owner can do at any moment. */
    const exchange = (): void => {
      renameSync(box.path('own', 'sub'), box.path('away'));
      symlinkSync(box.path('victim'), box.path('own', 'sub'));
    };
    const contents = (fd: number): string => {
      const bytes = Buffer.alloc(100);
      const text = bytes.toString('utf8', 0, readSync(fd, bytes));
      closeSync(fd);
      return text;
    };
    const isLostWay = (error: NodeJS.ErrnoException): boolean => {
      assert.match(error.message, /^ENOTDIR: no longer a folder/);
      assert.ok(error.path?.startsWith(box.path('own')), error.path);
      return error.code === 'ENOTDIR';
    };

    it('gives what is in it', () => {
      assert.equal(contents(folder.open('sub/deep/file')), 'own');
      assert.deepEqual(folder.names('sub').concat(folder.names('').sort()), ['deep', 'sub', 'top']);
      assert.equal(folder.lstat('sub/deep/file').size, 3n);
      assert.equal(folder.find('sub/none'), undefined);
      assert.equal(folder.find('none/none'), undefined);
      assert.equal(folder.realPath(), box.path('own'));
      assert.throws(() => folder.lstat('sub/none'), {
        code: 'ENOENT',
        path: box.path('own/sub/none'),
        message: `ENOENT: no such file or directory, lstat '${box.path('own/sub/none')}'`,
      });
    });

    it('takes what is put into it, and gives it up', () => {
      const fd = folder.create('sub/new', 0o640);
      writeSync(fd, 'new');
      closeSync(fd);
      folder.link('sub/new', 'sub/deep/linked');
      folder.rename('sub/new', 'renamed', 0);
      folder.symlink('renamed', 'sub/link');
      folder.change('sub/link', own => own.setTime(1_000_000_000));
      folder.change('renamed', own => {
        own.chmod(0o600);
        own.setTime(2_000_000_000);
      });
      folder.sync('renamed');
      folder.syncFolder('sub');
      assert.equal(readFileSync(box.path('own/sub/deep/linked'), 'utf8'), 'new');
      assert.deepEqual([folder.readlink('sub/link'), folder.lstat('sub/link').mtimeMs], ['renamed', 1_000_000n]);
      const { mode, mtimeMs } = statSync(box.path('own/renamed'));
      assert.deepEqual([mode & 0o777, mtimeMs], [0o600, 2_000_000]);
      folder.mkdir('sub/made', 0o700);
      folder.mkdir('sub/made/inner', 0o700);
      folder.rmdir('sub/made/inner');
      folder.rmdir('sub/made');
      assert.throws(() => folder.names('sub/made'), { code: 'ENOENT' });
      folder.mkdir('sub/made', 0o700);
      assert.deepEqual(folder.names('sub/made'), []);
      folder.unlink('sub/link');
      assert.deepEqual(folder.names('sub').sort(), ['deep', 'made']);
    });

    it('is made where it is not there, with those above it, and removed', () => {
      const below = open('own').below('a/b/c');
      below.makeAll(0o700);
      below.mkdir('d', 0o700);
      assert.ok(existsSync(box.path('own/a/b/c/d')));
      below.rmdir('d');
      assert.deepEqual(below.outer().names('').sort(), ['a', 'sub', 'top']);
      below.close();
      const whole = open('own/a/b/c');
      whole.rmdir('');
      whole.close();
      assert.deepEqual(readdirSync(box.path('own/a/b')), []);
    });

    it('leads nowhere else once a folder in it is a symlink', () => {
      exchange();
      const victim = snapshotOf(box.path('victim'));
      const calls: ((path: string) => unknown)[] = [
        path => folder.lstat(path),
        path => folder.find(path),
        path => folder.open(path),
        path => folder.create(`${path}-made`, 0o600),
        path => folder.mkdir(`${path}-made`, 0o700),
        path => folder.symlink('x', `${path}-made`),
        path => folder.link('top', path),
        path => folder.unlink(path),
        path => folder.rename(path, `${path}-made`, 0),
        path => folder.rmdir(path),
        path => folder.access(path, 4),
        path => folder.sync(path),
        path => folder.change(path, own => own.chmod(0o777)),
        path => folder.change(path, own => own.setTime(0)),
      ];
      for (const call of calls) {
        assert.throws(
          () => call('sub/deep/file'),
          (error: NodeJS.ErrnoException) => isLostWay(error),
          String(call),
        );
        assert.deepEqual(snapshotOf(box.path('victim')), victim, String(call));
      }
      for (const call of [
        () => folder.names('sub/deep'),
        () => folder.accessFolder('sub', 4),
        () => folder.fileSystem('sub'),
        () => folder.syncFolder('sub'),
      ]) {
        assert.throws(call, isLostWay, String(call));
      }
    });

    it('does what it began where it began, or not at all, when a folder is exchanged in between', () => {
      const victim = snapshotOf(box.path('victim'));
      assert.deepEqual(folder.names('sub/deep'), ['file']);
      exchange();
      // What was held goes on being what it was; what was only looked at is looked at again.
      if (looks) assert.throws(() => folder.names('sub/deep'), isLostWay);
      else assert.deepEqual(folder.names('sub/deep'), ['file']);
      folder.rest();
      assert.throws(() => folder.names('sub/deep'), isLostWay);
      // A symlink itself is looked at and set, never what it leads to.
      assert.ok(folder.lstat('sub').isSymbolicLink());
      folder.change('sub', own => own.setTime(1_000_000_000));
      assert.equal(folder.lstat('sub').mtimeMs, 1_000_000n);
      assert.deepEqual(snapshotOf(box.path('victim')), victim);
    });

    it('may be passed through deeper than folders are kept open, and wider', () => {
      const deep = 'x/'.repeat(100);
      mkdirSync(box.path('own', deep), { recursive: true });
      for (let i = 0; i < 100; i++) box.write({ [`own/wide/${i}/file`]: `${i}` });
      const before = openFiles();
      for (let round = 0; round < 3; round++) {
        folder.link('wide/7/file', `${deep}linked-${round}`);
        assert.equal(contents(folder.open(`${deep}linked-${round}`)), '7');
        for (let i = 0; i < 100; i++) assert.equal(contents(folder.open(`wide/${i}/file`)), `${i}`);
      }
      assert.throws(() => folder.names(`${deep}none/none/none`), { code: 'ENOENT' });
      assert.ok(openFiles() <= before + 40, `${openFiles()} open files, and there were ${before}`);
      folder.rest();
      assert.ok(openFiles() <= before, 'all let go of');
    });
  });
}

describe('A folder that is looked at, and exchanged right after the look', () => {
  let box: Sandbox;
  let folder: HeldFolder;

  /** Who owns the folder has chosen the moment well. */
  class Exchanged extends Looks {
    override entry(path: string): string | Buffer {
      const name = super.entry(path);
      this.exchange();
      return name;
    }
    override folder(path: string): string | Buffer {
      const name = super.folder(path);
      if (path !== '') this.exchange();
      return name;
    }
    private exchange(): void {
      renameSync(box.path('own', 'sub'), box.path('away'));
      symlinkSync(box.path('victim'), box.path('own', 'sub'));
    }
  }

  beforeEach(function () {
    if (process.platform === 'win32') return this.skip();
    box = new Sandbox();
    box.write({ 'own/top': 'own', 'own/sub/file': 'own', 'victim/file': 'secret' });
    folder = HeldFolder.open(box.path('own'), undefined, new Exchanged(box.path('own')));
  });
  afterEach(() => box.dispose());

  const calls: Record<string, () => unknown> = {
    'reads nothing': () => folder.open('sub/file'),
    'tells no names': () => folder.names('sub'),
    'tells nothing of what is there': () => folder.lstat('sub/file'),
    'leaves no file': () => folder.create('sub/new', 0o600),
    'leaves no folder': () => folder.mkdir('sub/new', 0o700),
    'leaves no symlink': () => folder.symlink('top', 'sub/new'),
  };
  for (const [what, call] of Object.entries(calls)) {
    it(`${what} elsewhere, and says so`, () => {
      const open = openFiles();
      assert.throws(call, { code: 'ENOTDIR' });
      assert.deepEqual(readdirSync(box.path('victim')), ['file']);
      assert.equal(openFiles(), open);
    });
  }
});

describe('A folder that was held before', () => {
  let box: Sandbox;
  beforeEach(function () {
    if (process.platform !== 'linux') return this.skip();
    box = new Sandbox();
    box.write({ 'own/file': '', 'victim/file': '' });
  });
  afterEach(() => box.dispose());

  it('is known again, and no other is taken for it', () => {
    const first = HeldFolder.open(box.path('own'));
    HeldFolder.open(box.path('own'), first.id).close();
    renameSync(box.path('own'), box.path('away'));
    symlinkSync('victim', box.path('own'));
    assert.throws(
      () => HeldFolder.open(box.path('own'), first.id),
      (error: unknown) => PhlbError.is(error, 'source') && error.path === box.path('own'),
    );
    assert.throws(() => first.rmdir(''), { code: 'ENOENT' });
    assert.deepEqual(first.names(''), ['file']);
    first.close();
    assert.throws(
      () => HeldFolder.open(box.path('none')),
      (error: unknown) => PhlbError.is(error, 'source'),
    );
  });
});

function snapshotOf(folder: string): unknown[] {
  return ['', ...readdirSync(folder, { recursive: true }).map(String)].sort().map(name => {
    const { mode, mtimeMs, ctimeMs, size, nlink } = statSync(join(folder, name));
    return [name, mode, mtimeMs, ctimeMs, size, nlink];
  });
}

function openFiles(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
}
