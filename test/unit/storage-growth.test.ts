import * as assert from 'node:assert/strict';
import { growthOf } from '../../src/views/storage/growth.js';

describe('The curves of the storage page', () => {
  it('end at what the disk says, else the chart and the figures contradict each other', () => {
    // The first snapshot of this source has been deleted: what it stored and the others still hold is nobody's copy.
    const points = growthOf({
      name: 'documents',
      snapshots: 2,
      apparentBytes: 2100,
      storedBytes: 1100,
      uniqueBytes: 1100,
      growth: [
        { id: 'documents/2016-01-08-120000', startedAt: '2016-01-08T12:00:00Z', bytes: 1000, copiedBytes: 0 },
        { id: 'documents/2016-01-09-120000', startedAt: '2016-01-09T12:00:00Z', bytes: 1100, copiedBytes: 100 },
      ],
    });
    assert.deepEqual(points, [
      { startedAt: '2016-01-08T12:00:00Z', copies: 1000, stored: 1000 },
      { startedAt: '2016-01-09T12:00:00Z', copies: 2100, stored: 1100 },
    ]);
  });

  it('never go below nothing, else a strange record breaks the chart', () => {
    const growth = [5, 5].map((copiedBytes, n) => ({
      ...{ id: `d/${n}`, startedAt: `2016-01-0${n + 1}T00:00:00Z` },
      bytes: 90,
      copiedBytes,
    }));
    const [first] = growthOf({ name: 'd', snapshots: 2, apparentBytes: 10, storedBytes: 1, uniqueBytes: 1, growth });
    assert.deepEqual([first?.copies, first?.stored], [0, 0]);
  });
});
