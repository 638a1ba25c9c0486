/** What a manifest says of a source entry, from its `lstat`. */
import type { BigIntStats } from 'node:fs';
import type { FileFacts } from '../words/contents.js';
import { escapePath, formatHead, formatTags, type Entry } from '../store/manifest.js';
import { nsToMicros } from '../words/times.js';

/** The fields that every type of entry has; of a file, a directory or a symlink. */
export function entryOf(path: string, stat: BigIntStats): Entry {
  return {
    path,
    type: stat.isFile() ? 'file' : stat.isDirectory() ? 'dir' : 'link',
    mode: Number(stat.mode & 0o7777n) | (isFolderOfWindows(stat) ? 0o111 : 0),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: stat.isFile() ? Number(stat.size) : 0,
    mtime: stat.mtimeNs,
  };
}

// Node says of folders there that nobody may enter them, and on another system they would come back like that.
function isFolderOfWindows(stat: BigIntStats): boolean {
  return process.platform === 'win32' && stat.isDirectory();
}

/** What a manifest says of any type of entry without reading it: neither content nor a symlink's target. */
export function outlineOf(path: string, stat: BigIntStats): Entry {
  const isStored = stat.isFile() || stat.isDirectory() || stat.isSymbolicLink();
  return isStored ? entryOf(path, stat) : specialEntry(path, stat);
}

/** The entry of what is only recorded: FIFO, socket or device. */
export function specialEntry(path: string, stat: BigIntStats): Entry {
  const entry = entryOf(path, stat);
  if (stat.isFIFO()) return { ...entry, type: 'fifo' };
  if (stat.isSocket()) return { ...entry, type: 'socket' };
  const kind = stat.isBlockDevice() ? 'block' : 'char';
  return { ...entry, type: 'device', device: { kind, number: deviceNumber(stat.rdev) } };
}

/** What a manifest keeps of a source file beyond mtree's own keywords. */
export function sourceTags(
  context: { device: bigint; trustCtime: boolean },
  stat: Pick<BigIntStats, 'ctimeNs' | 'ino' | 'dev' | 'nlink'>,
): Pick<Entry, 'ctime' | 'inode' | 'dev' | 'hardlinked' | 'storedMtime'> {
  // Without spread syntax: this is done once a file.
  const tags: ReturnType<typeof sourceTags> = { inode: stat.ino };
  if (context.trustCtime) tags.ctime = stat.ctimeNs;
  if (stat.dev !== context.device) tags.dev = stat.dev;
  if (stat.nlink > 1n) tags.hardlinked = true;
  return tags;
}

/** The line of a file that was read. `storedMtime`: of the stored file (microseconds), if there is one. */
export function fileLine(
  context: { device: bigint; trustCtime: boolean },
  path: string,
  facts: FileFacts,
  storedMtime: number | undefined,
): string {
  const { mode, uid, gid, size, mtime, sha256, ctime, inode, dev, nlink } = facts;
  const head = formatHead(escapePath(path), { type: 'file', mode, uid, gid, size, mtime });
  const tags = sourceTags(context, { ctimeNs: ctime, ino: inode, dev, nlink });
  if (storedMtime !== undefined && storedMtime !== nsToMicros(mtime)) tags.storedMtime = storedMtime;
  return `${head} sha256=${sha256}${formatTags(tags)}`;
}

// Linux's dev_t, as mtree(5) spells it for other systems to read.
function deviceNumber(rdev: bigint): string {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn);
  return `linux,${major},${minor}`;
}
