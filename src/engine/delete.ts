/** Deleting snapshots for good. */
import { snapshotId, type SnapshotName } from './store/layout.js';
import { findSnapshot } from './store/open-snapshot.js';
import type { StoredSnapshot } from './store/record.js';
import { openStore, openStoreToRead, type Store } from './store/root.js';
import { withLock } from './store/with-lock.js';
import type { Context } from './threads/context.js';
import { measureFreed, removeSnapshots } from './threads/remove-snapshots.js';
import { PhlbError } from './words/errors.js';
import type { PathError, StoreLocation } from './words/model.js';
import { phrase } from './words/phrase.js';

export interface DeleteRequest {
  location: StoreLocation;
  /** ids, `<name>/latest`, or the paths of trees on disk */
  snapshots: string[];
  /** only look: the result is what the real run would give */
  dryRun?: boolean;
}

export interface DeleteResult {
  /** ids, each once, in the order of the request */
  deleted: string[];
  /** contents whose last name went, in bytes */
  freedBytes: number;
  /** snapshots that could not be deleted, by their ids */
  errors: PathError[];
  /** further things worth telling, one sentence each */
  notes: string[];
}

/**
 * Deletes all of these snapshots, or none if one of them is pinned or not there. Others stay whole. One that cannot be
 * deleted is in the result's errors, and the rest goes on. A dry run needs no lock and changes nothing.
 * @throws PhlbError `notFound`; `usage` for a pinned one; `store`; `cancelled` between two snapshots: those done are gone
 */
export async function deleteSnapshots(request: DeleteRequest, context: Context): Promise<DeleteResult> {
  if (request.dryRun) {
    const store = openStoreToRead(request.location, true);
    const ids = namedBy(request, store);
    const freedBytes = await measureFreed(store.layout, ids, context);
    return { deleted: ids.map(snapshotId), freedBytes, errors: [], notes: [] };
  }
  const store = openStore(request.location);
  return withLock(store, context, async (lock, notes) => {
    const ids = namedBy(request, store);
    const { removed, freedBytes, errors } = await removeSnapshots(store, lock, ids, { context, notes });
    return { deleted: removed.map(snapshotId), freedBytes, errors, notes };
  });
}

function namedBy({ snapshots }: DeleteRequest, store: Store): SnapshotName[] {
  const found = new Map<string, StoredSnapshot>();
  for (const text of snapshots) {
    const snapshot = findSnapshot(store, text);
    found.set(snapshotId(snapshot.id), snapshot);
  }
  const pinned = [...found].flatMap(([id, { record }]) => (record?.pinned ? [id] : []));
  if (pinned.length > 0) {
    throw new PhlbError('usage', phrase`Pinned, so not deleted: ${pinned.join(', ')}`, {
      hint: phrase`nothing was deleted; unpin it first`,
    });
  }
  return [...found.values()].map(({ id }) => id);
}
