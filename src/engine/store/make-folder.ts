/**
 * Making a folder with those above it. Node's own `recursive: true` never returns where the file system answers ENOENT to
 * mkdir although the folder above is there (`/proc/x`, some FUSE and network mounts): it tries for ever, in native code that
 * no cancel, signal or `terminate` reaches. So lint refuses it everywhere else.
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errno } from '../errors.js';
import { fsPath } from '../names.js';

/**
 * Each folder is tried twice at most. One that stands there already is left as it is.
 * @param mode of all that are made
 * @throws the system's error of the folder that failed
 */
export function makeFolder(path: string, mode = 0o700): void {
  if (!madeOrThere(path, mode, true)) {
    makeFolder(dirname(path), mode);
    madeOrThere(path, mode, false);
  }
}

// `false`: the folder above may be missing.
function madeOrThere(path: string, mode: number, mayMiss: boolean): boolean {
  try {
    mkdirSync(fsPath(path), { mode });
    return true;
  } catch (error) {
    if (isFolder(path)) return true;
    if (mayMiss && errno(error) === 'ENOENT' && dirname(path) !== path) return false;
    throw error;
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(fsPath(path)).isDirectory();
  } catch (error) {
    if (errno(error) === undefined) throw error;
    return false;
  }
}
