import { createHash } from 'node:crypto';
import { reason, refusalCode } from '../words/errors.js';
import { hashOpen, NotAFileError } from './read-file.js';
import type { PathError } from '../words/model.js';

export interface HashReply {
  sha256?: string;
  sha512?: string;
  size: number;
  error?: PathError;
}

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
    const code = error instanceof NotAFileError ? error.code : refusalCode(error);
    return { size: 0, error: { path, code, message: reason(error) } };
  }
}
