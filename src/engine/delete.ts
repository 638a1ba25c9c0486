/** Deleting snapshots for good. */
import { existsSync } from 'node:fs';
import { afterwards } from './afterwards.js';
import { isCancelled, type Context } from './context.js';
import { PhlbError } from './errors.js';
import { measureAll } from './measure-all.js';
import type { PathError, StorePlace } from './model.js';
import { phrase } from './phrase.js';
import { findSnapshot } from './snapshots.js';
import { findGuards } from './store/guards.js';
import { snapshotId, type Layout, type SnapshotName } from './store/layout.js';
import type { StoreLock } from './store/lock.js';
import { refuseLinks } from './store/own-folders.js';
import type { StoredSnapshot } from './store/record.js';
import { openStore, type Store } from './store/root.js';
import { itemError } from './store/store-error.js';
import { deadTrash, Trash } from './store/trash.js';
import { InodeTally } from './transfer/inode-tally.js';
import { withLock } from './with-lock.js';

export interface DeleteRequest {
  place: StorePlace;
  /** ids, `<name>/latest`, or the paths of trees on disk */
  snapshots: string[];
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

/** What became of snapshots that were to be removed. */
export interface Removal {
  /** those that are gone, in the order of the request */
  removed: SnapshotName[];
  /** bytes */
  freedBytes: number;
  /** by id: why one still stands */
  errors: PathError[];
}

/**
 * Deletes all of these snapshots, or none if one of them is pinned or not there. Others stay whole. One that cannot be
 * deleted is in the result's errors, and the rest goes on.
 * @throws PhlbError `notFound`; `usage` for a pinned one; `store`; `cancelled` between two snapshots: those done are gone
 */
export async function deleteSnapshots(request: DeleteRequest, context: Context): Promise<DeleteResult> {
  const store = openStore(request.place);
  return withLock(store, context, async (lock, notes) => {
    const found = new Map<string, StoredSnapshot>();
    for (const text of request.snapshots) {
      const snapshot = findSnapshot(store, text);
      found.set(snapshotId(snapshot.id), snapshot);
    }
    const pinned = [...found].flatMap(([id, { record }]) => (record?.pinned ? [id] : []));
    if (pinned.length > 0) {
      throw new PhlbError('usage', phrase`Pinned, so not deleted: ${pinned.join(', ')}`, {
        hint: phrase`nothing was deleted; unpin it first`,
      });
    }
    const ids = [...found.values()].map(({ id }) => id);
    const { removed, freedBytes, errors } = await removeSnapshots(store, lock, ids, { context, notes });
    return { deleted: removed.map(snapshotId), freedBytes, errors, notes };
  });
}

/**
 * Removes snapshots, pinned or not, with their manifests and records. One that cannot be removed does not stop the others.
 * The index forgets them when it is synchronised next. `notes` is told of what is out of sight, but still on the disk.
 * @throws PhlbError `store` for what the whole store has met; `lockLost`, `cancelled`
 */
export async function removeSnapshots(
  store: Store,
  lock: StoreLock,
  ids: readonly SnapshotName[],
  { context, notes }: { context: Context; notes: string[] },
): Promise<Removal> {
  if (ids.length === 0) return { removed: [], freedBytes: 0, errors: [] };
  for (const name of new Set(ids.map(id => id.name))) refuseLinks(store.layout, name);
  const freed = await measureFreed(store.layout, ids, context);
  lock.check();
  const trash = new Trash(store.layout, lock);
  const guards = findGuards(store.layout, goingTrees(store.layout, ids));
  const errors: PathError[] = [];
  const hidden = hideEach(store.layout, trash, ids, context, errors);
  try {
    const lanes = context.pool().threads.map(async thread => {
      // The threads share one generator: each takes the next tree, and what concerns the whole store ends it for all.
      for (const { tree, id } of hidden) {
        if (id) await afterwards(notes, `The record of ${snapshotId(id)} is still there`, () => trash.forget(id));
        const stays = id
          ? `${snapshotId(id)} still takes room: ${tree}`
          : `What was deleted before still takes room: ${tree}`;
        await afterwards(notes, stays, () => thread.run('remove', { tree, guards }));
      }
    });
    for (const lane of await Promise.allSettled(lanes)) if (lane.status === 'rejected') throw lane.reason;
  } finally {
    await afterwards(notes, 'The next backup tries again', () => trash.close());
  }
  const removed = ids.filter(id => !existsSync(store.layout.tree(id)));
  // What is left is measured as it was before, so the difference is what went.
  const stands = ids.filter(id => existsSync(store.layout.tree(id)));
  const isLeft = stands.length > 0 || deadTrash(store.layout).length > 0;
  const left = isLeft ? await measureGoing(store.layout, stands, context) : 0;
  return { removed, freedBytes: Math.max(0, freed - left), errors };
}

// Each is hidden only when a thread is free for it, so that a cancelled run has deleted some and left the others.
function* hideEach(
  layout: Layout,
  trash: Trash,
  ids: readonly SnapshotName[],
  context: Context,
  errors: PathError[],
): Generator<{ tree: string; id?: SnapshotName }, void> {
  for (const tree of deadTrash(layout)) yield { tree };
  for (const [at, id] of ids.entries()) {
    if (isCancelled(context)) throw PhlbError.cancelled();
    context.onProgress({ phase: 'deleting', files: 0, bytes: 0, detail: phrase`${at + 1} of ${ids.length}` });
    // Removed by hand since it was found: done.
    if (!existsSync(layout.tree(id))) continue;
    const tree = hideOne(trash, id, errors);
    if (tree !== undefined) yield { tree, id };
  }
}

function hideOne(trash: Trash, id: SnapshotName, errors: PathError[]): string | undefined {
  try {
    return trash.hide(id);
  } catch (error) {
    errors.push(itemError(snapshotId(id), error));
    return undefined;
  }
}

/**
 * The bytes of contents that deleting these snapshots frees: of the inodes whose names are all among them. What
 * deletions that died have left goes with them.
 * @throws PhlbError `cancelled`
 */
export async function measureFreed(layout: Layout, ids: readonly SnapshotName[], context: Context): Promise<number> {
  return ids.length === 0 ? 0 : measureGoing(layout, ids, context);
}

async function measureGoing(layout: Layout, ids: readonly SnapshotName[], context: Context): Promise<number> {
  const tally = new InodeTally();
  let bytes = 0;
  await measureAll(goingTrees(layout, ids), context, ({ whole, shared }) => {
    bytes += whole.bytes;
    tally.addTable(shared);
  });
  return bytes + tally.split().whole.bytes;
}

function goingTrees(layout: Layout, ids: readonly SnapshotName[]): string[] {
  return [...deadTrash(layout), ...ids.map(id => layout.tree(id))];
}
