/**
 * Reflinks (btrfs, XFS): a copy that shares its blocks with the original until one of the two is written to. Linux only:
 * elsewhere Node can clone by name alone, which another program may exchange for a symlink in between.
 */
import * as fs from 'node:fs';
import { passAllButRefusals, refusalCode } from '../words/errors.js';
import { setTime } from '../files/file-times.js';
import { fsPath } from '../words/names.js';
import { remove, removeFile } from '../files/remove.js';
import { finishEntry } from '../files/store-error.js';
import { hashFrom, openToRead, sameState, TRIES, type FileRead } from './read-file.js';

/** Smaller files are copied: they take a block or few, and mostly wait in memory for their place. Bytes. */
export const CLONE_FROM = 64 << 10;

const { COPYFILE_EXCL, COPYFILE_FICLONE_FORCE } = fs.constants;
// With these a file system says that it cannot, or not from there; others concern a single file.
const NEVER = new Set(['EXDEV', 'ENOTSUP', 'EOPNOTSUPP', 'ENOTTY', 'ENOSYS']);

export class Cloner {
  /** devices from which nothing can be cloned into the store */
  private readonly refused = new Set<bigint>();
  private repeats = process.platform === 'linux';

  /** Whether a source file of this size (bytes) on this device may be cloned, as far as is known by now. */
  mayClone(size: number, device: bigint): boolean {
    return size >= CLONE_FROM && process.platform === 'linux' && !this.refused.has(device);
  }

  /** Whether `again` is worth a try. */
  mayRepeat(size: number): boolean {
    return this.repeats && size >= CLONE_FROM;
  }

  /**
   * Clones a source file, which `open` opens, and hashes the clone, so that the hash is of the bytes that are stored, whatever is written to
   * the source meanwhile. Returns `undefined` where the file has to be copied; then nothing stands at `stored`.
   * @returns with the clone's descriptor, for `settleStored`
   * @throws PhlbError `cancelled`
   */
  read(open: () => number, stored: string, cancelled: () => boolean): { read: FileRead; fd: number } | undefined {
    if (process.platform !== 'linux') return undefined;
    let made = false;
    let clone: number | undefined;
    try {
      const fd = open();
      try {
        for (let attempt = 1; ; attempt++) {
          const before = fs.fstatSync(fd, { bigint: true });
          if (!before.isFile() || !this.clone(fd, before.dev, fsPath(stored))) return undefined;
          made = true;
          const after = fs.fstatSync(fd, { bigint: true });
          const stable = sameState(before, after);
          if (stable || attempt === TRIES) {
            clone = openToRead(stored);
            const { sha256, size } = hashFrom(clone, Number(after.size), cancelled);
            const read = { sha256, size, stat: after, unstable: !stable || BigInt(size) !== after.size };
            return { read, fd: clone };
          }
          removeFile(fsPath(stored));
          made = false;
        }
      } finally {
        fs.closeSync(fd);
      }
    } catch (error) {
      if (clone !== undefined) fs.closeSync(clone);
      if (made) remove(fsPath(stored));
      passAllButRefusals(error);
      return undefined;
    }
  }

  /** Clones a stored file, with its mode and mtime (microseconds), where there are no hardlinks. Returns whether it could. */
  again(from: string, to: string, micros: number): boolean {
    const fd = openToRead(from);
    try {
      this.repeats = this.clone(fd, fs.fstatSync(fd, { bigint: true }).dev, fsPath(to));
      if (!this.repeats) return false;
    } finally {
      fs.closeSync(fd);
    }
    finishEntry(to, to, name => setTime(name, micros));
    return true;
  }

  private clone(fd: number, device: bigint, to: string | Buffer): boolean {
    if (this.refused.has(device)) return false;
    try {
      // Not by its name, which may have become a symlink since it was opened.
      fs.copyFileSync(`/proc/self/fd/${fd}`, to, COPYFILE_EXCL | COPYFILE_FICLONE_FORCE);
      return true;
    } catch (error) {
      const code = refusalCode(error);
      if (NEVER.has(code)) this.refused.add(device);
      return false;
    }
  }
}
