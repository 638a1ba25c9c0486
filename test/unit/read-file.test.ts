import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, closeSync, lstatSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import { openToRead, readFile } from '../../src/engine/transfer/read-file.js';
import { Sandbox } from '../support/sandbox.js';

describe('Reading a file', () => {
  let box: Sandbox;
  let file: string;

  beforeEach(() => {
    box = new Sandbox();
    file = box.path('log');
  });
  afterEach(() => box.dispose());

  it('that grows faster than it is read comes to an end; what was read has the hash that is recorded', () => {
    writeFileSync(file, 'a line\n');
    let stored: Buffer[] = [];
    const read = readFile(
      openToRead(file),
      () => false,
      chunk => {
        stored.push(Buffer.from(chunk));
        appendFileSync(file, Buffer.alloc(2 * chunk.length + 4096, 'more\n'));
      },
      () => (stored = []),
    );
    const bytes = Buffer.concat(stored);
    assert.equal(read.unstable, true);
    assert.equal(read.size, bytes.length);
    assert.equal(read.sha256, createHash('sha256').update(bytes).digest('hex'));
    assert.ok(read.size < lstatSync(file).size);
    assert.equal(bytes.compare(readFileSync(file), 0, bytes.length), 0, 'a beginning of the log');
  });

  it('that is not what was seen a moment before is read as it is by now', () => {
    writeFileSync(file, 'old');
    const seen = lstatSync(file, { bigint: true });
    writeFileSync(file, 'new, and longer');
    let stored: Buffer[] = [];
    const read = readFile(
      openToRead(file),
      () => false,
      chunk => stored.push(Buffer.from(chunk)),
      () => (stored = []),
      seen,
    );
    assert.equal(Buffer.concat(stored).toString(), 'new, and longer');
    assert.deepEqual([read.unstable, read.size], [false, 15]);
    assert.equal(read.sha256, createHash('sha256').update('new, and longer').digest('hex'));
  });

  it('that has become a folder or a FIFO since it was seen is told as no file, whatever the system says of reading it', function () {
    if (process.platform === 'win32') return this.skip();
    writeFileSync(file, 'a file');
    const seen = lstatSync(file, { bigint: true });
    const [folder, fifo] = [box.path('folder'), box.path('fifo')];
    mkdirSync(folder);
    execFileSync('mkfifo', [fifo]);
    const writer = openSync(fifo, 'r+');
    try {
      for (const path of [folder, fifo]) {
        assert.throws(() => readFile(openToRead(path), () => false, undefined, undefined, seen), { code: 'ENOTFILE' });
      }
    } finally {
      closeSync(writer);
    }
  });

  it('whose size is not told beforehand (as of some FUSE file systems) reads all of it', function () {
    if (process.platform !== 'linux') return this.skip();
    const read = readFile(openToRead('/proc/kallsyms'), () => false);
    assert.ok(read.size > 4096, `${read.size}`);
  });
});
