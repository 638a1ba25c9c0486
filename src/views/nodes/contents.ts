/** The nodes of what a folder of a snapshot holds: folders first, by name, large folders in portions. */
import { basename, compareNames, join } from '../../engine/names.js';
import { isGone } from '../../host/changeTree.js';
import { listTree } from '../../host/snapshotTree.js';
import { sortInSlices } from '../../host/sortInSlices.js';
import { FileNode } from './fileNode.js';
import { FolderNode } from './folderNode.js';
import { GoneNode } from './goneNode.js';
import { MoreNode } from './moreNode.js';
import type { Node } from './node.js';
import type { OpenSnapshot, SnapshotPath } from './openSnapshot.js';

const MANY = 5000;

/** All that is there, from the disk. */
export async function childNodes({ in: open, path }: SnapshotPath): Promise<Node[]> {
  const entries = await inOrder(open, await listTree(open.snapshot.path, path), entry => entry.name);
  return MoreNode.portion(open.services.dates, keyOf(open, path), entries, entry => {
    const at = { in: open, path: join(path, entry.name) };
    return entry.type === 'dir' ? new FolderNode(at, false) : new FileNode(at, entry.type === 'link');
  });
}

/** What has changed since the snapshot before, or holds changes; what is gone too. */
export async function changedNodes({ in: open, path }: SnapshotPath): Promise<Node[]> {
  const entries = await inOrder(open, open.changes?.entries(path) ?? [], entry => basename(entry.path));
  return MoreNode.portion(open.services.dates, keyOf(open, path), entries, entry => {
    if (isGone(entry.mark)) return new GoneNode(open, entry);
    const at = { in: open, path: entry.path };
    return entry.type === 'dir' ? new FolderNode(at, true) : new FileNode(at, entry.type === 'link');
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
