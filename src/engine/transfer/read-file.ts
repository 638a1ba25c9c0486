/**
 * Reading a source file once: hashed, and either kept in memory until its place in the store is decided (small files)
 * or written to that place in the same pass (large ones). Synchronous; it runs on the pool's threads.
 */
import { createHash, hash as hashOnce, type Hash } from 'node:crypto';
import * as fs from 'node:fs';
import type { FileFacts } from '../words/contents.js';
import { PhlbError } from '../words/errors.js';
import { isUsualTime, setTimeOfOpen } from '../files/file-times.js';
import { fsPath } from '../words/names.js';
import type { Settable } from '../store/capabilities.js';
import { inStore } from '../files/store-error.js';
import { nsToMicros } from '../words/times.js';

/** Larger files are not kept in memory. Bytes. */
export const HOLD_LIMIT = 1 << 20;
const CHUNK = 4 << 20;
/** How often a file that changes while it is read is read again. */
export const TRIES = 3;
// How far beyond its size at the start a file is read. One that grows faster than it is read would never end.
const GROWTH = 4 << 20;

const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;

export interface FileRead {
  sha256: string;
  /** as it was opened, or, after a change in mid-read, as it was last seen; `size` is the number of bytes read */
  stat: fs.BigIntStats;
  size: number;
  /** it changed during each of the tries: `sha256` is of the bytes as read */
  unstable: boolean;
}

/** A file that turned into something else between the walk and the reading. */
export class NotAFileError extends Error {
  readonly code = 'ENOTFILE';
  constructor() {
    super('ENOTFILE: no longer a regular file');
  }
}

/**
 * Reads and hashes an open file, and closes it; each chunk goes to `sink` too. `restart` is called before another try.
 * @throws `NotAFileError`; the system's error
 * @param seen the regular file as its `lstat` has just shown it: one look less at each file that keeps still. Another file
 *   than the one that is open is found out
 * @param into where chunks stay as they are until the next call with it; else until any file is read
 */
export function readFile(
  fd: number,
  cancelled: () => boolean,
  sink: (chunk: Buffer) => void = () => undefined,
  restart: () => void = () => undefined,
  seen?: fs.BigIntStats,
  into?: Buffer,
): FileRead {
  try {
    for (let attempt = 1; ; attempt++) {
      const before = attempt === 1 && seen ? seen : fs.fstatSync(fd, { bigint: true });
      if (!before.isFile()) throw new NotAFileError();
      const { size, sha256 } = hashFrom(fd, Number(before.size), cancelled, sink, into);
      const after = fs.fstatSync(fd, { bigint: true });
      const stable = sameState(before, after) && BigInt(size) === after.size;
      if (stable || attempt === TRIES) return { sha256, size, stat: after, unstable: !stable };
      restart();
    }
  } catch (error) {
    // What was seen of it is not always what was opened: a folder or a FIFO gives errors of its own.
    throw fs.fstatSync(fd).isFile() ? error : new NotAFileError();
  } finally {
    fs.closeSync(fd);
  }
}

/** What the manifest keeps of it. */
export function factsOf(read: FileRead): FileFacts {
  const { stat } = read;
  return {
    sha256: read.sha256,
    size: read.size,
    mode: Number(stat.mode & 0o7777n),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    mtime: stat.mtimeNs,
    ctime: stat.ctimeNs,
    inode: stat.ino,
    dev: stat.dev,
    nlink: stat.nlink,
    unstable: read.unstable,
  };
}

/** SHA-256 and size of a stored file; each chunk goes to `sink` too. */
export function hashFile(
  path: string,
  cancelled: () => boolean,
  sink?: (chunk: Buffer) => void,
): { sha256: string; size: number } {
  return hashOpen(openToRead(path), cancelled, sink);
}

/** SHA-256 and size of any open file, which is closed. @throws NotAFileError for what is no regular one */
export function hashOpen(
  fd: number,
  cancelled: () => boolean,
  sink: (chunk: Buffer) => void = () => undefined,
): { sha256: string; size: number } {
  try {
    const stat = fs.fstatSync(fd);
    if (!stat.isFile()) throw new NotAFileError();
    return hashFrom(fd, stat.size, cancelled, sink);
  } finally {
    fs.closeSync(fd);
  }
}

/** Opens a stored file: never through a symlink, never waiting for a FIFO's writer. Of a source: `HeldFolder.open`. */
export function openToRead(path: string): number {
  return fs.openSync(fsPath(path), O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
}

/** Opens a new stored file for writing. `settleStored` gives it its mode and time. */
export function createStored(path: string, stored: string, mode: number): number {
  return inStore(path, stored, name => fs.openSync(name, 'wx', mode));
}

/**
 * What a run has seen its store keep as it was given: a mode at opening, a time to the microsecond. Then not every file
 * is looked at again. On Windows each is: what Node makes of a time there is off by up to 0.8 µs (TIME_T_TO_FILETIME in
 * libuv's src/win/fs.c adds the seconds since 1601 as a double).
 */
export class Kept {
  private readonly modes = new Set<number>();

  has(mode: number, micros: number): boolean {
    return process.platform !== 'win32' && this.modes.has(mode) && isUsualTime(micros);
  }

  saw(mode: number, micros: number): void {
    // A coarser clock keeps a round time, too.
    if (isUsualTime(micros) && micros % 1000 !== 0) this.modes.add(mode);
  }
}

/**
 * Sets mode and mtime (microseconds) of an open stored file, where that can be set, and says which time the file system
 * really keeps.
 * @param kept asked and told, where the file was opened with this mode
 * @throws the system's error
 */
export function settleStored(
  fd: number,
  { modes, times }: Pick<Settable, 'modes' | 'times'>,
  mode: number,
  micros: number,
  kept?: Kept,
): number {
  if (times) setTimeOfOpen(fd, micros);
  if (kept?.has(mode, micros)) return micros;
  const stat = fs.fstatSync(fd, { bigint: true });
  const keeps = nsToMicros(stat.mtimeNs);
  // `open` applied the umask; a clone has the mode of its source.
  // Windows keeps no modes, but of a file whether it is read-only.
  const settable = modes || process.platform === 'win32';
  if (settable && Number(stat.mode & 0o7777n) !== mode) fs.fchmodSync(fd, mode);
  else if (times && keeps === micros) kept?.saw(mode, micros);
  return keeps;
}

let shared: Buffer | undefined;

/**
 * SHA-256 and size of an open file, from its start; `expected`: its size as last seen.
 * @param chunk what it is read into, part by part: who keeps what `sink` was given brings his own
 */
export function hashFrom(
  fd: number,
  expected: number,
  cancelled: () => boolean,
  sink: (chunk: Buffer) => void = () => undefined,
  chunk = (shared ??= Buffer.allocUnsafeSlow(CHUNK)),
): { sha256: string; size: number } {
  let hash: Hash | undefined;
  let size = 0;
  for (;;) {
    if (cancelled()) throw PhlbError.cancelled();
    // Reading one byte more than expected sees the end of a small file in the same call.
    const want = Math.min(chunk.length, Math.max(expected - size + 1, 4096));
    if (size >= expected + GROWTH) break;
    const n = fs.readSync(fd, chunk, 0, want, size);
    if (n === 0) break;
    const read = chunk.subarray(0, n);
    sink(read);
    size += n;
    // Nearly all files end here, without an object for each of them.
    if (!hash && n < want && size === expected) return { sha256: hashOnce('sha256', read, 'hex'), size };
    hash ??= createHash('sha256');
    hash.update(read);
    // Some file systems do not tell sizes beforehand, and answer in parts.
    if (n < want && size === expected) break;
  }
  return { sha256: (hash ?? createHash('sha256')).digest('hex'), size };
}

/** Whether two looks saw one file, to which nothing was written between them. */
export function sameState(a: fs.BigIntStats, b: fs.BigIntStats): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.ino === b.ino && a.dev === b.dev;
}
