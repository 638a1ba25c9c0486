/**
 * How what lies in a folder is named in a system call, so that a folder on the way which is exchanged for a symlink leads
 * nowhere. `O_NOFOLLOW` and `lstat` guard the last name of a path only, and Node has no `openat`.
 */
import * as fs from 'node:fs';
import { errno, unlessRefused } from '../words/errors.js';
import { setTime, setTimeOfLink } from './file-times.js';
import { basename, dirname, fsPath, join } from '../words/names.js';

export type Name = string | Buffer;

/** What names one entry whatever is put in its place; `isLink`: the calls that do not follow are to be used. */
export interface Own {
  name: Name;
  follow: boolean;
  release: () => void;
}

/** Paths are relative, with `/`; `''` is the folder itself. */
export interface Way {
  /** Leads to a folder: for calls that follow the last name. @throws the system's error, `ENOTDIR` for what is no longer one */
  folder(path: string): Name;
  /** Names what stands at a path: for calls that follow no last name. @throws as `folder` */
  entry(path: string): Name;
  /** Leads to what stands at a path now, and to nothing else before it is released. @throws as `folder` */
  own(path: string): Own;
  /** No name can lead elsewhere, so that nothing has to be confirmed. */
  readonly isSure: boolean;
  /** Call it after each use of a name. @throws `ENOTDIR` when it may have led elsewhere: what was done is to be undone */
  ensureSame(folder: string): void;
  /** What is held of it and below it is let go of: it is removed or made. */
  forget(path: string): void;
  /** Lets go of all but the folder itself. */
  rest(): void;
  close(): void;
}

const { O_DIRECTORY = 0, O_NOFOLLOW = 0 } = fs.constants;
/** Linux, on all machines that Node runs on; Node has no name for it. Opens what may only be passed through, too. */
const O_PATH = 0o10000000;
/** Open folders, at most, for each of the threads. */
const MAX_HELD = 32;
/** Of a path with its end, in bytes: what the system takes in one call (`PATH_MAX`). */
const MAX_PATH = 4096;

/**
 * Linux: each folder is opened from the one above it and kept open; its names are `/proc/PID/fd/N/name`. The kernel then
 * looks up one name only, in that very folder, wherever it is by now.
 */
export class Descriptors implements Way {
  readonly isSure = true;
  /** the one that was used last comes last */
  private readonly held = new Map<string, number>();
  private last: { path: string; fd: number };

  private constructor(
    private readonly base: string,
    private readonly root: number,
    private readonly fds: string,
  ) {
    this.last = { path: '', fd: root };
  }

  /**
   * `undefined` where there is no such way: another system, or no `/proc`.
   * @param door another name by which it is found
   * @throws the system's error
   */
  static open(base: string, door = base): Descriptors | undefined {
    if (process.platform !== 'linux') return undefined;
    const fd = fs.openSync(fsPath(door), O_PATH | O_DIRECTORY);
    const is = fs.fstatSync(fd, { bigint: true });
    const fds = descriptors();
    const seen = fs.statSync(`${fds}${fd}`, { bigint: true, throwIfNoEntry: false });
    if (seen?.ino === is.ino && seen.dev === is.dev) return new Descriptors(base, fd, fds);
    fs.closeSync(fd);
    return undefined;
  }

  folder(path: string): Name {
    return this.nameOf(this.hold(path));
  }

  entry(path: string): Name {
    refuseTooLong(this.base, path);
    return fsPath(`${this.nameOf(this.hold(dirname(path)))}/${basename(path)}`);
  }

  own(path: string): Own {
    if (path === '') return { name: this.nameOf(this.root), follow: true, release: () => undefined };
    const fd = fs.openSync(this.entry(path), O_PATH | O_NOFOLLOW);
    return { name: this.nameOf(fd), follow: true, release: () => fs.closeSync(fd) };
  }

  ensureSame(): void {
    // It is sure.
  }

  forget(path: string): void {
    for (const [held, fd] of this.held) {
      if (held === path || held.startsWith(`${path}/`)) this.drop(held, fd);
    }
  }

  rest(): void {
    for (const [held, fd] of this.held) this.drop(held, fd);
  }

  close(): void {
    this.rest();
    fs.closeSync(this.root);
  }

  private nameOf(fd: number): string {
    return this.fds + fd;
  }

  private hold(path: string): number {
    if (path === this.last.path) return this.last.fd;
    const fd = path === '' ? this.root : (this.touch(path) ?? this.descend(path));
    this.last = { path, fd };
    return fd;
  }

  private descend(path: string): number {
    refuseTooLong(this.base, path);
    const missing: string[] = [];
    let above = path;
    let known: number | undefined;
    for (; above !== '' && known === undefined; known = this.touch(above)) {
      missing.push(above);
      above = dirname(above);
    }
    let fd = known ?? this.root;
    let passing: number | undefined;
    try {
      for (let part = missing.pop(); part !== undefined; part = missing.pop()) {
        fd = openFolder(this.nameOf(fd), basename(part));
        if (passing !== undefined) fs.closeSync(passing);
        // No more are kept than these two, so that a name which was given out just before stays good.
        passing = missing.length < 2 ? undefined : fd;
        if (missing.length < 2) this.keep(part, fd);
      }
    } catch (error) {
      if (passing !== undefined) fs.closeSync(passing);
      throw error;
    }
    return fd;
  }

  private touch(path: string): number | undefined {
    const fd = this.held.get(path);
    if (fd !== undefined) {
      this.held.delete(path);
      this.held.set(path, fd);
    }
    return fd;
  }

  private keep(path: string, fd: number): void {
    this.held.set(path, fd);
    if (this.held.size <= MAX_HELD) return;
    for (const [oldest, itsFd] of this.held) return this.drop(oldest, itsFd);
  }

  private drop(path: string, fd: number): void {
    this.held.delete(path);
    if (this.last.path === path) this.last = { path: '', fd: this.root };
    fs.closeSync(fd);
  }
}

/**
 * Elsewhere: the whole path, with a look at every folder on the way before and after. Who exchanges folders at just the
 * right moments can deceive it, so what was done meanwhile is undone where it can be.
 */
export class Looks implements Way {
  readonly isSure = false;
  constructor(private readonly base: string) {}

  folder(path: string): Name {
    this.ensureSame(path);
    return fsPath(join(this.base, path));
  }

  entry(path: string): Name {
    this.ensureSame(dirname(path));
    return fsPath(join(this.base, path));
  }

  own(path: string): Own {
    return { name: this.entry(path), follow: path === '', release: () => undefined };
  }

  ensureSame(folder: string): void {
    for (let part = folder; part !== ''; part = dirname(part)) {
      if (!fs.lstatSync(fsPath(join(this.base, part))).isDirectory()) throw noFolder();
    }
  }

  forget(): void {
    // Nothing is held.
  }

  rest(): void {
    // Nothing is held.
  }

  close(): void {
    // Nothing is held.
  }
}

/** One entry of a held folder, to be looked at and to be set. */
export class OwnEntry {
  constructor(
    private readonly name: Name,
    private readonly follow: boolean,
  ) {}

  stat(): fs.BigIntStats {
    return (this.follow ? fs.statSync : fs.lstatSync)(this.name, { bigint: true });
  }

  chown(uid: number, gid: number): void {
    (this.follow ? fs.chownSync : fs.lchownSync)(this.name, uid, gid);
  }

  /** Not of a symlink: there is no such call. */
  chmod(mode: number): void {
    fs.chmodSync(this.name, mode);
  }

  /** Both in microseconds; a symlink's own is the same for both. */
  setTime(micros: number, accessed = micros): void {
    if (this.follow) setTime(this.name, micros, accessed);
    else setTimeOfLink(this.name, micros);
  }
}

// By the number that the process has there: `/proc/self` would be looked up with each name, for a tenth of the time of a call.
function descriptors(): string {
  return unlessRefused(() => `/proc/${fs.readlinkSync('/proc/self')}/fd/`) ?? '/proc/self/fd/';
}

function openFolder(above: string, name: string): number {
  try {
    return fs.openSync(fsPath(`${above}/${name}`), O_PATH | O_DIRECTORY | O_NOFOLLOW);
  } catch (error) {
    throw ['ENOTDIR', 'ELOOP'].includes(errno(error) ?? '') ? noFolder() : error;
  }
}

// What could be reached in this way and in no other would be stored under names that nobody can use.
function refuseTooLong(base: string, path: string): void {
  if ((base.length + path.length) * 3 < MAX_PATH) return;
  if (Buffer.byteLength(fsPath(join(base, path))) < MAX_PATH) return;
  throw Object.assign(new Error('ENAMETOOLONG: name too long'), { code: 'ENAMETOOLONG' });
}

function noFolder(): Error {
  return Object.assign(new Error('ENOTDIR: no longer a folder'), { code: 'ENOTDIR' });
}
