import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flip } from '../support/damage.js';
import { sameInode } from '../support/judges.js';
import { write1xBackup, write2016Backup, writeFirstBackup } from '../support/old-backups.js';
import { Sandbox } from '../support/sandbox.js';

interface Problems {
  damaged: { snapshot: string; path: string; problem: string }[];
}

const STAMP = '2016-01-07-085247';
const ID = `documents/${STAMP}`;
const FILES = { 'a.txt': 'content of a', 'sub/b.txt': 'content of b', 'sub/empty': '' };

// Facts: the README of January 2016. A side-car of 128 hex digits beside each file; neither log nor configuration.
describe('A tree of the first PyHardLinkBackup', () => {
  let box: Sandbox;
  let tree: string;

  beforeEach(() => {
    box = new Sandbox();
    tree = writeFirstBackup(box.root, 'documents', STAMP, FILES);
  });
  afterEach(() => box.dispose());

  const takeOver = (status = 0): void => void box.json(status, 'rebuild', '--rehash');
  const paths = (id = ID): string[] =>
    box
      .json<{ entries: { path: string; type: string }[] }>(0, 'ls', id)
      .entries.flatMap(({ path, type }) => (type === 'dir' ? [] : [path]));
  const problems = (): string[][] =>
    box.json<Problems>(3, 'verify').damaged.map(({ snapshot, path, problem }) => [snapshot, path, problem]);

  it('in which a file has rotted is not called sound, whether it rotted before or after it was taken over', () => {
    flip(join(tree, 'a.txt'));
    takeOver(3);
    flip(join(tree, 'sub/b.txt'));
    assert.deepEqual(problems(), [
      [ID, 'a.txt', 'content'],
      [ID, 'sub/b.txt', 'content'],
    ]);
  });

  it('stands beside trees of later versions and of PHLB, each told by itself', () => {
    write2016Backup(box.root, 'documents', '2017-02-03-101112', FILES);
    write1xBackup(box.root, 'documents', '2025-02-03-101112', FILES);
    box.write({ 'documents/a.txt': FILES['a.txt'], 'documents/a.txt.sha512': hash(FILES['a.txt']) });
    takeOver();
    const run = box.backup(box.path('documents'));
    assert.deepEqual([run.linkedFiles, run.copiedFiles], [1, 1]);
    assert.deepEqual(paths(run.id), ['a.txt', 'a.txt.sha512'], 'in a tree of PHLB it is a file as any other');
    for (const stamp of [STAMP, '2017-02-03-101112', '2025-02-03-101112']) {
      assert.deepEqual(paths(`documents/${stamp}`), Object.keys(FILES).sort());
    }
    assert.deepEqual(box.json<Problems>(0, 'verify').damaged, []);
  });

  it('holds the files of its user that look like side-cars: with more in them, or with one of their own', () => {
    const own = `${hash('x')}  a.txt\n`;
    write('sub/sums.sha512', own);
    write('sub/sums.sha512.sha512', hash(own));
    write('upper', 'u');
    write('upper.sha512', hash('u').toUpperCase());
    write('line', 'l');
    write('line.sha512', `${hash('l')}\n`);
    takeOver();
    assert.deepEqual(
      paths(),
      [...Object.keys(FILES), 'line', 'line.sha512', 'sub/sums.sha512', 'upper', 'upper.sha512'].sort(),
    );
    box.json(0, 'verify');
    flip(join(tree, 'sub/sums.sha512'));
    assert.deepEqual(problems(), [[ID, 'sub/sums.sha512', 'content']]);
  });

  it('is known although it has lost a side-car, and of a file that it has lost the side-car tells', () => {
    rmSync(join(tree, 'a.txt.sha512'));
    rmSync(join(tree, 'sub/b.txt'));
    takeOver(3);
    assert.deepEqual(paths(), ['a.txt', 'sub/empty']);
    assert.deepEqual(problems(), [[ID, 'sub/b.txt', 'missing']]);
  });

  it('holds symlinks, which have no side-cars, and nothing is read through one', () => {
    symlinkSync('a.txt', join(tree, 'link'));
    symlinkSync('a.txt.sha512', join(tree, 'other.sha512'));
    takeOver();
    assert.deepEqual(paths(), ['a.txt', 'link', 'other.sha512', 'sub/b.txt', 'sub/empty']);
    box.json(0, 'verify');
  });

  it('is no tree in which a few downloads have such files', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`notes/${n}.txt`, `note ${n}`]));
    for (const [path, text] of Object.entries({ ...many, 'x.iso': 'x', 'x.iso.sha512': hash('x') })) {
      box.write({ [`home/PyHardLinkBackups/downloads/${STAMP}/${path}`]: text });
    }
    takeOver();
    assert.ok(paths(`downloads/${STAMP}`).includes('x.iso.sha512'));
    assert.equal(paths(`downloads/${STAMP}`).length, 11);
  });

  it('is never altered: not by the first run, which links to it, nor by a purge or a heal', () => {
    takeOver();
    const side = readFileSync(join(tree, 'a.txt.sha512'), 'utf8');
    box.write({ 'documents/moved/a.txt': FILES['a.txt'] });
    const run = box.backup(box.path('documents'));
    assert.equal(run.copiedFiles, 0);
    assert.ok(sameInode(join(run.path, 'moved/a.txt'), join(tree, 'a.txt')));
    assert.equal(box.phlb('purge', 'a.txt', '--yes').status, 3);
    flip(join(tree, 'sub/b.txt'));
    assert.equal(box.phlb('verify', '--heal').status, 3);
    assert.ok(existsSync(join(tree, 'a.txt')));
    assert.equal(readFileSync(join(tree, 'a.txt.sha512'), 'utf8'), side);
  });

  function write(path: string, text: string): void {
    writeFileSync(join(tree, path), text);
  }
});

function hash(text: string): string {
  return createHash('sha512').update(text).digest('hex');
}
