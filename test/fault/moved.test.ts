import assert from 'node:assert/strict';
import {
  chmodSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { keepsChangeTimes } from '../../src/engine/scan/change-times.js';
import { elapse } from '../support/elapse.js';
import { assertManifestTells, assertSameTrees, sameInode } from '../support/judges.js';
import { Sandbox, type Published } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';
import { Ground } from './support/ground.js';

describe('What was moved since the last snapshot', () => {
  let box: Sandbox;
  let ground: Ground;
  let source: string;
  let first: Published;

  beforeEach(function () {
    box = new Sandbox();
    ground = new Ground(box);
    // Where every reading leaves its time behind.
    const memory = ground.tmpfs('memory', 'size=64m,strictatime');
    if (memory === undefined) return this.skip();
    source = join(memory, 'documents');
    mkdirSync(join(source, 'letters', 'old'), { recursive: true });
    for (let n = 0; n < 40; n++)
      writeFileSync(join(source, 'letters', n % 2 === 0 ? 'old' : '', `${n}.txt`), `letter ${n}`);
    writeFileSync(join(source, 'letters', 'film'), Buffer.alloc(3_000_000, 'film'));
    first = box.backup(source);
    // Younger ones are read again anyway.
    elapse(box.root);
  });
  afterEach(() => {
    ground.dispose();
    box.dispose();
  });

  it('in a folder is linked without being read, whatever its size', () => {
    const names = ['film', '1.txt', 'old/2.txt'];
    const readAt = names.map(name => lstatSync(join(source, 'letters', name)).atimeMs);
    renameSync(join(source, 'letters'), join(source, 'post'));
    const second = box.backup(source);
    assert.deepEqual(
      names.map(name => lstatSync(join(source, 'post', name)).atimeMs),
      readAt,
      'nothing was read',
    );
    assert.deepEqual([second.files, second.linkedFiles, second.copiedFiles], [41, 41, 0]);
    for (const name of names) {
      assert.ok(sameInode(join(first.path, 'letters', name), join(second.path, 'post', name)), name);
    }
    assertSameTrees(source, second.path);
    assertManifestTells(box.manifest(second.id), inventory(source));
    assert.deepEqual(box.indexFiles(), []);
    elapse(box.root);
    assert.equal(box.backup(source).unchangedFiles, 41);
    assert.deepEqual(box.json<{ damaged: object[] }>(0, 'verify').damaged, []);
  });

  it('is found by history all the same', () => {
    renameSync(join(source, 'letters'), join(source, 'post'));
    const second = box.backup(source);
    const { changes } = box.json<{ changes: { change: string; path: string; from?: string }[] }>(
      0,
      'diff',
      first.id,
      second.id,
    );
    const film = changes.find(({ path }) => path === 'post/film');
    assert.deepEqual([film?.change, film?.from], ['moved', 'letters/film']);
  });

  it('by itself, which the change time does not tell from an edit, is read and linked', () => {
    renameSync(join(source, 'letters/1.txt'), join(source, 'first letter.txt'));
    const second = box.backup(source);
    assert.deepEqual([second.linkedFiles, second.copiedFiles], [1, 0]);
    assert.ok(sameInode(join(first.path, 'letters/1.txt'), join(second.path, 'first letter.txt')));
    assert.deepEqual(box.indexFiles(), []);
  });

  it('and edited has its new content, although size and time are the old ones', () => {
    const { atime, mtime } = statSync(join(source, 'letters/1.txt'));
    renameSync(join(source, 'letters'), join(source, 'post'));
    writeFileSync(join(source, 'post/1.txt'), 'LETTER 1');
    utimesSync(join(source, 'post/1.txt'), atime, mtime);
    const second = box.backup(source);
    assert.deepEqual([second.linkedFiles, second.copiedFiles], [40, 1]);
    assert.equal(readFileSync(join(second.path, 'post/1.txt'), 'utf8'), 'LETTER 1');
  });

  it('and whose mode has changed is stored with the new one', () => {
    renameSync(join(source, 'letters'), join(source, 'post'));
    chmodSync(join(source, 'post/1.txt'), 0o755);
    const second = box.backup(source);
    assert.deepEqual([second.linkedFiles, second.copiedFiles], [40, 1]);
    assert.equal(statSync(join(second.path, 'post/1.txt')).mode & 0o111, 0o111);
  });

  it('is stored afresh where its old place is damaged, which is told by the name that it has there', () => {
    for (const name of ['film', '1.txt']) {
      chmodSync(join(first.path, 'letters', name), 0o644);
      truncateSync(join(first.path, 'letters', name), 1);
    }
    renameSync(join(source, 'letters'), join(source, 'post'));
    const second = box.backup(source);
    assert.deepEqual(second.damaged.map(({ path }) => path).sort(), ['letters/1.txt', 'letters/film']);
    assert.deepEqual([second.linkedFiles, second.copiedFiles], [39, 2]);
    assertSameTrees(source, second.path);
  });

  it('and left a name behind is one content under both', () => {
    linkSync(join(source, 'letters/film'), join(source, 'letters/the film'));
    const second = box.backup(source);
    assert.equal(second.copiedFiles, 0);
    assert.ok(sameInode(join(second.path, 'letters/film'), join(second.path, 'letters/the film')));
  });

  it('is read with --checksum', () => {
    const readAt = lstatSync(join(source, 'letters/film')).atimeMs;
    renameSync(join(source, 'letters'), join(source, 'post'));
    assert.equal(box.backup(source, '--checksum').copiedFiles, 0);
    assert.ok(lstatSync(join(source, 'post/film')).atimeMs > readAt);
  });

  it('is not taken for a new file that has got the inode of a deleted one', () => {
    for (const name of readdirSync(join(source, 'letters/old'))) {
      const { size, atime, mtime } = statSync(join(source, 'letters/old', name));
      rmSync(join(source, 'letters/old', name));
      writeFileSync(join(source, `new ${name}`), 'x'.repeat(size));
      utimesSync(join(source, `new ${name}`), atime, mtime);
    }
    const second = box.backup(source);
    assertSameTrees(source, second.path);
    for (let n = 0; n < 40; n += 2) assert.match(readFileSync(join(second.path, `new ${n}.txt`), 'utf8'), /^x+$/);
  });
});

describe('Change times', () => {
  it('are relied on where the kernel keeps them, and nowhere else: those of an image or a server may be made up', function () {
    const box = new Sandbox();
    const ground = new Ground(box);
    try {
      const found = [ground.tmpfs('memory', 'size=1m'), ground.ext4('disk', 20), ground.exfat('card', 20)];
      if (found.includes(undefined)) return this.skip();
      assert.deepEqual(
        found.map(folder => keepsChangeTimes(folder ?? '')),
        [true, true, false],
      );
      assert.equal(keepsChangeTimes('/proc'), false);
      assert.equal(keepsChangeTimes(join(box.dir, 'missing')), false);
    } finally {
      ground.dispose();
      box.dispose();
    }
  });
});
