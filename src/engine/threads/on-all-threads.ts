import { isCancelled } from '../words/call.js';
import { PhlbError } from '../words/errors.js';
import type { Context } from './context.js';
import { Lanes, type Job } from './lanes.js';
import type { PoolThread } from './pool.js';

/**
 * Works on many items with all threads of the pool: each takes the next one as soon as it is done with its last. The first
 * error ends all: nothing is begun any more, and what was begun is waited for. Returns what `work` did, in the order of
 * the items.
 * @param isLong whether an item may take longer than a moment; those that do not are done here while there are few
 * @throws PhlbError `cancelled` for an item that is not begun any more; what `work` throws
 */
export async function onAllThreads<T, R>(
  items: readonly T[],
  context: Pick<Context, 'pool' | 'cancel'>,
  work: (thread: PoolThread, item: T, at: number) => Promise<R>,
  isLong: (item: T) => boolean = () => true,
): Promise<R[]> {
  const results: R[] = [];
  const queue = items.entries();
  const next = (): Job | undefined => {
    const { done, value } = queue.next();
    if (done === true) return undefined;
    const [at, item] = value;
    if (isCancelled(context)) throw PhlbError.cancelled();
    return { isLong: isLong(item), run: async thread => void (results[at] = await work(thread, item, at)) };
  };
  await new Lanes(context.pool(), next, () => undefined, 1).run();
  return results;
}
