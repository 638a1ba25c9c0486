import { createHash } from 'node:crypto';
import { chmodSync, linkSync, lstatSync, renameSync, unlinkSync, utimesSync, writeSync, closeSync } from 'node:fs';
import { errno, PhlbError, reason } from '../errors.js';
import type { PathError } from '../model.js';
import { fsPath, join } from '../names.js';
import { IgnoreMatcher } from '../scan/ignore-files.js';
import { scanDirectory, type ScanContext } from '../scan/directory.js';
import { inspectDirectories } from '../scan/inspect.js';
import { compileGlobs } from '../scan/rules.js';
import { matchEntries, namesOfContents } from '../scan/stored-names.js';
import { damageByInode, isMarked } from '../store/damage.js';
import { ManifestText } from '../store/manifest-file.js';
import { inStore, isLinkRefused, storeError } from '../store/store-error.js';
import { removeTree } from '../store/trash.js';
import { microsToSeconds, nsToMicros } from '../times.js';
import { copyChecked } from './checked-copy.js';
import type {
  DirectoryTimes,
  FileFacts,
  HashReply,
  JobName,
  Jobs,
  LinkCandidate,
  PlaceReply,
  PlaceRequest,
  ReadReply,
  ReadRequest,
  RunSetup,
} from './jobs.js';
import { measure } from './measure.js';
import {
  createStored,
  finishStored,
  hashFile,
  HOLD_LIMIT,
  NotAFileError,
  readFile,
  type FileRead,
} from './read-file.js';

/** A file between its reading and its placing. */
interface Held {
  path: string;
  facts: FileFacts;
  /** `null`: too large to keep */
  bytes: Buffer | null;
}

/** Does the jobs of one thread, each synchronously. Holds the run's setup and the contents that wait for a place. */
export class Executor {
  private run: { setup: RunSetup; scan: ScanContext; cancelled: () => boolean } | undefined;
  private readonly held = new Map<number, Held>();
  private readonly inspected = new Map<string, string>();

  execute<N extends JobName>(name: N, request: Jobs[N][0]): Jobs[N][1] {
    const handlers: { [K in JobName]: (request: Jobs[K][0]) => Jobs[K][1] } = {
      setup: setup => this.setup(setup),
      scan: directories =>
        directories.map(directory => {
          this.checkCancelled();
          return scanDirectory(this.current().scan, directory);
        }),
      read: files => files.map(file => this.read(file)),
      place: places => places.map(place => this.place(place)),
      finish: directories => this.finish(directories),
      hash: ({ paths, sha512 = false, cancel }) => paths.map(path => hashStored(path, sha512, cancelFlag(cancel))),
      inspect: request => inspectDirectories(request, this.inspected, cancelFlag(request.cancel)),
      names: request => namesOfContents(request, cancelFlag(request.cancel)),
      match: request => matchEntries(request, cancelFlag(request.cancel)),
      copy: request => copyChecked(request, cancelFlag(request.cancel)),
      measure,
      remove: removeTree,
    };
    return handlers[name](request);
  }

  private setup(setup: RunSetup): null {
    const { previous, rules } = setup;
    this.held.clear();
    this.run = {
      setup,
      cancelled: cancelFlag(setup.cancel),
      scan: {
        ...setup,
        previous: previous && {
          tree: previous.tree,
          id: previous.id,
          manifest: new ManifestText(Buffer.from(previous.manifest)),
        },
        globs: compileGlobs(rules.exclude),
        ignores: new IgnoreMatcher(),
        useGitignore: rules.useGitignore,
        maxFileSize: rules.maxFileSize ?? Infinity,
        oneFileSystem: rules.oneFileSystem,
        only: setup.only && new Set(setup.only),
        damaged: damageByInode(setup.damaged),
      },
    };
    return null;
  }

  private read(request: ReadRequest): ReadReply {
    const { setup, cancelled } = this.current();
    const { id, path } = request;
    const source = join(setup.source, path);
    try {
      if (request.stage === 'hash' || setup.tree === null) {
        return { id, facts: factsOf(readFile(source, cancelled)) };
      }
      return this.readAndKeep(id, path, source);
    } catch (error) {
      return { id, error: this.pathError(path, error) };
    }
  }

  // Small contents wait in memory; once one grows beyond the limit it goes to the disk as it is read.
  private readAndKeep(id: number, path: string, source: string): ReadReply {
    const { setup, cancelled } = this.current();
    const stored = join(setup.tree ?? '', path);
    let chunks: Buffer[] = [];
    let size = 0;
    let fd: number | undefined;
    const write = (chunk: Buffer): void => inStore(path, stored, () => writeAll(fd ?? -1, chunk));
    try {
      const read = readFile(
        source,
        cancelled,
        chunk => {
          size += chunk.length;
          if (fd === undefined && size <= HOLD_LIMIT) return void chunks.push(Buffer.from(chunk));
          if (fd === undefined) {
            fd = createStored(path, stored, 0o600);
            chunks.forEach(write);
            chunks = [];
          }
          write(chunk);
        },
        () => {
          chunks = [];
          size = 0;
          // The next try writes from the start again.
          if (fd !== undefined) {
            closeSync(fd);
            unlinkSync(fsPath(stored));
            fd = undefined;
          }
        },
      );
      const facts = factsOf(read);
      if (fd === undefined) {
        this.held.set(id, { path, facts, bytes: Buffer.concat(chunks) });
        return { id, facts };
      }
      const done = fd;
      fd = undefined;
      this.held.set(id, { path, facts, bytes: null });
      return {
        id,
        facts,
        storedMtime: finishStored(path, stored, done, this.storedMode(facts), nsToMicros(facts.mtime)),
      };
    } catch (error) {
      if (fd !== undefined) {
        closeSync(fd);
        unlinkSync(fsPath(stored));
      }
      throw error;
    }
  }

  private place(request: PlaceRequest): PlaceReply {
    const { id } = request;
    const held = this.held.get(id);
    if (!held) throw new PhlbError('store', `Nothing is held under number ${id}`);
    this.held.delete(id);
    const damaged: LinkCandidate[] = [];
    try {
      const linked = this.link(id, held, request.candidates, damaged);
      if (linked !== undefined) return { id, how: 'linked', facts: held.facts, storedMtime: linked, damaged };
      if (!request.orWrite && this.current().setup.hardlinks) {
        this.held.set(id, held);
        return { id, refused: true, damaged };
      }
      const stored = this.write(held);
      return { id, how: 'copied', facts: held.facts, storedMtime: stored, damaged };
    } catch (error) {
      return { id, error: this.pathError(held.path, error) };
    }
  }

  // Links the first candidate that still is what was recorded (promise P6). Returns its mtime in microseconds.
  private link(id: number, held: Held, candidates: LinkCandidate[], damaged: LinkCandidate[]): number | undefined {
    const { setup, scan, cancelled } = this.current();
    if (!setup.hardlinks) return undefined;
    const target = fsPath(join(setup.tree ?? '', held.path));
    for (const candidate of candidates) {
      const state = checkCandidate(candidate, held.facts, setup.modes, scan.damaged, cancelled);
      if (state === undefined) {
        damaged.push(candidate);
        continue;
      }
      try {
        if (held.bytes === null) this.replace(id, fsPath(candidate.path), target);
        else linkSync(fsPath(candidate.path), target);
        return state;
      } catch (error) {
        if (!isLinkRefused(error)) throw storeError(error, held.path);
      }
    }
    return undefined;
  }

  private write(held: Held): number {
    const { setup } = this.current();
    const stored = join(setup.tree ?? '', held.path);
    const { bytes, facts, path } = held;
    if (bytes === null) {
      return inStore(path, stored, name => nsToMicros(lstatSync(name, { bigint: true }).mtimeNs));
    }
    const mode = this.storedMode(facts);
    const fd = createStored(path, stored, mode);
    try {
      inStore(path, stored, () => writeAll(fd, bytes));
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    return finishStored(path, stored, fd, mode, nsToMicros(facts.mtime));
  }

  // A large file stands there already, written while it was read. It stays until the link has come about.
  private replace(id: number, candidate: string | Buffer, target: string | Buffer): void {
    const link = fsPath(`${this.current().setup.tree ?? ''}.link-${id}`);
    linkSync(candidate, link);
    try {
      renameSync(link, target);
    } catch (error) {
      unlinkSync(link);
      throw error;
    }
  }

  private finish(directories: DirectoryTimes[]): null {
    const { setup } = this.current();
    for (const { path, mode, mtime } of directories) {
      inStore(path, join(setup.tree ?? '', path), dir => {
        // Always `u+rwx`, else the snapshot could not be removed.
        const stored = (mode & 0o777) | 0o700;
        if (stored !== 0o700) chmodSync(dir, stored);
        const seconds = microsToSeconds(mtime);
        utimesSync(dir, seconds, seconds);
      });
    }
    return null;
  }

  private storedMode(facts: FileFacts): number {
    const kept = this.current().setup.protectFiles ? 0o555 : 0o777;
    return (facts.mode & kept) | 0o400;
  }

  private pathError(path: string, error: unknown): PathError {
    const code = error instanceof NotAFileError ? error.code : errno(error);
    if (code === undefined) throw error;
    return { path, code, message: reason(error) };
  }

  private current(): { setup: RunSetup; scan: ScanContext; cancelled: () => boolean } {
    if (!this.run) throw new PhlbError('store', 'A thread was given a job before its setup');
    return this.run;
  }

  private checkCancelled(): void {
    if (this.current().cancelled()) throw new PhlbError('cancelled', 'Cancelled');
  }
}

/** Reads a shared cancel flag. */
export function cancelFlag(cancel: SharedArrayBuffer): () => boolean {
  const flag = new Int32Array(cancel);
  return () => Atomics.load(flag, 0) !== 0;
}

function factsOf(read: FileRead): FileFacts {
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

// The candidate's mtime when it is what was recorded, `undefined` when it must not be linked.
function checkCandidate(
  candidate: LinkCandidate,
  facts: FileFacts,
  modes: boolean,
  damaged: ScanContext['damaged'],
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

function hashStored(path: string, sha512: boolean, cancelled: () => boolean): HashReply {
  try {
    if (!sha512) return hashFile(path, cancelled);
    const second = createHash('sha512');
    const first = hashFile(path, cancelled, chunk => void second.update(chunk));
    return { ...first, sha512: second.digest('hex') };
  } catch (error) {
    const code = error instanceof NotAFileError ? error.code : errno(error);
    if (code === undefined) throw error;
    return { size: 0, error: { path, code, message: reason(error) } };
  }
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at);
}
