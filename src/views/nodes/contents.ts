/** The nodes of what a folder of a snapshot holds: folders first, by name, large folders in portions. */
import { basename, compareNames, join } from '../../engine/words/names.js';
import { isGone } from '../../host/catalog/change-tree.js';
import { listTree } from '../../host/catalog/snapshot-tree.js';
import { sortInSlices } from '../../host/editor/sort-in-slices.js';
import { FileNode } from './file-node.js';
import { FolderNode } from './folder-node.js';
import { GoneNode } from './gone-node.js';
import { MoreNode } from './more-node.js';
import type { Node } from './node.js';
import type { OpenSnapshot, SnapshotPath } from './open-snapshot.js';

const MANY = 5000;

/** All that is there, from the disk. */
export async function childNodes({ in: open, path }: SnapshotPath): Promise<Node[]> {
  const entries = await inOrder(open, await listTree(open.snapshot.path, path), entry => entry.name);
  return MoreNode.portion(open.services.dates, keyOf(open, path), entries, entry => {
    const at = { in: open, path: join(path, entry.name) };
    return entry.type === 'dir' ? new FolderNode(at, childNodes, false) : new FileNode(at, entry.type === 'link');
  });
}

/** What has changed since the snapshot before, or holds changes; what is gone too. */
export async function changedNodes({ in: open, path }: SnapshotPath): Promise<Node[]> {
  const entries = await inOrder(open, open.changes?.entries(path) ?? [], entry => basename(entry.path));
  return MoreNode.portion(open.services.dates, keyOf(open, path), entries, entry => {
    if (isGone(entry.mark)) return new GoneNode(open, entry, changedNodes);
    const at = { in: open, path: entry.path };
    return entry.type === 'dir' ? new FolderNode(at, changedNodes, true) : new FileNode(at, entry.type === 'link');
  });
}

// A person's order of 100,000 names would take seconds; the machine's takes a tenth of one.
function inOrder<T extends { type: string }>(
  { services }: OpenSnapshot,
  entries: readonly T[],
  nameOf: (entry: T) => string,
): Promise<T[]> {
  const compare = entries.length > MANY ? compareNames : services.collator.compare;
  const rank = (entry: T): number => (entry.type === 'dir' ? 0 : 1);
  return sortInSlices(entries, (a, b) => rank(a) - rank(b) || compare(nameOf(a), nameOf(b)));
}

function keyOf({ storeId, snapshot }: OpenSnapshot, path: string): string {
  return `${storeId}:${snapshot.id}:${path}`;
}
