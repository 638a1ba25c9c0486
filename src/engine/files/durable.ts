/** Writing that survives a crash: private name first, flushed, then put in place in one step. */
import { randomBytes } from 'node:crypto';
import { chmodSync, closeSync, fsyncSync, linkSync, openSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errno, passAllButRefusals } from '../words/errors.js';
import { giveToFolderOwner } from './ownership.js';
import { remove } from './remove.js';
import { rename } from './rename.js';
import { isLinkRefused } from './store-error.js';

/**
 * Replaces a file as a whole: a reader sees the old text or the new one, also after a power loss.
 * @param isCache its reader knows a file that is none, and can do without: then it need not outlast a power loss
 */
export function replaceFile(file: string, data: string | Uint8Array, { isCache = false } = {}): void {
  const temporary = writeTemporary(file, data, 0o600, !isCache);
  try {
    rename(temporary, file);
  } catch (error) {
    remove(temporary);
    throw error;
  }
  if (!isCache) syncDirectory(dirname(file));
}

/** Puts a whole file in place unless one stands there. Returns whether it did. */
export function createExclusive(file: string, data: string, mode = 0o600): boolean {
  const temporary = writeTemporary(file, data, mode, true);
  try {
    linkSync(temporary, file);
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    if (!isLinkRefused(error)) throw error;
    return createWithoutLinks(file, data, mode);
  } finally {
    remove(temporary);
  }
}

/** Flushes a folder's own entries. Windows cannot and need not. */
export function syncDirectory(dir: string | Buffer): void {
  if (process.platform === 'win32') return;
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } catch (error) {
    // Some file systems (FUSE, network) have no fsync for folders.
    passAllButRefusals(error, 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS');
  } finally {
    closeSync(fd);
  }
}

export function syncFile(file: string | Buffer): void {
  const fd = process.platform === 'win32' ? openWritable(file) : openSync(file, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

// Windows flushes only through a handle that may write, and opens none on what is read-only. A handle that is open stays
// good, so the attribute is away for a moment only.
function openWritable(file: string | Buffer): number {
  const { mode } = statSync(file);
  if ((mode & 0o200) !== 0) return openSync(file, 'r+');
  chmodSync(file, 0o600);
  try {
    return openSync(file, 'r+');
  } finally {
    chmodSync(file, mode);
  }
}

function writeTemporary(file: string, data: string | Uint8Array, mode: number, flushes: boolean): string {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.new`;
  const fd = openSync(temporary, 'wx', mode);
  try {
    writeFileSync(fd, data);
    if (flushes) fsyncSync(fd);
    giveToFolderOwner(temporary);
  } catch (error) {
    remove(temporary);
    throw error;
  } finally {
    closeSync(fd);
  }
  return temporary;
}

function createWithoutLinks(file: string, data: string, mode: number): boolean {
  try {
    writeFileSync(file, data, { flag: 'wx', mode, flush: true });
    giveToFolderOwner(file);
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    // Part of it, where there was no room for the whole.
    remove(file);
    throw error;
  }
}
