import { closeSync, rmSync } from 'node:fs';
import { errno, PhlbError, reason } from '../errors.js';
import type { PathError } from '../model.js';
import { fsPath } from '../names.js';
import { syncFile } from '../store/durable.js';
import { inStore } from '../store/store-error.js';
import { createStored, finishStored, hashFile, NotAFileError } from './read-file.js';
import { SparseWriter } from './sparse-writer.js';

export interface CopyRequest {
  /** absolute; a stored file or one of the source */
  from: string;
  /** absolute; nothing may stand there */
  to: string;
  /** what the copy must be */
  sha256: string;
  mode: number;
  /** microseconds */
  mtime: number;
  cancel: SharedArrayBuffer;
}

/**
 * Copies a file into the store, flushed, and keeps the copy only if its content is the one asked for. Returns why there
 * is none.
 * @throws PhlbError `store`, `cancelled`
 */
export function copyChecked(
  { from, to, sha256, mode, mtime }: CopyRequest,
  cancelled: () => boolean,
): PathError | null {
  const fd = createStored(to, to, 0o600);
  let kept = false;
  try {
    const file = new SparseWriter(fd);
    const read = hashFile(from, cancelled, chunk => inStore(to, to, () => file.write(chunk)));
    inStore(to, to, () => file.finish());
    kept = read.sha256 === sha256;
  } catch (error) {
    const code = error instanceof NotAFileError ? error.code : errno(error);
    if (PhlbError.is(error) || code === undefined) throw error;
    return { path: from, code, message: reason(error) };
  } finally {
    if (!kept) {
      closeSync(fd);
      rmSync(fsPath(to), { force: true });
    }
  }
  if (!kept) return { path: from, code: 'EDAMAGED', message: 'Its content is another' };
  finishStored(to, to, fd, mode, mtime);
  inStore(to, to, syncFile);
  return null;
}
