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

/** A content that stands in the tree. */
export interface StoredContent {
  key: string;
  path: string;
  /** of the stored file, microseconds */
  mtime: number;
}

/** Identity of a content: SHA-256 and the source mode's read and execute bits. */
export function contentKey(facts: Pick<FileFacts, 'sha256' | 'mode'>): string {
  return `${facts.sha256}${(facts.mode & 0o555).toString(8)}`;
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
