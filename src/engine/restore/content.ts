/** Putting a stored content under a private name in the target. */
import * as fs from 'node:fs';
import { errno, reason } from '../errors.js';
import { fsPath, join } from '../names.js';
import type { Entry } from '../store/manifest.js';
import { readFile } from '../transfer/read-file.js';
import { SparseWriter } from '../transfer/sparse-writer.js';
import { setOnOpen } from './metadata.js';
import { isStill, type Home } from './plan.js';
import { RefusedError } from './refused-error.js';

/** Copies and checks in one pass: what is not what was backed up is not restored. @throws RefusedError `EDAMAGED` */
export function copyStored(tree: string, entry: Entry, path: string, cancelled: () => boolean): void {
  const fd = fs.openSync(fsPath(path), 'wx', 0o600);
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
      const { sha256 } = readFile(join(tree, entry.path), cancelled, put, () => file.restart());
      if (sha256 !== entry.sha256) throw new RefusedError('EDAMAGED', 'the stored file is not what was backed up');
    } catch (error) {
      if (failure !== undefined || !isDamage(error)) throw error;
      throw new RefusedError('EDAMAGED', `the stored file cannot be read: ${reason(error)}`);
    }
    file.finish();
    setOnOpen(fd, entry);
  } finally {
    fs.closeSync(fd);
  }
}

/** Returns `false` where there are no hardlinks, no more to this inode, or another file by now: then it gets a copy of its own. */
export function linkTo(home: Home, path: string): boolean {
  try {
    const stat = fs.lstatSync(fsPath(home.path), { bigint: true });
    if (!isStill(home.seen, stat)) return false;
    fs.linkSync(fsPath(home.path), fsPath(path));
    return true;
  } catch (error) {
    if (errno(error) === undefined) throw error;
    return false;
  }
}

function isDamage(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENOTFILE', 'EIO'].includes(errno(error) ?? '');
}
