import { chmodSync } from 'node:fs';
import { setTime } from '../files/file-times.js';
import { give } from '../files/ownership.js';
import { inStore } from '../files/store-error.js';
import { pathErrorOf } from '../transfer/file-transfer.js';
import type { PathError } from '../words/model.js';
import { join } from '../words/names.js';
import type { DirectoryTimes, WritingSetup } from './jobs.js';

/**
 * Gives a directory of the new tree its mode, owner and time. What cannot be set is told, and no more: all that it holds is
 * stored, and the manifest has its mode and time.
 */
export function finishDirectory(
  { tree, modes, times, owner }: Pick<WritingSetup, 'tree' | 'modes' | 'times' | 'owner'>,
  { path, mode, mtime }: DirectoryTimes,
): PathError[] {
  try {
    inStore(path, join(tree, path), dir => {
      // Always `u+rwx`, else the snapshot could not be removed.
      const stored = (mode & 0o777) | 0o700;
      if (modes && stored !== 0o700) chmodSync(dir, stored);
      if (owner) give(dir, owner);
      if (times) setTime(dir, mtime);
    });
    return [];
  } catch (error) {
    return [pathErrorOf(path, error)];
  }
}
