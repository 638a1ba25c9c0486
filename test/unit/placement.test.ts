import assert from 'node:assert/strict';
import type { FileFacts } from '../../src/engine/words/contents.js';
import type { LinkCandidate } from '../../src/engine/transfer/candidate.js';
import { Placement } from '../../src/engine/run/placement.js';

const facts = { sha256: 'a'.repeat(64), mode: 0o644, size: 1 } as FileFacts;
const full: LinkCandidate = { path: '/root/documents/1/a', storedMtime: 1, snapshot: 'documents/1', name: 'a' };
const key = `${facts.sha256}444`;
const file = (id: number): { id: number; path: string; facts: FileFacts } => ({ id, path: `f${id}`, facts });
const linked = (id: number): Parameters<Placement['placed']>[1] => ({ ...answer(id), how: 'linked' });
const copied = (id: number): Parameters<Placement['placed']>[1] => ({ ...answer(id), how: 'copied' });
const answer = (id: number): { id: number; facts: FileFacts; storedMtime: number; damaged: [] } => ({
  ...{ id, facts, storedMtime: 1 },
  damaged: [],
});

const noScans = (): Promise<void> => Promise.resolve();

describe('Placing a content whose inode has just reached its link limit', () => {
  let placement: Placement;

  // Two files are being linked to the old inode when it is full: the first is answered late, the second is refused.
  beforeEach(async () => {
    placement = new Placement('/partial', null, () => [full]);
    await placement.decide([file(1)], noScans);
    placement.placed('f1', linked(1));
    await placement.decide([file(2)], noScans);
    const { now } = await placement.decide([file(3)], noScans);
    placement.spent(key, now[0]?.candidates ?? []);
  });

  it('is written once, although another thread still tells of the old inode, else it takes room twice', async () => {
    const { now } = await placement.decide([file(3)], noScans);
    assert.equal(now[0]?.orWrite, true);
    placement.placed('f2', linked(2));
    const waiting = await placement.decide([file(4)], noScans);
    assert.equal(waiting.now.length, 0, 'the fourth waits for what the third is writing');
    placement.placed('f3', copied(3));
    await waiting.later[0]?.ready;
    const then = await placement.decide([file(4)], noScans);
    assert.deepEqual(
      then.now.map(({ candidates, orWrite }) => [candidates[0]?.path, orWrite]),
      [['/partial/f3', false]],
    );
  });

  it('is not given up since another file of it could not be placed', async () => {
    await placement.decide([file(3)], noScans);
    placement.failed(facts, 2);
    assert.equal((await placement.decide([file(4)], noScans)).now.length, 0);
    placement.failed(facts, 3);
    assert.equal((await placement.decide([file(4)], noScans)).now[0]?.orWrite, true);
  });
});
