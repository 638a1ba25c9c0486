/** Removing snapshots for good, their trees on the pool's threads. */
import { existsSync } from 'node:fs';
import { afterwards } from '../files/afterwards.js';
import { itemError } from '../files/store-error.js';
import { findGuards } from '../store/guards.js';
import { InodeTally } from '../store/inode-tally.js';
import { snapshotId, type Layout, type SnapshotName } from '../store/layout.js';
import type { StoreLock } from '../store/lock.js';
import { refuseLinks } from '../store/own-folders.js';
import type { Store } from '../store/root.js';
import { deadTrash, Trash } from '../store/trash.js';
import type { PathError } from '../words/model.js';
import { phrase } from '../words/phrase.js';
import type { Context } from './context.js';
import { measureAll } from './measure-trees.js';
import { onAllThreads } from './on-all-threads.js';

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
  try {
    await onAllThreads(deadTrash(store.layout), context, async (thread, tree) => {
      const stays = `What was deleted earlier still takes up space: ${tree}`;
      await afterwards(notes, stays, () => thread.run('remove', { tree, guards }));
    });
    // Each is hidden only when a thread is free for it, so that a cancelled run has deleted some and left the others.
    await onAllThreads(ids, context, async (thread, id, at) => {
      context.onProgress({ phase: 'deleting', files: 0, bytes: 0, detail: phrase`${at + 1} of ${ids.length}` });
      // Removed by hand since it was found: done.
      if (!existsSync(store.layout.tree(id))) return;
      const tree = hideOne(trash, id, errors);
      if (tree === undefined) return;
      await afterwards(notes, `The record of ${snapshotId(id)} is still there`, () => trash.forget(id));
      const stays = `${snapshotId(id)} still takes up space: ${tree}`;
      await afterwards(notes, stays, () => thread.run('remove', { tree, guards }));
    });
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
