import { lstatSync } from 'node:fs';
import { errno } from '../errors.js';
import { fsPath } from '../names.js';
import { isMarked, type DamagedInodes } from '../store/damage.js';
import { nsToMicros } from '../times.js';
import type { FileFacts, LinkCandidate } from './jobs.js';
import { hashFile, NotAFileError } from './read-file.js';

/**
 * Whether a stored file still is what was recorded of it, so that it may be linked (promise P6).
 * @param modes whether the store keeps mode bits
 * @returns its mtime in microseconds; `undefined` when it must not be linked
 */
export function checkCandidate(
  candidate: LinkCandidate,
  facts: FileFacts,
  modes: boolean,
  damaged: DamagedInodes,
  cancelled: () => boolean,
): number | undefined {
  try {
    const stat = lstatSync(fsPath(candidate.path), { bigint: true });
    const mtime = nsToMicros(stat.mtimeNs);
    if (!stat.isFile() || stat.size !== BigInt(facts.size) || isMarked(damaged, stat)) return undefined;
    if (modes && Number(stat.mode & 0o555n) !== ((facts.mode & 0o555) | 0o400)) return undefined;
    if (candidate.storedMtime !== null) return mtime === candidate.storedMtime ? mtime : undefined;
    return hashFile(candidate.path, cancelled).sha256 === facts.sha256 ? mtime : undefined;
  } catch (error) {
    if (errno(error) === undefined && !(error instanceof NotAFileError)) throw error;
    return undefined;
  }
}
