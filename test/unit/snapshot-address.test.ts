import * as assert from 'node:assert/strict';
import { nameFromBuffer } from '../../src/engine/words/names.js';
import { decodeKey, encodeKey, escapeName, unescapeName } from '../../src/host/catalog/snapshot-address.js';

describe('The address of a past file', () => {
  it('survives the editor, which lower-cases authorities', () => {
    const key = { storeId: 'a1b2', snapshotId: 'Documents Ä/2016-01-07-085247-2' };
    const authority = encodeKey(key);
    assert.match(authority, /^[0-9a-f]+$/);
    assert.deepEqual(decodeKey(authority), key);
  });

  it('is not taken from what somebody else made', () => {
    for (const authority of [
      '',
      'x',
      'abc',
      'zz',
      Buffer.from('/x').toString('hex'),
      Buffer.from('x/').toString('hex'),
    ]) {
      assert.equal(decodeKey(authority), undefined, authority);
    }
  });

  it('holds any name, else files that only old systems can name could not be opened', () => {
    const names = [
      'report.md',
      'größe 日本.txt',
      nameFromBuffer(Buffer.from([0x66, 0xff, 0xfe, 0x2e, 0x74])),
      // A true character of the range that stands for bytes.
      String.fromCodePoint(0x10ff85),
      `${String.fromCodePoint(0x10ffff)}/${nameFromBuffer(Buffer.from([0xe9]))}`,
    ];
    for (const name of names) {
      const escaped = escapeName(name);
      assert.ok(escaped.isWellFormed(), 'an address must be well-formed');
      assert.equal(unescapeName(decodeURIComponent(encodeURIComponent(escaped))), name);
    }
  });
});
