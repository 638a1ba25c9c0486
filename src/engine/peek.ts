/** A look at one path: the text of a file, what a folder holds. In a snapshot, or in a folder as it is now. */
import type { BigIntStats } from 'node:fs';
import { closeSync, fstatSync } from 'node:fs';
import { HeldFolder } from './files/held-folder.js';
import { readBoundedBytes } from './files/small-file.js';
import { findSnapshot } from './store/open-snapshot.js';
import { openStoreToRead } from './store/root.js';
import { PhlbError, unlessRefused } from './words/errors.js';
import type { StoreLocation } from './words/model.js';
import { isSafeRelative, join, nameToBuffer } from './words/names.js';
import { phrase } from './words/phrase.js';

export interface PeekRequest {
  location: StoreLocation;
  /** a snapshot's id, or the absolute path of a folder */
  in: { snapshot: string } | { folder: string };
  /** relative to it; `''`: the folder itself */
  path: string;
  /** how many bytes of a file are read at most */
  mostBytes: number;
  /** how many entries of a folder are told at most */
  mostEntries: number;
}

type PeekType = 'file' | 'dir' | 'link' | 'other';

export interface PeekResult {
  type: PeekType;
  /** bytes */
  size: number;
  /** of a file its content, of a link its target's text; `null`: it has more than `mostBytes`, or is neither */
  bytes: Uint8Array | null;
  /** of a folder, sorted by name */
  entries: { name: string; type: PeekType; size: number }[];
  /** how many entries there are in all */
  total: number;
}

/**
 * Looks. No symlink is followed, in whatever moment it was put there; a link is its target's text.
 * @throws PhlbError `usage` for a path that leads elsewhere, `notFound` for one where nothing is, `source` for a folder that
 *   cannot be read, `store` for what cannot be read in it
 */
export function peek({ location, in: where, path, mostBytes, mostEntries }: PeekRequest): PeekResult {
  if (path !== '' && !isSafeRelative(path)) {
    throw new PhlbError('usage', phrase`Not a path below the source`, { path });
  }
  const folder = 'folder' in where ? where.folder : treeOf(location, where.snapshot);
  const held = HeldFolder.open(folder);
  try {
    const type = typeOf(statOf(held, path));
    const nothing = { type, size: 0, bytes: null, entries: [], total: 0 };
    if (type === 'dir') return { ...nothing, ...entriesOf(held, path, mostEntries) };
    if (type === 'link') {
      const bytes = nameToBuffer(held.readlink(path));
      return { ...nothing, size: bytes.length, bytes: bytes.length > mostBytes ? null : bytes };
    }
    return type === 'file' ? { ...nothing, ...contentOf(held, path, mostBytes) } : nothing;
  } finally {
    held.close();
  }
}

function treeOf(location: StoreLocation, snapshot: string): string {
  const store = openStoreToRead(location);
  return store.layout.tree(findSnapshot(store, snapshot).id);
}

function statOf(held: HeldFolder, path: string): BigIntStats {
  const stat = unlessRefused(() => held.lstat(path), 'ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP');
  if (stat) return stat;
  throw new PhlbError('notFound', phrase`There is nothing of this name`, { path });
}

function entriesOf(held: HeldFolder, folder: string, most: number): Pick<PeekResult, 'entries' | 'total'> {
  const names = held.names(folder).sort();
  const entries = names.slice(0, most).flatMap(name => {
    const stat = unlessRefused(() => held.lstat(join(folder, name)));
    return stat ? [{ name, type: typeOf(stat), size: stat.isFile() ? Number(stat.size) : 0 }] : [];
  });
  return { entries, total: names.length };
}

function contentOf(held: HeldFolder, path: string, most: number): Pick<PeekResult, 'type' | 'size' | 'bytes'> {
  const fd = held.open(path);
  try {
    const stat = fstatSync(fd);
    if (!stat.isFile()) return { type: 'other', size: 0, bytes: null };
    const bytes = readBoundedBytes(fd, stat.size, most);
    return { type: 'file', size: bytes?.length ?? stat.size, bytes };
  } finally {
    closeSync(fd);
  }
}

function typeOf(stat: BigIntStats): PeekType {
  return stat.isFile() ? 'file' : stat.isDirectory() ? 'dir' : stat.isSymbolicLink() ? 'link' : 'other';
}
