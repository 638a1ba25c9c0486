/** Telling from a file's `lstat` and its line in the previous manifest whether it has to be read. Hot: once a file. */
import type { BigIntStats } from 'node:fs';
import { formatEntry, type Entry } from '../store/manifest.js';
import { unsigned } from '../words/numbers.js';
import { nsToMicros } from '../words/times.js';
import { entryOf, sourceTags } from './entries.js';
import type { LineBytes } from './line-bytes.js';

/** What a file's times and numbers say of it. Fit for `postMessage`. */
export interface Trust {
  /** device number of the source folder */
  device: bigint;
  /** file times (ns) from here on may belong to a change that the last run did not see */
  racyFrom: bigint;
  /** whether a file's ctime and inode tell of changes here */
  trustCtime: boolean;
  trustInode: boolean;
  /** whether they do so of a file that was moved, too (`change-times.ts`) */
  trustMoves: boolean;
  /** they say nothing: every file is read */
  checksum: boolean;
}

/**
 * Reads a file's old line from behind its name to its end. If all that it says of the file still holds, the mtime
 * (microseconds) that the stored file must have.
 */
export function unchangedSince(line: LineBytes, trust: Trust, stat: BigIntStats): number | undefined {
  if (!trust.trustInode || !trust.trustCtime) return undefined;
  const same =
    line.pass(' type=file mode=') &&
    line.passNumber(Number(stat.mode) & 0o7777, 8, 4) &&
    line.pass(' uid=') &&
    line.passNumber(Number(stat.uid), 10) &&
    line.pass(' gid=') &&
    line.passNumber(Number(stat.gid), 10) &&
    line.pass(' size=') &&
    line.passNumber(Number(stat.size), 10) &&
    line.pass(' time=') &&
    line.passTime(stat.mtimeNs) &&
    line.pass(' sha256=') &&
    line.passHex(64) &&
    line.pass(' tags=c') &&
    line.passTime(stat.ctimeNs) &&
    line.pass(',i') &&
    line.passNumber(Number(stat.ino), 10) &&
    (stat.dev === trust.device || (line.pass(',d') && line.passNumber(Number(stat.dev), 10))) &&
    (stat.nlink === 1n || line.pass(',h'));
  if (!same) return undefined;
  const stored = line.pass(',s') ? line.number(10) : nsToMicros(stat.mtimeNs);
  // Beyond 2^53 digits added up may make another number than the one that they stand for.
  return line.isAtEnd() && Number.isSafeInteger(stored) ? stored : undefined;
}

/**
 * The line for a file whose content can be taken for unchanged although mode bits or owner are not.
 * `onOtherInode` is told of a file that is otherwise equal but has another inode number.
 */
export function sameContentLine(
  trust: Trust,
  path: string,
  stat: BigIntStats,
  was: Entry | undefined,
  onOtherInode: () => void,
): string | undefined {
  if (was?.type !== 'file' || was.size !== Number(stat.size) || was.mtime !== stat.mtimeNs) return undefined;
  if ((was.mode & 0o555) !== Number(stat.mode & 0o555n)) return undefined;
  if (trust.trustCtime && was.ctime !== stat.ctimeNs) return undefined;
  if (was.inode !== unsigned(stat.ino)) {
    onOtherInode();
    if (trust.trustInode) return undefined;
  }
  return formatEntry({
    ...entryOf(path, stat),
    ...sourceTags(trust, stat),
    ...(was.sha256 === undefined ? {} : { sha256: was.sha256 }),
    ...(was.storedMtime === undefined ? {} : { storedMtime: was.storedMtime }),
  });
}

/** Whether this file is the one of an entry, moved or not, and nothing was done to it since. */
export function isSameInode(trust: Trust, stat: BigIntStats, was: Entry): boolean {
  return (
    was.ctime === stat.ctimeNs &&
    was.mtime === stat.mtimeNs &&
    was.inode === unsigned(stat.ino) &&
    (was.dev ?? unsigned(trust.device)) === unsigned(stat.dev)
  );
}

/** Whether the previous run may have missed a change of this file, made in the same tick of its clock. */
export function isRacy(trust: Trust, stat: BigIntStats): boolean {
  return stat.mtimeNs >= trust.racyFrom || (trust.trustCtime && stat.ctimeNs >= trust.racyFrom);
}

/** The mtime (microseconds) that the stored file of this line must have. */
export function storedMicros(line: string, stat: BigIntStats): number {
  const at = line.lastIndexOf(',s');
  return at < 0 ? nsToMicros(stat.mtimeNs) : Number(line.slice(at + 2));
}

/** The hash in a file's line. */
export function hashOf(line: string): string {
  const at = line.indexOf(' sha256=') + 8;
  return line.slice(at, at + 64);
}

/** Whether two lines of one file say the same of its content and metadata, whatever inode and ctime they name. */
export function saysTheSame(line: string, old: string): boolean {
  return withoutTags(line) === withoutTags(old);
}

function withoutTags(line: string): string {
  const tags = line.lastIndexOf(' tags=');
  return tags < 0 ? line : line.slice(0, tags);
}
