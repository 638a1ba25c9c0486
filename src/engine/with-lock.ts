import { afterwards } from './afterwards.js';
import { isCancelled, type Context } from './context.js';
import { textOf } from './phrase.js';
import { acquireLock, type StoreLock } from './store/lock.js';
import type { Store } from './store/root.js';
import { hostId } from './store/state.js';
import { fullStoreError } from './store/store-error.js';

/**
 * Runs an operation under the store's lock. Its result has notes: once it is done, that the lock cannot be removed is one of
 * them, and no failure.
 * @throws PhlbError `store` also for any write that the disk had no room for
 */
export async function withLock<T extends { notes: string[] }>(
  store: Store,
  context: Context,
  operate: (lock: StoreLock, notes: string[]) => Promise<T>,
): Promise<T> {
  const notes: string[] = [];
  const lock = await acquireLock(store.layout.lock, hostId(store.place.state), {
    cancelled: () => isCancelled(context),
    onWait: detail => context.onProgress({ phase: 'waiting', files: 0, bytes: 0, detail }),
    onTakeover: detail => notes.push(`Took over the lock of a run that had ended: ${textOf(detail)}`),
  });
  const release = (toBeTold: string[]): Promise<void> =>
    afterwards(toBeTold, `The lock cannot be removed, which the next run does: ${store.layout.lock}`, () =>
      lock.release(),
    );
  let result: T;
  try {
    result = await operate(lock, notes);
  } catch (error) {
    // What it has failed of is told, and nothing else.
    await release([]);
    throw fullStoreError(error, store.layout.root);
  }
  await release(result.notes);
  return result;
}
