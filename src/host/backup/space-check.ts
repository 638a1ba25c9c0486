import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errno } from '../../engine/words/errors.js';

/** What a file system runs short of. */
export type Shortage = 'space' | 'inodes';

export interface FileSystemSpace {
  /** bytes; 0 where the file system does not tell */
  totalBytes: number;
  /** bytes that an ordinary user may still write */
  freeBytes: number;
  /** 0 where inodes are not counted (btrfs, FAT, NTFS) */
  inodes: number;
  freeInodes: number;
}

const SHARE = 0.05;
const ENOUGH_BYTES = 1e9;

/**
 * What is so scarce that automatic backups wait. Space is scarce below 5 % or 1 GB, whichever is less: 5 % of a big
 * disk is still a lot of room, and 1 GB would be all of a small one.
 */
export function shortageOf({ totalBytes, freeBytes, inodes, freeInodes }: FileSystemSpace): Shortage | undefined {
  if (totalBytes > 0 && freeBytes < Math.min(SHARE * totalBytes, ENOUGH_BYTES)) return 'space';
  return inodes > 0 && freeInodes < SHARE * inodes ? 'inodes' : undefined;
}

/** The room on the disk of a path that may not exist yet; `undefined` where that cannot be told. */
export async function spaceAt(path: string): Promise<FileSystemSpace | undefined> {
  try {
    const { bsize, blocks, bavail, files, ffree } = await statfs(path);
    return { totalBytes: bsize * blocks, freeBytes: bsize * bavail, inodes: files, freeInodes: ffree };
  } catch (error) {
    const parent = dirname(path);
    return isMissing(error) && parent !== path ? spaceAt(parent) : undefined;
  }
}

function isMissing(error: unknown): boolean {
  return errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR';
}
