import { errno } from '../words/errors.js';

/** What a file system without modes, owners or times answers. */
const UNSUPPORTED = new Set(['EPERM', 'EINVAL', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

/** Sets what a file system may not have. */
export function ifSupported(set: () => void): void {
  try {
    set();
  } catch (error) {
    if (!UNSUPPORTED.has(errno(error) ?? '')) throw error;
  }
}
