/**
 * Reading of stored trees: plain files below one folder. Asynchronous, so that the editor never waits, and without
 * following any link: each component of a path is checked below the tree, as DESIGN.md P8 asks of every access.
 */
import { constants, type Stats } from 'node:fs';
import { lstat, open, opendir, readlink } from 'node:fs/promises';
import { fsPath, isSafeRelative, join, nameFromBuffer } from '../../engine/words/names.js';
import { TimeSlices } from '../editor/time-slices.js';

/** how many entries of a folder are read at once */
const PORTION = 512;

export type TreeErrorReason = 'notFound' | 'notADirectory' | 'isADirectory' | 'unsafe';

/** Why a path of a tree cannot be had. System errors are passed on as they are. */
export class TreeError extends Error {
  constructor(
    readonly reason: TreeErrorReason,
    readonly path: string,
  ) {
    super(`${reason}: ${path}`);
    this.name = 'TreeError';
  }

  static is(error: unknown, reason?: TreeErrorReason): error is TreeError {
    return error instanceof TreeError && (reason === undefined || error.reason === reason);
  }
}

export type TreeEntryType = 'file' | 'dir' | 'link';

export interface TreeEntry {
  name: string;
  type: TreeEntryType;
}

export interface TreeStat {
  type: TreeEntryType;
  /** bytes; of a link: of its target's text */
  size: number;
  /** milliseconds */
  mtime: number;
  ctime: number;
  /** what names of the same stored content share */
  inode: number;
}

/** @param tree the snapshot's folder, absolute @param path relative to it, `''` for the folder itself */
export async function statInTree(tree: string, path: string): Promise<TreeStat> {
  const stats = await checked(tree, path);
  return { type: typeOf(stats), size: stats.size, mtime: stats.mtimeMs, ctime: stats.ctimeMs, inode: stats.ino };
}

/** Like `statInTree`; `undefined` where the snapshot does not hold the path. */
export async function findInTree(tree: string, path: string): Promise<TreeStat | undefined> {
  try {
    return await statInTree(tree, path);
  } catch (error) {
    if (TreeError.is(error)) return undefined;
    throw error;
  }
}

/** What a folder holds, in no order. Read in portions: one of 100,000 entries must not hold up the editor. */
export async function listTree(tree: string, path: string): Promise<TreeEntry[]> {
  const stats = await checked(tree, path);
  if (!stats.isDirectory()) throw new TreeError('notADirectory', path);
  // Names as bytes: Node takes that here as in `readdir`, though its types do not say so.
  const encoding = 'buffer' as BufferEncoding;
  const slices = new TimeSlices();
  const entries: TreeEntry[] = [];
  for await (const entry of await opendir(fsPath(join(tree, path)), { encoding, bufferSize: PORTION })) {
    const type = entry.isDirectory() ? 'dir' : entry.isSymbolicLink() ? 'link' : entry.isFile() ? 'file' : undefined;
    if (type !== undefined) entries.push({ name: nameFromBuffer(entry.name as unknown as Buffer), type });
    if (slices.isDue) await slices.rest();
  }
  return entries;
}

/** The bytes of a file; of a link, its target's text. */
export async function readInTree(tree: string, path: string): Promise<Buffer> {
  const stats = await checked(tree, path);
  if (stats.isDirectory()) throw new TreeError('isADirectory', path);
  const full = fsPath(join(tree, path));
  if (stats.isSymbolicLink()) return readlink(full, { encoding: 'buffer' });
  if (!stats.isFile()) throw new TreeError('notFound', path);
  const handle = await open(full, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0));
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}

// The state of the last component, once all before it are found to be real folders.
async function checked(tree: string, path: string): Promise<Stats> {
  if (path !== '' && !isSafeRelative(path)) throw new TreeError('unsafe', path);
  const parts = path === '' ? [] : path.split('/');
  let stats = await lstatOr(tree, path);
  for (let depth = 1; depth <= parts.length; depth++) {
    if (!stats.isDirectory()) throw new TreeError('notFound', path);
    stats = await lstatOr(join(tree, parts.slice(0, depth).join('/')), path);
  }
  return stats;
}

async function lstatOr(full: string, path: string): Promise<Stats> {
  try {
    return await lstat(fsPath(full));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') throw new TreeError('notFound', path);
    throw error;
  }
}

function typeOf(stats: Stats): TreeEntryType {
  return stats.isDirectory() ? 'dir' : stats.isSymbolicLink() ? 'link' : 'file';
}
