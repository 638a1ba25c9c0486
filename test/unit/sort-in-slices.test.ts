import * as assert from 'node:assert/strict';
import fc from 'fast-check';
import { sortInSlices } from '../../src/host/editor/sort-in-slices.js';

describe('Sorting in slices', () => {
  it('gives what sorting gives, else files of a large folder are not where one looks for them', async () => {
    const items = fc.array(fc.record({ key: fc.nat(50), other: fc.nat() }), { maxLength: 3000, size: 'max' });
    await fc.assert(
      fc.asyncProperty(items, async all => {
        const compare = (a: { key: number }, b: { key: number }): number => a.key - b.key;
        assert.deepEqual(await sortInSlices(all, compare), all.toSorted(compare));
      }),
      { numRuns: 30 },
    );
  });

  it('lets others work in between, else the editor stands still', async () => {
    const many = Array.from({ length: 100_000 }, (_, at) => `file-${(at * 7919) % 100_000}`);
    let turns = 0;
    const turn = setInterval(() => turns++, 1);
    const sorted = await sortInSlices(many, (a, b) => (a < b ? -1 : 1));
    clearInterval(turn);
    assert.equal(sorted[0], 'file-0');
    assert.ok(turns >= 2, `${turns} turns`);
  });
});
