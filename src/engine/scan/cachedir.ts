import { closeSync, constants, lstatSync, openSync, readSync } from 'node:fs';
import { passUnforeseen } from '../errors.js';
import { fsPath, join } from '../names.js';

const SIGNATURE = 'Signature: 8a477f597d28d172789f06886806bc55';

/** Whether a directory calls itself a cache (https://bford.info/cachedir/): a regular file of that name begins with the signature. */
export function isCacheDirectory(directory: string): boolean {
  const tag = fsPath(join(directory, 'CACHEDIR.TAG'));
  const stat = lstatSync(tag, { throwIfNoEntry: false });
  if (!stat?.isFile()) return false;
  try {
    // It may have become a FIFO since, which must not be waited for.
    const fd = openSync(tag, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    try {
      const start = Buffer.alloc(SIGNATURE.length);
      return readSync(fd, start) === start.length && start.toString('latin1') === SIGNATURE;
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    passUnforeseen(error);
    return false;
  }
}
