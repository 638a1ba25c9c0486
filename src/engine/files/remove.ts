/** The one place that removes anything in a backup location. */
import { lstatSync, rmdirSync, rmSync, unlinkSync } from 'node:fs';
import { passAllButRefusals } from '../words/errors.js';
import { tryAgain } from './patience.js';

// What is removed in vain is removed by a later run: nobody waits for long.
const PATIENCE_MS = 2_000;
const BUSY = ['EPERM', 'EACCES', 'EBUSY', 'ENOTEMPTY'];
// NFS and FUSE keep a removed file that somebody reads under another name, and its folder until then.
const HELD = ['ENOTEMPTY', 'EBUSY'];

/**
 * Removes what stands there, with all below it; nothing where nothing does, or where another one has just removed it.
 * Follows no link. @throws the system's error
 */
export function remove(path: string | Buffer): void {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return;
  // Asked to remove a file with all below it, Node tells of a refusal that it is no folder.
  if (!stat.isDirectory()) {
    try {
      return removeFile(path);
    } catch (error) {
      return passAllButRefusals(error, 'ENOENT');
    }
  }
  tryAgain(() => removeAll(path), { codes: BUSY, elsewhere: HELD, patience: PATIENCE_MS });
}

// Refused a file (EPERM), Node takes it for a folder and says that it is not one.
function removeAll(path: string | Buffer): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch (error) {
    passAllButRefusals(error, 'ENOTDIR');
    throw Object.assign(new Error('EPERM: operation not permitted'), { code: 'EPERM', cause: error });
  }
}

/** Removes a file or a link. @throws the system's error, also where nothing stands */
export function removeFile(path: string | Buffer): void {
  tryAgain(() => unlinkSync(path), { codes: BUSY, patience: PATIENCE_MS });
}

/** Removes a folder if it is empty by now. @throws the system's error */
export function removeEmpty(folder: string | Buffer): void {
  // One that holds something is not waited for.
  tryAgain(() => rmdirSync(folder), { codes: ['EPERM', 'EACCES', 'EBUSY'], patience: PATIENCE_MS });
}
