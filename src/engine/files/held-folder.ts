/**
 * A folder that is worked in while its owner may exchange what is in it: the source of a backup, the target of a restore.
 * All calls for what lies there are here. None of them leads out of it (promises P1 and P8), though who owns it may put a
 * symlink in the place of any folder on the way at any moment.
 *
 * What PHLB writes for itself needs no such thing: the backup location is a folder that only its owner may write into.
 */
import * as fs from 'node:fs';
import { basename, dirname as dirnameOf } from 'node:path';
import { errno, passAllButRefusals, PhlbError, reason, unlessRefused } from '../words/errors.js';
import { dirname, fsPath, join, nameFromBuffer } from '../words/names.js';
import { phrase } from '../words/phrase.js';
import { syncDirectory, syncFile } from './durable.js';
import { removeEmpty, removeFile } from './remove.js';
import { rename } from './rename.js';
import { Descriptors, Looks, OwnEntry, type Name, type Way } from './ways-in.js';

const { O_RDONLY, O_WRONLY, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = fs.constants;

/** Which folder is meant, whatever stands at its path by then. Fit for `postMessage`. */
export interface FolderId {
  /** absolute */
  path: string;
  dev: bigint;
  ino: bigint;
  /** where it is found as long as it is held by who tells of it, wherever it is by then */
  door?: string | undefined;
}

/** All paths are relative to the folder, with `/` between their names; `''` is the folder itself. */
export class HeldFolder {
  private constructor(
    readonly id: FolderId,
    private readonly way: Way,
    /** the folder that is meant, below the one that is held: it may have to be made */
    private readonly base: string,
  ) {}

  /**
   * Close it when the work is done. A symlink at the path itself is followed.
   * @param known `id` of another `HeldFolder`: it must still be that one
   * @param chosen another way in than the best that there is
   * @throws PhlbError `source` for what is no folder, cannot be reached, or is another one by now
   */
  static open(path: string, known?: FolderId, chosen?: Way): HeldFolder {
    let way: Way | undefined;
    try {
      way = chosen ?? Descriptors.open(path, known?.door) ?? new Looks(path);
      const { dev, ino } = fs.statSync(way.folder(''), { bigint: true });
      // Where nothing can be held, inode numbers are not always what they are here.
      if (!known || way instanceof Looks || (known.dev === dev && known.ino === ino)) {
        return new HeldFolder({ path, dev, ino }, way, '');
      }
    } catch (cause) {
      way?.close();
      throw new PhlbError('source', phrase`The folder cannot be read (${reason(cause)})`, { path, cause });
    }
    way.close();
    throw new PhlbError('source', phrase`It was replaced by another folder in the meantime`, {
      path,
      hint: phrase`try again; if it keeps happening, find out what replaces it`,
    });
  }

  /** Its `id` for other threads, good until this is closed. */
  idWhileHeld(): FolderId {
    return { ...this.id, door: this.way.isSure ? String(this.way.folder('')) : undefined };
  }

  /** A folder in this one, which may have to be made (`makeAll`). It ends with this one, which must not be used from then on. */
  below(path: string): HeldFolder {
    return new HeldFolder(this.id, this.way, this.inner(path));
  }

  /** The folder that is held, if this one is only to be made in it. */
  outer(): HeldFolder {
    return new HeldFolder(this.id, this.way, '');
  }

  /** Its path without symlinks. */
  realPath(): string {
    const held = this.way.folder('');
    return nameFromBuffer(fs.realpathSync.native(held, { encoding: 'buffer' }));
  }

  /** Lets go of all but the folder itself: what is below it is looked up again. */
  rest(): void {
    this.way.rest();
  }

  close(): void {
    this.way.close();
  }

  /**
   * An `lstat` by the whole path, cheaper by half, which may be led astray: only for what is asked again if anything new
   * follows from it. `undefined`: it told nothing.
   */
  glance(path: string): fs.BigIntStats | undefined {
    // Once a file: not by a function of its own.
    try {
      return fs.lstatSync(fsPath(`${this.id.path}/${path}`), { bigint: true, throwIfNoEntry: false });
    } catch (error) {
      passAllButRefusals(error);
      return undefined;
    }
  }

  /** @throws the system's error, as all that follow; `ENOTDIR` for what lies behind what is no folder by now */
  lstat(path: string): fs.BigIntStats {
    if (path === '') return this.inFolder('', name => fs.statSync(name, { bigint: true }));
    return this.at(path, name => fs.lstatSync(name, { bigint: true }));
  }

  /** `undefined` where nothing is, or nothing that it could be in. */
  find(path: string): fs.BigIntStats | undefined {
    return unlessRefused(() => this.lstat(path), 'ENOENT');
  }

  /** The names in a folder, in no order. */
  names(folder: string): string[] {
    return this.inFolder(folder, name => {
      const names = fs.readdirSync(name);
      // U+FFFD: a name that is not UTF-8 (or really holds that character), so look at the bytes.
      if (process.platform === 'win32' || !names.some(one => one.includes('\ufffd'))) return names;
      return fs.readdirSync(name, { encoding: 'buffer' }).map(nameFromBuffer);
    });
  }

  /** `f_type` of statfs(2), of the file system that a folder is on. */
  fileSystem(folder: string): number {
    return this.inFolder(folder, name => fs.statfsSync(name).type);
  }

  readlink(path: string): string {
    return this.at(path, name => nameFromBuffer(fs.readlinkSync(name, { encoding: 'buffer' })));
  }

  /** Whether this user may do that (`R_OK`…) with a file. @throws why not */
  access(path: string, mode: number): void {
    this.at(path, name => fs.accessSync(name, mode));
  }

  /** Whether this user may do that with a folder. @throws why not */
  accessFolder(folder: string, mode: number): void {
    this.inFolder(folder, name => fs.accessSync(name, mode));
  }

  /** Opens a file for reading. Never through a symlink; never waiting for a FIFO's writer. */
  open(path: string): number {
    const flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK;
    return this.at(
      path,
      name => fs.openSync(name, flags),
      (_, fd) => fs.closeSync(fd),
    );
  }

  /** Opens a file for writing that is not there yet. */
  create(path: string, mode: number): number {
    return this.at(
      path,
      name => fs.openSync(name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode),
      (name, fd) => {
        fs.closeSync(fd);
        removeFile(name);
      },
    );
  }

  mkdir(path: string, mode: number): void {
    this.at(
      path,
      name => fs.mkdirSync(name, { mode }),
      name => removeEmpty(name),
    );
    this.way.forget(this.inner(path));
  }

  /** Makes the folder itself, with those above it. */
  makeAll(mode: number): void {
    for (let at = 0; at < this.base.length; at++) {
      at = this.base.indexOf('/', at);
      const path = at < 0 ? this.base : this.base.slice(0, at);
      try {
        this.outer().mkdir(path, mode);
      } catch (error) {
        passAllButRefusals(error, 'EEXIST');
      }
      if (at < 0) return;
    }
  }

  symlink(target: string, path: string): void {
    this.at(
      path,
      name => fs.symlinkSync(fsPath(target), name),
      name => removeFile(name),
    );
  }

  link(from: string, to: string): void {
    this.at(from, source =>
      this.at(
        to,
        name => fs.linkSync(source, name),
        name => removeFile(name),
      ),
    );
  }

  /** @param patience milliseconds, as in `files/rename.ts` */
  rename(from: string, to: string, patience: number): void {
    this.at(from, source => this.at(to, name => rename(source, name, patience)));
  }

  unlink(path: string): void {
    this.at(path, name => removeFile(name));
  }

  rmdir(path: string): void {
    if (path !== '') {
      this.at(path, name => removeEmpty(name));
      return this.way.forget(this.inner(path));
    }
    const own = basename(this.id.path);
    const parent = HeldFolder.open(dirnameOf(this.id.path));
    try {
      const { dev, ino } = parent.lstat(own);
      if (dev !== this.id.dev || ino !== this.id.ino)
        throw Object.assign(new Error('ENOENT: it was moved'), { code: 'ENOENT' });
      parent.rmdir(own);
    } finally {
      parent.close();
    }
  }

  /** Flushes a file. */
  sync(path: string): void {
    if (process.platform === 'win32') return void this.at(path, syncFile);
    const fd = this.open(path);
    try {
      fs.fsyncSync(fd);
    } finally {
      fs.closeSync(fd);
    }
  }

  /** Flushes a folder's own entries. */
  syncFolder(folder: string): void {
    this.inFolder(folder, syncDirectory);
  }

  /** Sets what stands at the path, and nothing that is put there meanwhile. A symlink itself, not what it leads to. */
  change(path: string, act: (own: OwnEntry) => void): void {
    try {
      const { name, follow, release } = this.way.own(this.inner(path));
      try {
        act(new OwnEntry(name, follow));
      } finally {
        release();
      }
      if (!this.way.isSure) this.ensureSame(dirname(path));
    } catch (error) {
      throw this.named(error, path);
    }
  }

  private at<T>(path: string, act: (name: Name) => T, undo?: (name: Name, made: T) => void): T {
    try {
      const name = this.way.entry(this.inner(path));
      const made = act(name);
      if (!this.way.isSure) this.ensureSame(dirname(path), () => undo?.(name, made));
      return made;
    } catch (error) {
      throw this.named(error, path);
    }
  }

  private inFolder<T>(folder: string, act: (name: Name) => T): T {
    try {
      const made = act(this.way.folder(this.inner(folder)));
      if (!this.way.isSure) this.ensureSame(folder);
      return made;
    } catch (error) {
      throw this.named(error, folder);
    }
  }

  private ensureSame(folder: string, undo?: () => void): void {
    try {
      this.way.ensureSame(this.inner(folder));
    } catch (error) {
      undo?.();
      throw error;
    }
  }

  private inner(path: string): string {
    return this.base === '' ? path : join(this.base, path);
  }

  // Nobody knows a file as `/proc/4711/fd/17/name`.
  private named(error: unknown, path: string): unknown {
    if (!(error instanceof Error) || errno(error) === undefined) return error;
    const known = join(this.id.path, this.inner(path));
    error.message = error.message.replace(/'\/proc\/\w+\/fd\/\d+[^']*'/g, `'${known}'`);
    return Object.assign(error, { path: known });
  }
}
