import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Claims } from '../../src/engine/transfer/claims.js';
import { contentNumber } from '../../src/engine/words/contents.js';

const A = 'a'.repeat(64);
const BITS = 0o444;

describe('What the threads of a run tell each other of contents', () => {
  let one: Claims;
  let other: Claims;

  beforeEach(() => {
    one = new Claims(Claims.share(100));
    other = new Claims(one.memory);
  });

  it('is who stores a content, and where it stands then, whatever bytes its name is of', () => {
    const path = 'a folder/\udc80 ä 漢 😀';
    for (const [at, plain] of ['plain/é\xff\x01', ''].entries()) {
      assert.equal(one.take(`${at}`.repeat(64), BITS, plain), 'first');
      one.placed(`${at}`.repeat(64), BITS, { path: plain, mtime: at });
      assert.deepEqual(other.find(`${at}`.repeat(64), BITS), { path: plain, mtime: at });
    }
    assert.equal(one.take(A, BITS, path), 'first');
    assert.equal(other.take(A, BITS, 'b'), 'elsewhere');
    assert.equal(other.take(A, 0o555, 'b'), 'first', 'another mode is another file');
    one.placed(A, BITS, { path, mtime: 1_700_000_000_123_456 });
    assert.deepEqual(other.take(A, BITS, 'b'), { path, mtime: 1_700_000_000_123_456 });
    assert.deepEqual(other.find(A, BITS), { path, mtime: 1_700_000_000_123_456 });
    other.placed(A, BITS, { path: 'b', mtime: -1 });
    assert.deepEqual(one.find(A, BITS), { path: 'b', mtime: -1 }, 'the inode of the first one was full');
  });

  it('is that one could not be stored, so that the next one stores it', () => {
    one.take(A, BITS, 'a');
    one.failed(A, BITS);
    assert.equal(other.take(A, BITS, 'b'), 'first');
    assert.equal(one.take(A, BITS, 'a'), 'elsewhere');
    other.placed(A, BITS, { path: 'b', mtime: 0 });
    one.failed(A, BITS);
    assert.deepEqual(one.find(A, BITS), { path: 'b', mtime: 0 }, 'what stands is not taken back');
  });

  it('never takes one content for another that has its number', () => {
    const alike = `${A.slice(0, 60)}0000`;
    assert.equal(contentNumber(A, BITS), contentNumber(alike, BITS));
    one.take(A, BITS, 'a');
    one.placed(A, BITS, { path: 'a', mtime: 0 });
    assert.equal(one.take(alike, BITS, 'b'), 'elsewhere');
    assert.equal(one.find(alike, BITS), undefined);
  });

  it('are the numbers of all that was placed, or that there were too many', () => {
    const hash = (n: number): string => createHash('sha256').update(`${n}`).digest('hex');
    const place = (n: number): void => {
      if (one.take(hash(n), BITS, `${n}`) === 'first') one.placed(hash(n), BITS, { path: `${n}`, mtime: n });
    };
    for (let n = 0; n < 100; n++) place(n);
    const numbers = one.placedNumbers() ?? assert.fail();
    assert.deepEqual([...numbers].sort(), [...Array(100).keys()].map(n => contentNumber(hash(n), BITS)).sort());
    for (let n = 0; n < 100; n++) assert.deepEqual(other.find(hash(n), BITS), { path: `${n}`, mtime: n });
    for (let n = 100; n < 100_000; n++) place(n);
    // Placed in the other way, by the engine's thread.
    one.placed(hash(99_999), BITS, { path: 'x', mtime: 0 });
    assert.equal(one.placedNumbers(), null);
    assert.deepEqual(other.find(hash(0), BITS), { path: '0', mtime: 0 });
  });

  it('has room for as many as it is made for, with long paths, else each of a large tree costs messages', () => {
    const many = 20_000;
    const wide = new Claims(Claims.share(many));
    for (let n = 0; n < many; n++) {
      const hash = createHash('sha256').update(`${n}`).digest('hex');
      const path = `${'folder-12345/'.repeat(14)}${n}`;
      assert.equal(wide.take(hash, BITS, path), 'first');
      wide.placed(hash, BITS, { path, mtime: n });
    }
    assert.equal(wide.placedNumbers()?.length, many);
  });
});
