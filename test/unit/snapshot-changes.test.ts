import * as assert from 'node:assert/strict';
import type { DiffResult } from '../../src/engine/diff.js';
import { SnapshotChanges } from '../../src/host/catalog/snapshot-changes.js';

const counts = { added: 0, removed: 0, modified: 1, moved: 0, metadata: 0, unstored: 0 };
const answer = (older: string, newer: string): DiffResult => ({
  older,
  newer,
  changes: [{ path: 'report.md', change: 'modified', type: 'file' }],
  counts,
  errors: [],
});
const pair = (newer: number): { storeId: string; older: string; newer: string } => ({
  storeId: 'a1',
  older: `d/${newer - 1}`,
  newer: `d/${newer}`,
});

describe('The changes between snapshots', () => {
  it('are asked for once, however many want to know, else every open folder costs a comparison', async () => {
    let asked = 0;
    const changes = new SnapshotChanges(
      async (older, newer) => {
        asked++;
        await new Promise(resolve => setTimeout(resolve, 5));
        return answer(older, newer);
      },
      () => assert.fail(),
    );
    assert.equal(changes.known(pair(1)), undefined);
    const [one, two] = await Promise.all([changes.between(pair(1)), changes.between(pair(1))]);
    assert.equal(one, two);
    assert.equal(await changes.between(pair(1)), one);
    assert.equal(changes.known(pair(1)), one);
    assert.equal(one?.find('report.md')?.mark, 'modified');
    assert.equal(asked, 1);
  });

  it('are asked for again after a failure, which is told once', async () => {
    const failures: unknown[] = [];
    let broken = true;
    const changes = new SnapshotChanges(
      async (older, newer) => {
        if (broken) throw new Error('unreadable');
        return answer(older, newer);
      },
      (_, error) => failures.push(error),
    );
    assert.deepEqual(await Promise.all([changes.between(pair(1)), changes.between(pair(1))]), [undefined, undefined]);
    assert.equal(failures.length, 1);
    broken = false;
    assert.ok(await changes.between(pair(1)));
  });

  it('are not all kept, else a long look around fills the memory', async () => {
    const changes = new SnapshotChanges(
      async (older, newer) => answer(older, newer),
      () => assert.fail(),
    );
    for (let newer = 1; newer <= 100; newer++) {
      await changes.between(pair(newer));
      await changes.between(pair(1));
    }
    const kept = Array.from({ length: 100 }, (_, at) => at + 1).filter(newer => changes.known(pair(newer)));
    assert.ok(kept.length < 30, `${kept.length} kept`);
    assert.ok(kept.includes(1), 'the one in use was dropped');
    assert.ok(kept.includes(100));
  });
});
