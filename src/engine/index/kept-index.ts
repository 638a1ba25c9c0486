/** The index that was asked last, kept open for a while: whoever types a name asks it at every key. One for each thread. */
import type { Store } from '../store/root.js';
import { databaseState } from './database.js';
import { StoreIndex } from './store-index.js';

const KEPT_MS = 30_000;

let kept: { key: string; index: StoreIndex; timer: NodeJS.Timeout } | undefined;

/**
 * Opens the index, or goes on with the one that is open and was not written by anybody else. `act` has it for itself: who
 * asks meanwhile opens another one.
 * @throws what `act` throws
 */
export async function withIndex<T>(store: Store, act: (index: StoreIndex) => Promise<T>): Promise<T> {
  const index = take(keyOf(store)) ?? (await StoreIndex.open(store));
  try {
    const result = await act(index);
    keep(store, index);
    return result;
  } catch (error) {
    index.close();
    throw error;
  }
}

function take(key: string | null): StoreIndex | undefined {
  if (!kept || kept.key !== key) return undefined;
  const { index, timer } = kept;
  clearTimeout(timer);
  kept = undefined;
  return index;
}

function keep(store: Store, index: StoreIndex): void {
  drop();
  const key = keyOf(store);
  if (key === null) return index.close();
  // Nobody's process lives longer for it.
  kept = { key, index, timer: setTimeout(drop, KEPT_MS).unref() };
}

function drop(): void {
  clearTimeout(kept?.timer);
  kept?.index.close();
  kept = undefined;
}

// Rebuilt by another process it is another one, and one that was removed or never saved is none.
function keyOf({ location, id }: Store): string | null {
  const state = databaseState(location.index, id);
  return state === undefined ? null : JSON.stringify([location.root, location.index, id, state]);
}
