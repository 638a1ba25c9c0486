import { chmodSync, lstatSync, renameSync } from 'node:fs';
import { errno } from '../errors.js';

// A scanner or an indexer that has just seen a new file lets go of it within a few seconds.
const PATIENCE_MS = 10_000;
const PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 500;

/**
 * Renames, replacing a file that stands at `to`. Windows refuses to replace what is read-only, and to rename what another
 * program has open at that moment: the first is made writable, the second tried again, waiting in between, as
 * graceful-fs does.
 * @param patience milliseconds
 * @throws the system's error
 */
export function rename(from: string | Buffer, to: string | Buffer, patience = PATIENCE_MS): void {
  if (process.platform !== 'win32') return renameSync(from, to);
  const end = performance.now() + patience;
  for (let pause = PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
    try {
      return renameSync(from, to);
    } catch (error) {
      if (!['EPERM', 'EACCES', 'EBUSY'].includes(errno(error) ?? '')) throw error;
      if (makeWritable(to)) continue;
      if (performance.now() > end) throw error;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pause);
  }
}

// Whether it was a read-only file, and is none any more.
function makeWritable(path: string | Buffer): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile() || (stat.mode & 0o200) !== 0) return false;
  chmodSync(path, 0o600);
  return true;
}
