import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { assertSameTrees, installed, sha256sum } from '../support/judges.js';
import { CLI, Sandbox, type SnapshotJson } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';
import { Ground, must } from './support/ground.js';

const isRoot = process.getuid?.() === 0;
const LARGE = process.env['PHLB_TEST_LARGE'] !== undefined;

describe('A source', function () {
  this.timeout(300_000);
  let box: Sandbox;
  let source: string;

  beforeEach(function () {
    if (process.platform !== 'linux') return this.skip();
    box = new Sandbox();
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'first' });
  });
  afterEach(() => {
    // Node's own `rm` passes no path of more than 4,096 bytes.
    must('rm', '-rf', box.dir);
  });

  it('a thousand folders deep comes through all of it', () => {
    const deep = 'd/'.repeat(1000);
    mkdirSync(join(source, deep), { recursive: true });
    box.write({ [`documents/${deep}file`]: 'at the bottom' });
    const first = box.backup(source);
    assert.equal(first.directories, 1000);
    assertSameTrees(source, first.path);
    writeFileSync(join(source, deep, 'file'), 'edited');
    const next = box.backup(source);
    assert.equal(box.json<{ changes: unknown[] }>(0, 'diff', first.id, next.id).changes.length, 1);
    assert.equal(box.json<{ entries: unknown[] }>(0, 'ls', first.id, deep).entries.length, 1);
    assert.equal(box.json<{ versions: unknown[] }>(0, 'versions', join(source, deep, 'file')).versions.length, 2);
    assert.equal(box.json<{ matches: unknown[] }>(0, 'find', 'file').matches.length, 1);
    box.json(0, 'verify');
    box.json(0, 'restore', first.id, '--to', 'restored');
    assertSameTrees(first.path, box.path('restored'));
    box.json(0, 'delete', first.id);
    assertSameTrees(source, next.path);
  });

  it('with paths of more than 4,096 bytes names what no call can reach, and stores all else', () => {
    // 20 folders with names of 250 bytes, each made from within the one above.
    const make = `const fs = require('fs'); process.chdir(process.argv[1]); const name = 'n'.repeat(250);
      for (let i = 0; i < 20; i++) { fs.mkdirSync(name); process.chdir(name); fs.writeFileSync('file', 'n' + i); }`;
    must(process.execPath, '-e', make, source);
    const told = box.backupWith(3, source);
    assert.equal(told.published, true);
    assert.ok(
      told.errors.length >= 1 && told.errors.every(({ code }) => code === 'ENAMETOOLONG'),
      JSON.stringify(told.errors),
    );
    // Every one of them is stored, named, or below one that is named.
    const named = told.errors.map(({ path }) => path);
    const lost = must('sh', '-c', 'cd "$1" && find . -printf "%P\\n"', 'sh', source)
      .split('\n')
      .filter(path => path !== '' && !stands(join(told.path ?? '', path)))
      .filter(path => !named.some(one => path === one || path.startsWith(`${one}/`)));
    assert.deepEqual(lost, []);
    assert.ok(told.files >= 14, 'what can be reached is stored');
    assertSameTrees(join(source, 'a.txt'), join(told.path ?? '', 'a.txt'));
    box.json(0, 'verify');
    box.json(0, 'restore', told.id ?? '', '--to', 'r');
    assert.equal([...inventory(box.path('r'))].filter(([, { type }]) => type === 'file').length, told.files);
  });

  it('with 200,000 files in one folder is stored, found unchanged and verified in bounded time and memory', function () {
    this.timeout(900_000);
    const ground = new Ground(box);
    // In memory, where it can be: so many files take a disk minutes.
    const place = ground.tmpfs('ram', 'size=1g,nr_inodes=1m') ?? box.dir;
    try {
      backUpMany(join(place, 'crowded'), join(place, 'root'));
    } finally {
      ground.dispose();
    }
  });

  function backUpMany(crowded: string, root: string): void {
    mkdirSync(crowded);
    must('sh', '-c', 'cd "$1" && seq -f "file %.0f" 200000 | tr "\\n" "\\0" | xargs -0 touch', 'sh', crowded);
    const time = installed('/usr/bin/time') ? ['/usr/bin/time', '-f', '%M'] : [];
    for (const args of [
      ['backup', crowded],
      ['backup', crowded],
      ['verify', '--quick'],
    ]) {
      const command = [process.execPath, CLI, ...args, '--root', root, '--json', '--quiet'];
      const { status, stdout, stderr } = box.run(['timeout', '280', ...time, ...command]);
      assert.equal(status, 0, stderr);
      if (time.length > 0) assert.ok(Number(stderr.trim()) < 1_200_000, `${args.join(' ')}: ${stderr.trim()} KiB`);
      if (args[0] !== 'backup') continue;
      const told = (JSON.parse(stdout) as { snapshots: SnapshotJson[] }).snapshots[0];
      assert.deepEqual([told?.files, told?.errors], [200_000, []]);
      assert.equal(readdirSync(told?.path ?? '').length, 200_000);
    }
  }

  it(`with a sparse file of ${LARGE ? 10 : 1} GiB stores and restores it sparse`, () => {
    const file = join(source, 'sparse.img');
    writeFileSync(file, 'at the start');
    truncateSync(file, (LARGE ? 10 : 1) * 2 ** 30);
    must('dd', 'if=/dev/urandom', `of=${file}`, 'bs=1M', 'count=3', 'seek=500', 'conv=notrunc', 'status=none');
    const { id, path } = box.backup(source);
    box.json(0, 'restore', id, '--to', 'restored');
    for (const copy of [join(path, 'sparse.img'), box.path('restored/sparse.img')]) {
      assert.equal(lstatSync(copy).size, lstatSync(file).size);
      assert.ok(lstatSync(copy).blocks * 512 < 8 << 20, `${lstatSync(copy).blocks * 512} bytes of ${copy}`);
      must('cmp', file, copy);
    }
  });

  it('with zeros at its files’ beginnings, middles and ends keeps every byte', () => {
    const zeros = (length: number): string => '\0'.repeat(length);
    const block = 64 << 10;
    const contents: Record<string, string> = {
      'only zeros': zeros(5 << 20),
      'zeros behind': `x${zeros((5 << 20) + 1)}`,
      'zeros before': `${zeros(5 << 20)}x`,
      'zeros between': `x${zeros(3 << 20)}y${zeros((2 << 20) - 7)}z`,
      'one block': `${'x'.repeat(2 << 20)}${zeros(block)}${'y'.repeat(block + 1)}`,
      'less than a block': `${'x'.repeat(2 << 20)}${zeros(block - 1)}`,
      'across two chunks': `${'x'.repeat((4 << 20) - 5)}${zeros(block)}${'y'.repeat(9)}`,
      'few zeros': zeros(100),
    };
    for (const [name, content] of Object.entries(contents)) box.write({ [`documents/${name}`]: content });
    const first = box.backup(source);
    assertSameTrees(source, first.path);
    box.json(0, 'restore', first.id, '--to', 'restored');
    assertSameTrees(source, box.path('restored'));
    // And when a stored one is healed from the source.
    rmSync(join(first.path, 'zeros between'));
    box.json(0, 'verify', '--heal');
    assertSameTrees(source, first.path);
  });

  it('with loops of symlinks ends, and has them as they are', () => {
    symlinkSync('self', join(source, 'self'));
    symlinkSync('b', join(source, 'a'));
    symlinkSync('a', join(source, 'b'));
    mkdirSync(join(source, 'sub'));
    symlinkSync('..', join(source, 'sub/up'));
    symlinkSync('/', join(source, 'sub/root'));
    const { id, path, symlinks } = box.backup(source);
    assert.equal(symlinks, 5);
    assertSameTrees(source, path);
    box.json(0, 'verify');
    box.json(0, 'restore', id, '--to', 'restored');
    assertSameTrees(source, box.path('restored'));
  });

  it('with FIFOs without a writer, sockets and devices records them, waits for none and names them at restore', () => {
    execFileSync('mkfifo', [join(source, 'fifo')]);
    const listen = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
    box.run([process.execPath, '-e', listen, join(source, 'socket')]);
    const special = ['fifo', 'socket'];
    if (isRoot && box.run(['mknod', join(source, 'null'), 'c', '1', '3']).status === 0) special.push('null');
    const { id, path, files } = box.backup(source);
    assert.deepEqual([files, readdirSync(path)], [1, ['a.txt']]);
    const { entries } = box.json<{ entries: { path: string; type: string }[] }>(0, 'ls', id);
    assert.deepEqual(
      entries.filter(({ type }) => type !== 'file').map(entry => entry.path),
      special.toSorted(),
    );
    box.json(0, 'verify');
    assert.deepEqual(box.json<{ changes: unknown[] }>(0, 'diff', id).changes, []);
    const { errors } = box.json<{ errors: { path: string; code: string }[] }>(3, 'restore', id, '--to', 'restored');
    assert.deepEqual(
      errors.map(error => `${error.path} ${error.code}`).sort(),
      special.map(one => `${one} ESPECIAL`).sort(),
    );
  });

  it('with setuid programs and files of others gets modes and owners back from root', function () {
    if (!isRoot) return this.skip();
    box.write({ 'documents/program': 'runs as another', 'documents/shared/file': 'of a group' });
    must('chown', '1:2', join(source, 'program'));
    must('chmod', '6755', join(source, 'program'));
    must('chown', '-R', '3:4', join(source, 'shared'));
    must('chmod', '3770', join(source, 'shared'));
    const { id, path } = box.backup(source);
    assert.equal(must('find', path, '-perm', '/7000'), '', 'none of it lies in the tree');
    box.json(0, 'restore', id, '--to', 'restored');
    const facts = (folder: string): string =>
      must('sh', '-c', 'cd "$1" && find . -printf "%P %m %U %G %s\\n" | sort', 'sh', folder);
    const withoutTop = (text: string): string[] => text.split('\n').filter(line => !line.startsWith(' '));
    assert.deepEqual(withoutTop(facts(box.path('restored'))), withoutTop(facts(source)));
  });

  it('that is a symlink is the folder that it leads to', () => {
    symlinkSync('documents', box.path('link'));
    const { path, files } = box.backup(box.path('link'));
    assert.equal(files, 1);
    assertSameTrees(source, path);
  });

  it('inside of the backup location is refused, for a run that stores what it writes has no end', () => {
    const first = box.backup(source);
    symlinkSync(join(box.root, '.phlb'), box.path('link'));
    for (const inside of [
      box.root,
      join(box.root, '.phlb'),
      join(box.root, 'documents'),
      first.path,
      box.path('link'),
    ]) {
      const { status, stdout, stderr } = box.phlb('backup', inside, '--name', 'other');
      assert.deepEqual([status, stdout], [2, ''], stderr);
      assert.match(stderr, /^phlb: The backup location cannot be backed up into itself: [^\n]*\n$/);
    }
    assert.deepEqual([box.ids(), existsSync(join(box.root, 'other'))], [[first.id], false]);
    const around = box.backup(box.home, '--name', 'home');
    assert.ok(!existsSync(join(around.path, 'PyHardLinkBackups')), 'around it, it is left out');
    assert.equal(sha256sum(join(first.path, 'a.txt')), sha256sum(join(source, 'a.txt')));
  });
});

function stands(path: string): boolean {
  try {
    lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
