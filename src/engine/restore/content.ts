/** Putting a stored content under a private name in the target. */
import { closeSync } from 'node:fs';
import { errno, passAllButRefusals, reason } from '../words/errors.js';
import type { HeldFolder } from '../files/held-folder.js';
import { join } from '../words/names.js';
import type { Entry } from '../store/manifest.js';
import { openToRead, readFile } from '../transfer/read-file.js';
import { SparseWriter } from '../transfer/sparse-writer.js';
import { setOnOpen } from './metadata.js';
import { isStill, type Home } from './plan.js';
import { RefusedError } from './refused-error.js';

/** Copies and checks in one pass: what is not what was backed up is not restored. @throws RefusedError `EDAMAGED` */
export function copyStored(
  tree: string,
  entry: Entry,
  target: HeldFolder,
  path: string,
  cancelled: () => boolean,
): void {
  const fd = target.create(path, 0o600);
  try {
    const file = new SparseWriter(fd);
    let failure: unknown;
    const put = (chunk: Buffer): void => {
      try {
        file.write(chunk);
      } catch (error) {
        throw (failure = error);
      }
    };
    try {
      const { sha256 } = readFile(openToRead(join(tree, entry.path)), cancelled, put, () => file.restart());
      if (sha256 !== entry.sha256) throw new RefusedError('EDAMAGED', 'the stored file is not what was backed up');
    } catch (error) {
      if (failure !== undefined || !isDamage(error)) throw error;
      throw new RefusedError('EDAMAGED', `the stored file cannot be read: ${reason(error)}`);
    }
    file.finish();
    setOnOpen(fd, entry);
  } finally {
    closeSync(fd);
  }
}

/** Returns `false` where there are no hardlinks, no more to this inode, or another file by now: then it gets a copy of its own. */
export function linkTo(target: HeldFolder, home: Home, path: string): boolean {
  try {
    if (!isStill(home.seen, target.lstat(home.path))) return false;
    target.link(home.path, path);
    return true;
  } catch (error) {
    passAllButRefusals(error);
    return false;
  }
}

function isDamage(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENOTFILE', 'EIO'].includes(errno(error) ?? '');
}
