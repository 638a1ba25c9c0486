/** A lock as it stands on disk: put in place whole, read, and taken away. Who may do so is decided in `lock.ts`. */
import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { errno, passAllButRefusals, passUnforeseen, unlessRefused } from '../words/errors.js';
import { giveToFolderOwner } from '../files/ownership.js';
import type { ProcessIdentity } from './process-id.js';
import { remove } from '../files/remove.js';
import { rename } from '../files/rename.js';
import { fitting, readSmallJson } from '../files/small-file.js';
import { isLinkRefused } from '../files/store-error.js';

export interface Holder extends ProcessIdentity {
  token: string;
  since: string;
  /** it was let go, but could not be removed */
  released?: boolean;
}

/** What stands where a lock would: a holder's, one that says nothing (yet, or no longer), one not to be read, or none. */
export type Lock = Holder | 'unreadable' | 'refused' | undefined;

const MAX_LOCK = 64 << 10;
/** Other users who write here must see who holds it. */
const LOCK_MODE = 0o644;

/** Puts a whole lock in place; false when one stands there. @throws the system's error */
export function putLock(path: string, holder: Holder): boolean {
  const temporary = `${path}.${holder.token}`;
  try {
    writeFileSync(temporary, fitting(JSON.stringify(holder) + '\n', path, MAX_LOCK), { mode: LOCK_MODE });
    giveToFolderOwner(temporary);
    return putLink(path, temporary) ?? putFolder(path, temporary, holder);
  } finally {
    removeTemporary(temporary);
  }
}

// Also what a full disk has left of it. One that stays does not matter to a lock that stands: a later run removes it.
function removeTemporary(temporary: string): void {
  unlessRefused(() => remove(temporary));
}

/**
 * Out of its place in one step: onto a folder that was emptied, but still stands there, another one's could be renamed, and
 * would be removed with it. @throws the system's error
 */
export function removeLock(path: string): void {
  const away = `${path}.${randomBytes(12).toString('hex')}`;
  try {
    rename(path, away);
  } catch (error) {
    passAllButRefusals(error, 'ENOENT');
  }
  remove(away);
}

/** A lock that cannot be removed says itself that nobody holds it. Torn, it says nothing, and is dead in ten seconds. */
export function giveUpLock(path: string): void {
  const lock = readLock(path);
  if (typeof lock !== 'object') return;
  for (const file of [path, join(path, 'holder.json')]) {
    try {
      const text = JSON.stringify({ ...lock, released: true }) + '\n';
      writeFileSync(file, fitting(text, path, MAX_LOCK), { flag: 'r+' });
    } catch (error) {
      passUnforeseen(error);
      // A folder, or a disk that no longer does anything.
    }
  }
}

export function readLock(path: string): Lock {
  for (const file of [path, join(path, 'holder.json')]) {
    try {
      const value = readSmallJson(file, MAX_LOCK) as Partial<Holder> | null;
      if (typeof value?.token === 'string' && /^[0-9a-f]{1,64}$/.test(value.token) && Number.isInteger(value.pid)) {
        return value as Holder;
      }
    } catch (error) {
      if (file === path && errno(error) === 'ENOENT') return undefined;
      // Another user's, of a version that let nobody else read it: it is whole, and perhaps a living one's.
      if (['EACCES', 'EPERM'].includes(errno(error) ?? '')) return 'refused';
      passUnforeseen(error);
    }
  }
  return 'unreadable';
}

export function tokenOf(lock: Lock): string | undefined {
  return typeof lock === 'object' ? lock.token : lock;
}

// `undefined`: not here, it seems.
function putLink(path: string, temporary: string): boolean | undefined {
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    if (!isLinkRefused(error)) throw error;
    return undefined;
  }
}

// Windows has but one answer to a folder that stands there, and to a lock that is just being removed.
const TAKEN = ['ENOTEMPTY', 'EEXIST', 'ENOTDIR', ...(process.platform === 'win32' ? ['EPERM', 'EACCES', 'EBUSY'] : [])];

// A rename onto a folder that is not empty fails, so the first one wins.
function putFolder(path: string, temporary: string, holder: Holder): boolean {
  const folder = `${temporary}.d`;
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, 'holder.json'), fitting(JSON.stringify(holder) + '\n', path, MAX_LOCK), {
      mode: LOCK_MODE,
    });
    renameSync(folder, path);
    return true;
  } catch (error) {
    removeTemporary(folder);
    if (TAKEN.includes(errno(error) ?? '')) return false;
    throw error;
  }
}
