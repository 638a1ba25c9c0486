/** Contents of files between the source and the store: the words that walk, transfer and tally share. */
import type { PathError } from './model.js';

/** The facts of a file that was read, as its manifest line needs them. */
export interface FileFacts {
  sha256: string;
  size: number;
  mode: number;
  uid: number;
  gid: number;
  mtime: bigint;
  ctime: bigint;
  inode: bigint;
  dev: bigint;
  nlink: bigint;
  unstable: boolean;
}

/**
 * A content that stands in the tree: `mtime/key/path`, where mtime is the stored file's, in microseconds. A string, since
 * there may be a million of them between the threads and in memory.
 */
export type StoredContent = string;

export function storedContent(key: string, path: string, mtime: number): StoredContent {
  return `${mtime}/${key}/${path}`;
}

export function readStoredContent(content: StoredContent): { key: string; path: string; mtime: number } {
  const [mtime = '', key = ''] = content.split('/', 2);
  return { mtime: Number(mtime), key, path: content.slice(mtime.length + key.length + 2) };
}

/** Identity of a content: SHA-256 and the source mode's read and execute bits. */
export function contentKey(facts: Pick<FileFacts, 'sha256' | 'mode'>): string {
  return `${facts.sha256}${(facts.mode & 0o555).toString(8)}`;
}

/** Whether a file that was read has the content that an entry of a manifest tells of. */
export function isContentOf(facts: FileFacts, was: { sha256?: string; mode: number }): boolean {
  return was.sha256 !== undefined && contentKey(facts) === contentKey({ sha256: was.sha256, mode: was.mode });
}

/** `mtime`: of the stored file, microseconds. */
export interface DirectlyStored {
  facts: FileFacts;
  mtime: number;
}

/** The error of a file that was stored as it was read, since it did not keep still. */
export function keptChanging(path: string): PathError {
  return { path, code: 'ECHANGING', message: 'It kept changing while it was read; stored as read' };
}
