import { afterwards } from '../files/afterwards.js';
import { isCancelled, type Call } from '../words/call.js';
import { textOf } from '../words/phrase.js';
import { acquireLock, type StoreLock } from './lock.js';
import type { Store } from './root.js';
import { hostId } from './state.js';
import { fullStoreError } from '../files/store-error.js';

/**
 * Runs an operation under the store's lock. Its result has notes: once it is done, that the lock cannot be removed is one of
 * them, and no failure.
 * @throws PhlbError `store` also for any write that the disk had no room for
 */
export async function withLock<T extends { notes: string[] }>(
  store: Store,
  call: Call,
  operate: (lock: StoreLock, notes: string[]) => Promise<T>,
): Promise<T> {
  const notes: string[] = [];
  const lock = await acquireLock(store.layout.lock, hostId(store.location.state), {
    cancelled: () => isCancelled(call),
    onWait: detail => call.onProgress({ phase: 'waiting', files: 0, bytes: 0, detail }),
    onTakeover: detail => notes.push(`Took over the lock of a run that had ended: ${textOf(detail)}`),
  });
  const release = (toBeTold: string[]): Promise<void> =>
    afterwards(toBeTold, `The lock cannot be removed; the next run will do so: ${store.layout.lock}`, () =>
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
