// A place in memory for temporary folders: the disk of a test machine is slow, shared, and waited for at each flush.
import { existsSync, statfsSync } from 'node:fs';

const MEMORY = '/dev/shm';
/** What the tests of six files at a time have at most, with plenty to spare. */
const NEEDED = 6 * 2 ** 30;

/**
 * What to add to the environment of tests; nothing where there is no such place, or no room, or TMPDIR says where else.
 * @returns {Record<string, string>}
 */
export function inMemory() {
  if (process.env['TMPDIR'] !== undefined || !existsSync(MEMORY)) return {};
  const { bavail, bsize } = statfsSync(MEMORY);
  return bavail * bsize >= NEEDED ? { TMPDIR: MEMORY } : {};
}
