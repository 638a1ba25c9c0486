/** Forgetting a source: its snapshots, its folders and its place in the list of sources. */
import { join } from 'node:path';
import type { Context } from './threads/context.js';
import type { DeleteResult } from './delete.js';
import { removeSnapshots } from './threads/remove-snapshots.js';
import { errno, PhlbError, reason } from './words/errors.js';
import type { StoreLocation } from './words/model.js';
import { phrase } from './words/phrase.js';
import { syncDirectory } from './files/durable.js';
import { isSourceName, snapshotId, type Layout } from './store/layout.js';
import { refuseLinks } from './store/own-folders.js';
import { readSnapshots, type StoredSnapshot } from './store/record.js';
import { remove, removeEmpty } from './files/remove.js';
import { noSource, openStore, readStoreFile, updateStoreFile, type Store } from './store/root.js';
import { withLock } from './store/with-lock.js';

export interface ForgetRequest {
  location: StoreLocation;
  /** the source's name in the store */
  name: string;
}

/**
 * Removes a source with all of its snapshots, safety snapshots too; refuses when one is pinned. Other sources stay whole.
 * The source leaves the list last, so that one that was interrupted is still there, with fewer snapshots, to be removed again.
 * @throws PhlbError `notFound`; `usage` for a pinned snapshot; `store`; `cancelled` between two snapshots: those done are gone
 */
export async function forget(request: ForgetRequest, context: Context): Promise<DeleteResult> {
  const store = openStore(request.location);
  const { name } = request;
  return withLock(store, context, async (lock, notes) => {
    const snapshots = snapshotsOf(store, name);
    const pinned = snapshots.flatMap(({ id, record }) => (record?.pinned ? [snapshotId(id)] : []));
    if (pinned.length > 0) {
      throw new PhlbError('usage', phrase`Pinned, so ${name} was not removed: ${pinned.join(', ')}`, {
        hint: phrase`nothing was deleted; unpin it first`,
      });
    }
    refuseLinks(store.layout, name);
    const ids = snapshots.map(({ id }) => id);
    const { removed, freedBytes, errors } = await removeSnapshots(store, lock, ids, { context, notes });
    const deleted = removed.map(snapshotId);
    // A source with snapshots is one: it stays, to be removed again.
    if (removed.length < ids.length) return { deleted, freedBytes, errors, notes };
    lock.check();
    if (!removeFolders(store.layout, name)) {
      notes.push(`${name} holds more than snapshots, so this folder was left: ${store.layout.sourceFolder(name)}`);
    }
    updateStoreFile(store.layout, file => {
      file.sources = file.sources.filter(source => source.name !== name);
    });
    return { deleted, freedBytes, errors, notes };
  });
}

function snapshotsOf(store: Store, name: string): StoredSnapshot[] {
  const snapshots = isSourceName(name) ? readSnapshots(store.layout, name) : [];
  const registered = readStoreFile(store.layout)?.sources.some(source => source.name === name) ?? false;
  if (snapshots.length > 0 || registered) return snapshots;
  throw noSource(store.layout, name);
}

// Whether nothing is left. What PHLB has not made stays.
function removeFolders(layout: Layout, name: string): boolean {
  const folder = layout.sourceFolder(name);
  try {
    remove(join(layout.manifests, name));
    syncDirectory(layout.manifests);
    removeEmpty(folder);
    syncDirectory(layout.root);
    return true;
  } catch (error) {
    const code = errno(error);
    if (code === 'ENOENT') return true;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw new PhlbError(
      'store',
      phrase`The snapshots are gone, but their folder cannot be removed (${reason(error)})`,
      {
        path: folder,
        hint: phrase`check that the backup location can be written to, and try again`,
        cause: error,
      },
    );
  }
}
