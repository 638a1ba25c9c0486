/** Telling from a file's `lstat` and its line in the previous manifest whether it has to be read. Hot: once a file. */
import type { BigIntStats } from 'node:fs';
import { escapeText, formatEntry, formatHead, formatTags, tryParseEntry } from '../store/manifest.js';
import { nsToMicros } from '../times.js';
import type { ScanContext } from './directory.js';
import { entryOf, sourceTags } from './entries.js';

const SHA256 = / sha256=[0-9a-f]{64}/y;

/** The old line, when all that it says of the file still holds. Compared as text, without taking the line apart. */
export function unchangedLine(
  context: ScanContext,
  escapedDir: string,
  name: string,
  stat: BigIntStats,
  old: string,
): string | undefined {
  if (!context.trustInode || !context.trustCtime) return undefined;
  const head = formatHead(`${escapedDir}/${escapeText(name)}`, {
    type: 'file',
    mode: Number(stat.mode & 0o7777n),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: Number(stat.size),
    mtime: stat.mtimeNs,
  });
  if (!old.startsWith(head)) return undefined;
  const tags = formatTags(sourceTags(context, stat));
  const rest = head.length + ' sha256='.length + 64;
  if (!old.startsWith(tags, rest)) return undefined;
  SHA256.lastIndex = head.length;
  if (!SHA256.test(old)) return undefined;
  const end = rest + tags.length;
  return end === old.length || old.startsWith(',s', end) ? old : undefined;
}

/**
 * The line for a file whose content can be taken for unchanged although mode bits or owner are not.
 * `onOtherInode` is told of a file that is otherwise equal but has another inode number.
 */
export function sameContentLine(
  context: ScanContext,
  path: string,
  stat: BigIntStats,
  old: string,
  onOtherInode: () => void,
): string | undefined {
  const was = tryParseEntry(old);
  if (was?.type !== 'file' || was.size !== Number(stat.size) || was.mtime !== stat.mtimeNs) return undefined;
  if ((was.mode & 0o555) !== Number(stat.mode & 0o555n)) return undefined;
  if (context.trustCtime && was.ctime !== stat.ctimeNs) return undefined;
  if (was.inode !== stat.ino) {
    onOtherInode();
    if (context.trustInode) return undefined;
  }
  return formatEntry({
    ...entryOf(path, stat),
    ...sourceTags(context, stat),
    ...(was.sha256 === undefined ? {} : { sha256: was.sha256 }),
    ...(was.storedMtime === undefined ? {} : { storedMtime: was.storedMtime }),
  });
}

/** Whether the previous run may have missed a change of this file, made in the same tick of its clock. */
export function isRacy(context: ScanContext, stat: BigIntStats): boolean {
  return stat.mtimeNs >= context.racyFrom || (context.trustCtime && stat.ctimeNs >= context.racyFrom);
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
