import { strict as assert } from 'node:assert';
import { setTimeout as pause } from 'node:timers/promises';
import { onAllThreads } from '../../src/engine/threads/on-all-threads.js';
import type { Pool, PoolThread } from '../../src/engine/threads/pool.js';
import { PhlbError } from '../../src/engine/words/errors.js';

describe('work on all threads', () => {
  const two = [{}, {}] as PoolThread[];
  const cancel = new SharedArrayBuffer(4);
  const pool: Pool = {
    threads: two,
    own: {} as PoolThread,
    pays: true,
    forMoments: two,
    start: () => undefined,
    setUp: () => undefined,
    close: async () => undefined,
  };
  const context = { pool: () => pool, cancel };
  beforeEach(() => void Atomics.store(new Int32Array(cancel), 0, 0));

  it('is done by as many as there are, and told in the order of the items', async () => {
    let busy = 0;
    let most = 0;
    const doubled = await onAllThreads([40, 1, 20, 2, 3], context, async (_, ms) => {
      most = Math.max(most, ++busy);
      await pause(ms);
      busy--;
      return ms * 2;
    });
    assert.deepEqual([doubled, most], [[80, 2, 40, 4, 6], 2]);
  });

  it('ends with the first error, once what was begun has ended', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const work = onAllThreads([0, 1, 2, 3], context, async (_, item) => {
      begun.push(item);
      await pause(item === 0 ? 30 : 1);
      if (item === 1) throw new PhlbError('damaged', 'the first');
      ended.push(item);
    });
    await assert.rejects(work, /the first/);
    assert.deepEqual([begun, ended], [[0, 1], [0]]);
  });

  it('begins nothing once it is cancelled, and has done all when there was nothing left to begin', async () => {
    const begun: number[] = [];
    const cancelAt = (last: number, items: number[]): Promise<unknown> =>
      onAllThreads(items, context, async (_, item) => {
        begun.push(item);
        await pause(1);
        if (item === last) Atomics.store(new Int32Array(cancel), 0, 1);
      });
    await assert.rejects(cancelAt(1, [0, 1, 2, 3, 4, 5]), (error: unknown) => PhlbError.is(error, 'cancelled'));
    assert.ok(!begun.includes(5), String(begun));
    Atomics.store(new Int32Array(cancel), 0, 0);
    await cancelAt(7, [6, 7]);
    assert.deepEqual(begun.slice(-2), [6, 7]);
  });

  describe('of a moment', () => {
    const own = {} as PoolThread;
    let worked: number;
    // Pays once two items have been done here, as if they had taken the moment.
    const lazy: Pool = {
      ...pool,
      own,
      get pays() {
        return worked >= 2;
      },
    };
    const here = { pool: () => lazy, cancel };
    const whoDoes = (items: string[]): Promise<string[]> =>
      onAllThreads(
        items,
        here,
        async thread => {
          await pause(1);
          if (thread !== own) return 'there';
          worked++;
          return 'here';
        },
        item => item === 'long',
      );
    beforeEach(() => (worked = 0));

    it('is done here, so that no thread starts for it', async () => {
      assert.deepEqual(await whoDoes(['short', 'short']), ['here', 'here']);
      worked = 0;
      assert.deepEqual(await whoDoes([]), []);
    });

    it('and no more: what follows is done by the others', async () => {
      assert.deepEqual(await whoDoes(Array(5).fill('short')), ['here', 'here', 'there', 'there', 'there']);
      assert.deepEqual(await whoDoes(['short']), ['there']);
    });

    it('ends with what takes longer, which is never done here: this thread has signals to answer', async () => {
      assert.deepEqual(await whoDoes(['short', 'long', 'short']), ['here', 'there', 'there']);
      worked = 0;
      assert.deepEqual(await whoDoes(['long']), ['there']);
    });
  });
});
