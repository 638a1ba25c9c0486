import { createHash } from 'node:crypto';
import { errno, reason } from '../errors.js';
import type { HashReply } from './jobs.js';
import { hashOpen, NotAFileError } from './read-file.js';

/** Hashes one file, which `open` opens; what cannot be read is an error in the reply. */
export function hashStored(
  path: string,
  open: (path: string) => number,
  sha512: boolean,
  cancelled: () => boolean,
): HashReply {
  try {
    if (!sha512) return hashOpen(open(path), cancelled);
    const second = createHash('sha512');
    const first = hashOpen(open(path), cancelled, chunk => void second.update(chunk));
    return { ...first, sha512: second.digest('hex') };
  } catch (error) {
    const code = error instanceof NotAFileError ? error.code : errno(error);
    if (code === undefined) throw error;
    return { size: 0, error: { path, code, message: reason(error) } };
  }
}
