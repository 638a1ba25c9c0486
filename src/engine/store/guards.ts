/**
 * Windows removes no read-only file, so Node takes the attribute away first: from the file, and so from all of its other
 * names. Whoever removes names of stored files looks for another name of each before, and sets it again there.
 */
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { passAllButRefusals, unlessRefused } from '../words/errors.js';
import { fsPath, join, nameFromBuffer } from '../words/names.js';
import { filesBelow } from '../files/files-below.js';
import type { Layout } from './layout.js';
import { readSnapshots, sourceFolders } from './record.js';
import { remove, removeEmpty } from '../files/remove.js';

/** By inode: a name that stays. */
export type Guards = ReadonlyMap<bigint, string>;

const READ_ONLY = 0o444;

/** Names in published trees of the read-only files that have names below `going`. Nothing where a system needs none. */
export function findGuards(layout: Layout, going: readonly string[]): Guards {
  if (process.platform !== 'win32') return new Map();
  const wanted = sharedFiles(going);
  const guards = new Map<bigint, string>();
  const leaves = new Set(going);
  for (const name of sourceFolders(layout)) {
    for (const { id } of readSnapshots(layout, name)) {
      const tree = layout.tree(id);
      if (leaves.has(tree)) continue;
      for (const { path, inode } of filesBelow(tree)) {
        if (wanted.size === 0) return guards;
        if (wanted.delete(inode)) guards.set(inode, path);
      }
    }
  }
  return guards;
}

/** Removes a folder, or what else stands there, with all below it. Follows no link. @throws the system's error */
export function removeGuarded(path: string, guards: Guards): void {
  const stat = lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false });
  if (!stat) return;
  if (!stat.isDirectory()) {
    remove(fsPath(path));
    return protectAgain(guards.get(stat.ino));
  }
  for (const name of namesIn(path)) removeGuarded(join(path, name), guards);
  removeEmpty(fsPath(path));
}

function protectAgain(path: string | undefined): void {
  try {
    if (path !== undefined) chmodSync(fsPath(path), READ_ONLY);
  } catch (error) {
    // Removed by hand meanwhile.
    passAllButRefusals(error, 'ENOENT');
  }
}

// Read-only files of which not all names are below these folders.
function sharedFiles(folders: readonly string[]): Set<bigint> {
  const seen = new Map<bigint, bigint>();
  const shared = new Set<bigint>();
  for (const { inode, nlink, mode } of folders.flatMap(folder => [...filesBelow(folder)])) {
    if (nlink === 1n || (mode & 0o200) !== 0) continue;
    const names = (seen.get(inode) ?? 0n) + 1n;
    seen.set(inode, names);
    if (names < nlink) shared.add(inode);
    else shared.delete(inode);
  }
  return shared;
}

function namesIn(folder: string): string[] {
  const names = unlessRefused(() => readdirSync(fsPath(folder), { encoding: 'buffer' }), 'ENOENT', 'ENOTDIR') ?? [];
  return names.map(nameFromBuffer);
}
