import { statfsSync } from 'node:fs';
import { passUnforeseen } from '../words/errors.js';
import { fsPath } from '../words/names.js';

// Magic numbers of statfs(2) on Linux: ext2 to ext4, XFS, Btrfs, tmpfs, F2FS, ZFS, overlayfs.
const KEEPING = new Set([0xef53, 0x58465342, 0x9123683e, 0x01021994, 0xf2f52010, 0x2fc12fc1, 0x794c7630]);

/**
 * Whether the change times of a folder's file system are the kernel's own, so that an inode with the change time that it had is
 * the same file with the same content, wherever it was moved. An image's or a server's may be made up, as its inode numbers.
 */
export function keepsChangeTimes(folder: string): boolean {
  if (process.platform !== 'linux') return false;
  try {
    return KEEPING.has(statfsSync(fsPath(folder)).type);
  } catch (error) {
    passUnforeseen(error);
    return false;
  }
}
