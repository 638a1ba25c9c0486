import { closeSync, fsyncSync } from 'node:fs';
import type { PathError } from '../words/model.js';
import { PhlbError } from '../words/errors.js';
import { HeldFolder } from '../files/held-folder.js';
import type { Settable } from '../store/capabilities.js';
import { inStore, removeEntry } from '../files/store-error.js';
import { pathErrorOf } from './file-transfer.js';
import { createStored, hashOpen, openToRead, settleStored } from './read-file.js';
import { SparseWriter } from './sparse-writer.js';

export interface CopyRequest {
  /** absolute, a stored file; or relative to `within` */
  from: string;
  /** absolute; the source that the file is in, if it is none of the store */
  within?: string;
  /** absolute; nothing may stand there */
  to: string;
  /** what the copy must be */
  sha256: string;
  mode: number;
  /** microseconds */
  mtime: number;
  /** what the store's file system lets be set */
  capabilities: Pick<Settable, 'modes' | 'times'>;
  cancel: SharedArrayBuffer;
}

/**
 * Copies a file into the store, flushed, and keeps the copy only if its content is the one asked for. Returns why there
 * is none.
 * @throws PhlbError `store`, `cancelled`
 */
export function copyChecked(
  { from, within, to, sha256, mode, mtime, capabilities }: CopyRequest,
  cancelled: () => boolean,
): PathError | null {
  const fd = createStored(to, to, 0o600);
  let kept = false;
  try {
    const file = new SparseWriter(fd);
    const read = hashOpen(open(from, within), cancelled, chunk => inStore(to, to, () => file.write(chunk)));
    if (read.sha256 !== sha256) return { path: from, code: 'EDAMAGED', message: 'Its content differs' };
    inStore(to, to, () => {
      file.finish();
      settleStored(fd, capabilities, mode, mtime);
      fsyncSync(fd);
    });
    kept = true;
    return null;
  } catch (error) {
    // The source may be gone.
    if (PhlbError.is(error, 'source')) return { path: from, code: 'ENOENT', message: error.message };
    return pathErrorOf(from, error);
  } finally {
    closeSync(fd);
    if (!kept) removeEntry(to, to);
  }
}

function open(path: string, within: string | undefined): number {
  if (within === undefined) return openToRead(path);
  const source = HeldFolder.open(within);
  try {
    return source.open(path);
  } finally {
    source.close();
  }
}
