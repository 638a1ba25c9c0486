/** Writing that survives a crash: private name first, flushed, then put in place in one step. */
import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, renameSync, unlinkSync, writeFileSync } from 'node:fs';
import { errno } from '../errors.js';
import { dirname } from 'node:path';

/** Replaces a file as a whole: a reader sees the old text or the new one, also after a power loss. */
export function replaceFile(file: string, data: string | Uint8Array, mode = 0o600): void {
  const draft = writeDraft(file, data, mode);
  try {
    renameSync(draft, file);
  } catch (error) {
    unlinkSync(draft);
    throw error;
  }
  syncDirectory(dirname(file));
}

/** Puts a whole file in place unless one stands there. Returns whether it did. */
export function createExclusive(file: string, data: string, mode = 0o600): boolean {
  const draft = writeDraft(file, data, mode);
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    if (!isLinkUnsupported(error)) throw error;
    return createWithoutLinks(file, data, mode);
  } finally {
    unlinkSync(draft);
  }
}

/** The codes with which file systems say that they have no hardlinks (or no hardlinks to there). */
export function isLinkUnsupported(error: unknown): boolean {
  return ['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EXDEV', 'EISDIR'].includes(errno(error) ?? '');
}

/** Flushes a folder's own entries. Windows cannot and need not. */
export function syncDirectory(dir: string | Buffer): void {
  if (process.platform === 'win32') return;
  const fd = openSync(dir, 'r');
  try {
    fsyncSync(fd);
  } catch (error) {
    // Some file systems (FUSE, network) have no fsync for folders.
    if (!['EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'].includes(errno(error) ?? '')) throw error;
  } finally {
    closeSync(fd);
  }
}

export function syncFile(file: string | Buffer): void {
  // Windows flushes only through a handle that may write.
  const fd = openSync(file, process.platform === 'win32' ? 'r+' : 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function writeDraft(file: string, data: string | Uint8Array, mode: number): string {
  const draft = `${file}.${randomBytes(6).toString('hex')}.new`;
  const fd = openSync(draft, 'wx', mode);
  try {
    writeFileSync(fd, data);
    fsyncSync(fd);
  } catch (error) {
    unlinkSync(draft);
    throw error;
  } finally {
    closeSync(fd);
  }
  return draft;
}

function createWithoutLinks(file: string, data: string, mode: number): boolean {
  try {
    writeFileSync(file, data, { flag: 'wx', mode, flush: true });
    return true;
  } catch (error) {
    if (errno(error) === 'EEXIST') return false;
    throw error;
  }
}
