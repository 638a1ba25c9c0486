/**
 * Making a folder with those above it. Node's own `recursive: true` never returns where the file system answers ENOENT to
 * mkdir although the folder above is there (`/proc/x`, some FUSE and network mounts): it tries for ever, in native code that
 * no cancel, signal or `terminate` reaches. So lint refuses it everywhere else.
 */
import { mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { errno, unlessRefused } from '../words/errors.js';
import { fsPath } from '../words/names.js';
import { giveToFolderOwner } from './ownership.js';

/**
 * Makes a folder, mode 0700, and those above it. Each is tried twice at most; one that stands there already is left as it is.
 * @param made is told of each that was made. By default it is PHLB's own, and goes to whom the folder above belongs
 * @throws the system's error of the folder that failed
 */
export function makeFolder(path: string, made: (folder: string) => void = giveToFolderOwner): void {
  if (isMadeOrThere(path, made, true)) return;
  makeFolder(dirname(path), made);
  isMadeOrThere(path, made, false);
}

// `false`: the folder above may be missing.
function isMadeOrThere(path: string, made: (folder: string) => void, mayMiss: boolean): boolean {
  try {
    mkdirSync(fsPath(path), { mode: 0o700 });
  } catch (error) {
    if (isFolder(path)) return true;
    if (mayMiss && errno(error) === 'ENOENT' && dirname(path) !== path) return false;
    throw error;
  }
  made(path);
  return true;
}

function isFolder(path: string): boolean {
  return unlessRefused(() => statSync(fsPath(path)).isDirectory()) ?? false;
}
