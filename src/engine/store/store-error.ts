/** Telling a store that cannot be written (which stops the run) from one path that it cannot hold (which is named). */
import { errno, PhlbError, reason } from '../errors.js';
import { fsPath } from '../names.js';
import { phrase, type Phrase } from '../phrase.js';

// What a file system answers to a name, a path or a kind of entry that it cannot hold, or holds already (a case pair).
const PATH_CODES = new Set([
  'EEXIST',
  'EINVAL',
  'EILSEQ',
  'ENAMETOOLONG',
  'EPERM',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EFBIG',
]);

/** Runs one write into the store. `path` is how the user knows the entry. @throws what `storeError` makes of a failure */
export function inStore<T>(path: string, stored: string, write: (stored: string | Buffer) => T): T {
  try {
    return write(fsPath(stored));
  } catch (error) {
    throw storeError(error, path);
  }
}

/** A `PhlbError` that stops the run, or the system's own error when it concerns that path only. */
export function storeError(error: unknown, path: string): unknown {
  const code = errno(error);
  if (code === undefined || PATH_CODES.has(code)) return error;
  return new PhlbError('store', phrase`The backup location cannot be written (${reason(error)})`, {
    path,
    hint: storeHint(error),
    cause: error,
  });
}

/** The system's error of a disk that is full or read-only, as the error of the store that it is; any other as it is. */
export function fullStoreError(error: unknown, root: string): unknown {
  return isFull(error) || errno(error) === 'EROFS' ? storeError(error, root) : error;
}

/** The codes with which a system says that there is no room. */
export function isFull(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT'].includes(errno(error) ?? '');
}

/** The system's error of a write for which there is no room, before the write. */
export function noRoom(): Error {
  return Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
}

/** What a user can do about a write into the store that failed. */
export function storeHint(error: unknown): Phrase {
  if (isFull(error)) {
    return phrase`make room on the disk of the backup location, then try again; older snapshots are whole`;
  }
  if (errno(error) === 'EROFS') return phrase`the backup location is read-only`;
  return phrase`check the backup location; older snapshots are whole`;
}

/**
 * The codes with which `link` says: not to this inode, or not here. `UNKNOWN` is what libuv makes of Windows'
 * ERROR_TOO_MANY_LINKS, for which it has no code (its src/win/error.c).
 */
export function isLinkRefused(error: unknown): boolean {
  return ['EMLINK', 'UNKNOWN', 'EXDEV', 'EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errno(error) ?? '');
}
