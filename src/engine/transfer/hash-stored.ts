import { createHash } from 'node:crypto';
import { errno, reason } from '../errors.js';
import type { HashReply } from './jobs.js';
import { hashFile, NotAFileError } from './read-file.js';

/** Hashes one stored file; what cannot be read is an error in the reply. */
export function hashStored(path: string, sha512: boolean, cancelled: () => boolean): HashReply {
  try {
    if (!sha512) return hashFile(path, cancelled);
    const second = createHash('sha512');
    const first = hashFile(path, cancelled, chunk => void second.update(chunk));
    return { ...first, sha512: second.digest('hex') };
  } catch (error) {
    const code = error instanceof NotAFileError ? error.code : errno(error);
    if (code === undefined) throw error;
    return { size: 0, error: { path, code, message: reason(error) } };
  }
}
