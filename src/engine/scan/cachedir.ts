import { closeSync, readSync } from 'node:fs';
import { passUnforeseen } from '../words/errors.js';
import type { HeldFolder } from '../files/held-folder.js';
import { join } from '../words/names.js';

const SIGNATURE = 'Signature: 8a477f597d28d172789f06886806bc55';

/** Whether a directory calls itself a cache (https://bford.info/cachedir/): a regular file of that name begins with the signature. */
export function isCacheDirectory(source: HeldFolder, directory: string): boolean {
  const tag = join(directory, 'CACHEDIR.TAG');
  if (!source.glance(tag)?.isFile()) return false;
  try {
    const fd = source.open(tag);
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
