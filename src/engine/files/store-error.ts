/**
 * Telling a store that cannot be written (which stops the run) from one entry that it cannot hold (which is named). No list
 * of error numbers tells them apart: exfat-fuse answers ENOENT to a name that exFAT cannot hold, others EINVAL, EPERM or
 * ENAMETOOLONG. So another entry is tried in the same folder.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { errno, passAllButRefusals, PhlbError, reason, systemCode } from '../words/errors.js';
import type { PathError } from '../words/model.js';
import { dirname, fsPath, join } from '../words/names.js';
import { phrase, type Phrase } from '../words/phrase.js';
import { remove, removeFile } from './remove.js';

/** What concerns the whole disk, whichever entry meets it first. */
const DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO']);

/**
 * Runs one write into a tree that is being made. `path` is how the user knows the entry, `stored` where it stands.
 * @throws PhlbError `store`; the system's own error when this entry alone is to blame
 */
export function inStore<T>(path: string, stored: string, write: (stored: string | Buffer) => T): T {
  try {
    return write(fsPath(stored));
  } catch (error) {
    passAllButRefusals(error);
    if (isDiskError(error) || !takesAnother(dirname(stored))) throw storeError(error, path);
    throw error;
  }
}

/**
 * Makes one entry of a tree that is being made: as a whole, or not at all, so that nothing stands in the tree of which the
 * manifest does not know.
 * @param finish what comes after it stands; given what `create` returned
 * @throws as `inStore`
 */
export function makeEntry<C, T>(
  path: string,
  stored: string,
  create: (stored: string | Buffer) => C,
  finish: (created: C, stored: string | Buffer) => T,
): T {
  const created = inStore(path, stored, create);
  return finishEntry(path, stored, name => finish(created, name));
}

/** Finishes an entry that this run has made; what cannot be finished is removed. @throws as `inStore` */
export function finishEntry<T>(path: string, stored: string, finish: (stored: string | Buffer) => T): T {
  try {
    return inStore(path, stored, finish);
  } catch (error) {
    removeEntry(path, stored);
    throw error;
  }
}

/** Takes an entry back that this run has made. @throws PhlbError `store`: a tree with it must not be published */
export function removeEntry(path: string, stored: string): void {
  try {
    remove(fsPath(stored));
  } catch (error) {
    throw storeError(error, path);
  }
}

/** Whether it concerns the disk as a whole: there is no room, it is read-only, it fails. */
export function isDiskError(error: unknown): boolean {
  return DISK_CODES.has(errno(error) ?? '');
}

/** A system's error as the error of the store that stops the run; any other as it is. */
export function storeError(error: unknown, path: string): unknown {
  if (errno(error) === undefined) return error;
  return new PhlbError('store', phrase`The backup location cannot be written to (${reason(error)})`, {
    path,
    hint: storeHint(error),
    cause: error,
  });
}

/** The system's error of a disk that is full or read-only, as the error of the store that it is; any other as it is. */
export function fullStoreError(error: unknown, root: string): unknown {
  return isFull(error) || errno(error) === 'EROFS' ? storeError(error, root) : error;
}

/** Whether a system, or an error of the store that was made of what it said, says that there is no room. */
export function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(systemCode(error) ?? '');
}

/** The system's error of a write for which there is no room, before the write. */
export function noSpace(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}

/** What a user can do about a write into the store that failed. */
export function storeHint(error: unknown): Phrase {
  if (isFull(error)) {
    return phrase`free some space on the disk of the backup location, then try again; older snapshots are whole`;
  }
  if (errno(error) === 'EROFS') return phrase`the backup location is read-only`;
  return phrase`check the backup location; older snapshots are whole`;
}

/**
 * Whether a `link` was refused for this inode, this name or by this file system, so that a copy may do: at the link limit,
 * without hardlinks, where the original has gone. Whatever keeps the copy from being written, too, will say so.
 */
export function isLinkRefused(error: unknown): boolean {
  return errno(error) !== undefined && !isDiskError(error);
}

// Whether a harmless name can be made where another could not.
function takesAnother(folder: string): boolean {
  const harmless = fsPath(join(folder, `.phlb-${randomBytes(6).toString('hex')}`));
  try {
    closeSync(openSync(harmless, 'wx', 0o600));
    removeFile(harmless);
    return true;
  } catch (error) {
    passAllButRefusals(error);
    return false;
  }
}

// What the whole store has met, whichever item of it was in hand.
const STORE_CODES = new Set([...DISK_CODES, 'ENODEV', 'ENXIO', 'ESTALE', 'ENOTCONN']);

/**
 * The failure of one of several items of a request (snapshots, sources) as its result names it; the others go on.
 * @param path how the user knows the item
 * @throws the error itself where it is about more than this item: a store that is full, read-only or broken, a lost lock,
 *   cancellation, a mistake
 */
export function itemError(path: string, error: unknown): PathError {
  if (PhlbError.is(error, 'damaged')) return { path, code: error.code, message: error.message };
  const code = PhlbError.is(error) && error.code !== 'store' ? undefined : systemCode(error);
  if (code === undefined || STORE_CODES.has(code)) throw error;
  return { path, code, message: reason(error) };
}
