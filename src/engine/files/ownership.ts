/**
 * Whose things in a backup location are. One `sudo phlb` in a user's location must not lock the user out of it: what root
 * makes there for all (lists, records, manifests, folders) belongs to whom the location belongs. Stored files stay root's: what
 * only root could read in the source is no one else's to read in the backup.
 */
import { chownSync, lchownSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { unlessRefused } from '../words/errors.js';
import { fsPath } from '../words/names.js';

export interface Owner {
  uid: number;
  gid: number;
}

/** Whom a folder belongs to, where this process is root and that is somebody else; else `null`: nothing is to be given away. */
export function otherOwner(folder: string): Owner | null {
  if (process.getuid?.() !== 0) return null;
  const { uid, gid } = statSync(fsPath(folder));
  return uid === 0 ? null : { uid, gid };
}

/** Gives what was just made to the owner of the folder that it lies in. */
export function giveToFolderOwner(...paths: string[]): void {
  for (const path of paths) {
    const owner = otherOwner(dirname(path));
    if (owner) give(fsPath(path), owner, lchownSync);
  }
}

/** Gives a folder of a tree away, or leaves it where the file system knows no owners. */
export function give(path: string | Buffer, { uid, gid }: Owner, chown = chownSync): void {
  unlessRefused(() => chown(path, uid, gid), 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EINVAL');
}
