import { chmodSync, lstatSync, renameSync } from 'node:fs';
import { tryAgain } from './patience.js';

const PATIENCE_MS = 10_000;

/**
 * Renames, replacing a file that stands at `to`. Windows refuses to replace what is read-only, and to rename what another
 * program has open at that moment: the first is made writable, the second tried again.
 * @param patience milliseconds
 * @throws the system's error
 */
export function rename(from: string | Buffer, to: string | Buffer, patience = PATIENCE_MS): void {
  const clearTheWay = (): boolean => makeWritable(to);
  tryAgain(() => renameSync(from, to), { codes: ['EPERM', 'EACCES', 'EBUSY'], patience, clearTheWay });
}

// Whether it was a read-only file and no longer is.
function makeWritable(path: string | Buffer): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat?.isFile() || (stat.mode & 0o200) !== 0) return false;
  chmodSync(path, 0o600);
  return true;
}
