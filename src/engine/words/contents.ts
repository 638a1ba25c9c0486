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

/** Identity of a content: SHA-256 and the source mode's read and execute bits. */
export function contentKey(facts: Pick<FileFacts, 'sha256' | 'mode'>): string {
  return `${facts.sha256}${(facts.mode & 0o555).toString(8)}`;
}

/**
 * A number for a content, never 0: 55 bits of its hash with its mode bits. Two contents may share one: whoever goes by it must
 * then lose no more than time.
 */
export function contentNumber(sha256: string, bits: number): bigint {
  const high = BigInt(parseInt(sha256.slice(0, 8), 16));
  const low = BigInt((parseInt(sha256.slice(8, 14), 16) & 0x7fffff) * 512 + bits);
  return BigInt.asIntN(64, (high << 32n) | low) || 1n;
}

/** Whether a file that was read has the content that an entry of a manifest tells of. */
export function isContentOf(facts: FileFacts, was: { sha256?: string; mode: number }): boolean {
  return was.sha256 !== undefined && contentKey(facts) === contentKey({ sha256: was.sha256, mode: was.mode });
}

/** A small file that was read; its bytes stay as they are until the next one is. */
export interface ReadFile {
  facts: FileFacts;
  bytes: Buffer;
}

export interface DirectlyStored {
  facts: FileFacts;
  /** of the stored file, microseconds */
  mtime: number;
  /** it is another name of a file that stood there */
  linked: boolean;
}

/** The error of a file that was stored as it was read, since it did not keep still. */
export function keptChanging(path: string): PathError {
  return { path, code: 'ECHANGING', message: 'It kept changing while it was read; stored as read' };
}
