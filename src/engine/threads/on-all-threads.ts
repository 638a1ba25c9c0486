import { isCancelled } from '../words/call.js';
import { PhlbError } from '../words/errors.js';
import type { Context } from './context.js';
import type { PoolThread } from './pool.js';

/**
 * Works on many items with all threads of the pool: each takes the next one as soon as it is done with its last. The first
 * error ends all: nothing is begun any more, and what was begun is waited for. Returns what `work` did, in the order of
 * the items.
 * @throws PhlbError `cancelled` for an item that is not begun any more; what `work` throws
 */
export async function onAllThreads<T, R>(
  items: readonly T[],
  context: Pick<Context, 'pool' | 'cancel'>,
  work: (thread: PoolThread, item: T, at: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const errors: unknown[] = [];
  const queue = items.entries();
  const takeTurns = async (thread: PoolThread): Promise<void> => {
    for (const [at, item] of queue) {
      if (errors.length > 0) return;
      if (isCancelled(context)) throw PhlbError.cancelled();
      results[at] = await work(thread, item, at);
    }
  };
  await Promise.all(context.pool().threads.map(thread => takeTurns(thread).catch(error => errors.push(error))));
  if (errors.length > 0) throw errors[0];
  return results;
}
