/** Asking the index: brought up to date first, and saved like that where the lock is free. */
import type { Database } from 'sql.js';
import type { Context } from '../threads/context.js';
import { isCancelled } from '../words/call.js';
import { passAllButRefusals, PhlbError } from '../words/errors.js';
import { withIndex } from './kept-index.js';
import type { StoreIndex } from './store-index.js';
import { phrase } from '../words/phrase.js';
import { acquireLock, type StoreLock } from '../store/lock.js';
import type { Store } from '../store/root.js';
import { hostId } from '../store/state.js';

/**
 * Answers one question from the index, without waiting for the lock.
 * @param ask is also told the ids of snapshots whose manifests cannot be read, so that the index does not know them
 */
export async function readIndex<T>(
  store: Store,
  context: Context,
  ask: (db: Database, unreadable: string[]) => T | Promise<T>,
): Promise<T> {
  return withIndex(store, async index => {
    const unreadable = await index.synchronise(left => {
      if (isCancelled(context)) throw PhlbError.cancelled();
      const detail = phrase`${left.toLocaleString('en')} to go`;
      context.onProgress({ phase: 'indexing', files: 0, bytes: 0, detail });
    });
    if (index.isChanged) await saveIfFree(store, index);
    return index.ask(db => ask(db, unreadable));
  });
}

// Whoever holds the lock now may write the index itself, and must not be waited for. Then, and where nothing can be written,
// nothing is kept: the next one who asks brings it up to date again.
async function saveIfFree(store: Store, index: StoreIndex): Promise<void> {
  let lock: StoreLock | undefined;
  try {
    lock = await acquireLock(store.layout.lock, hostId(store.location.state), { cancelled: () => true });
    index.save();
  } catch (error) {
    if (!PhlbError.is(error)) passAllButRefusals(error);
  } finally {
    lock?.release();
  }
}
