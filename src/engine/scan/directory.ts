/**
 * The walk, one directory at a time, merged with the same directory of the previous manifest. This is the hot path of
 * a run in which little has changed: per unchanged file one `lstat` of the source, one of the stored file, one `link`.
 * In a first snapshot small files are stored from here, too (`transfer/direct-transfer.ts`).
 * All synchronous; it runs on the pool's threads.
 */
import { constants, linkSync, lstatSync, mkdirSync, symlinkSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import {
  contentKey,
  isContentOf,
  keptChanging,
  storedContent,
  type DirectlyStored,
  type FileFacts,
} from '../words/contents.js';
import { passAllButRefusals, reason, refusalCode } from '../words/errors.js';
import { setTimeOfLink } from '../files/file-times.js';
import type { ExcludedCount } from '../words/model.js';
import { dirname, fsPath, join } from '../words/names.js';
import { repositoryOf } from '../words/repositories.js';
import { inStore, isLinkRefused, makeEntry, storeError } from '../files/store-error.js';
import {
  checkPath,
  escapePath,
  formatEntry,
  storedMtimeOf,
  textOf,
  tryParseEntry,
  type Entry,
} from '../store/manifest.js';
import { isMarked } from '../store/damage.js';
import { folderKey } from '../store/store-folders.js';
import { nsToMicros } from '../words/times.js';
import { isCacheDirectory } from './cachedir.js';
import { entryOf, fileLine, specialEntry } from './entries.js';
import { readIgnoreFiles, type IgnoreFile } from './ignore-files.js';
import { PreviousLines } from './previous-lines.js';
import type { DirectoryScan, ScanContext, ScanDirectory, ScanTally } from './scan.js';
import {
  hashOf,
  isRacy,
  isSameInode,
  sameContentLine,
  saysTheSame,
  storedMicros,
  unchangedSince,
} from './unchanged.js';

const { S_IFMT, S_IFREG, S_IFDIR, S_IFLNK } = constants;

/** Scans one directory: links what is unchanged, makes its symlinks and subdirectories, says what must be read. */
export function scanDirectory(context: ScanContext, directory: ScanDirectory, tally: ScanTally): DirectoryScan {
  return new DirectoryScanner(context, directory, tally).scan();
}

// A class only so that the loop's state need not be handed from function to function.
class DirectoryScanner {
  private readonly out: DirectoryScan;
  private changed = false;
  /** a number: where in the previous manifest the same line stands */
  private readonly lines: (string | number)[] = [];
  private readonly escapedDir: string;
  private readonly previous: PreviousLines | undefined;
  private rewritten = false;
  /** the stored directory is one, all the way down; looked at when first needed */
  private stands: boolean | undefined;
  /** it lies in a git repository's own folder; looked at when first needed */
  private isRepository: boolean | undefined;
  private readonly excluded = new Map<string, ExcludedCount>();
  private ignoreFiles: IgnoreFile[];

  constructor(
    private readonly context: ScanContext,
    private readonly directory: ScanDirectory,
    private readonly tally: ScanTally,
  ) {
    const { path } = directory;
    this.escapedDir = path === '' ? '.' : escapePath(path);
    this.previous =
      directory.previous && context.previous
        ? new PreviousLines(context.previous.manifest, directory.previous, path, this.escapedDir)
        : undefined;
    this.ignoreFiles = directory.ignoreFiles;
    this.out = { path, lines: null, pending: [], stored: [], directories: [] };
  }

  scan(): DirectoryScan {
    const { out, tally } = this;
    const names = this.readNames();
    const { path } = this.directory;
    const { source, ignoreFileNames } = this.context;
    const own = readIgnoreFiles(file => source.open(file), path, names, ignoreFileNames, tally.refused);
    if (own.length > 0) this.ignoreFiles = [...this.ignoreFiles, ...own];
    for (const name of names) this.visit(name);
    this.previous?.finish();
    const gone = this.previous?.gone ?? 0;
    if (gone > 0) this.changed = true;
    if (this.changed || this.rewritten || out.pending.length > 0) {
      const lines = this.lines.map(line => this.text(line));
      out.lines = out.pending.length > 0 ? lines : textOf(lines);
    }
    tally.changed ||= this.changed;
    this.countChanged(gone);
    tally.directories += out.directories.length;
    for (const one of this.excluded.values()) tally.excluded.push(one);
    return out;
  }

  private readNames(): string[] {
    const { only, source } = this.context;
    try {
      let names = source.names(this.directory.path);
      if (only) names = names.filter(name => only.has(join(this.directory.path, name)));
      return names.sort();
    } catch (error) {
      this.fail(this.directory.path, error);
      return [];
    }
  }

  private visit(name: string): void {
    const path = join(this.directory.path, name);
    const known = this.previous?.find(name) ?? false;
    try {
      checkPath(path);
      const stat = this.look(path);
      const type = Number(stat.mode) & S_IFMT;
      const rule = this.excludedBy(path, name, type, stat);
      if (rule !== undefined) return this.count(rule, type === S_IFDIR);
      if (type === S_IFREG) this.file(name, path, stat, known);
      else if (type === S_IFDIR) this.subdirectory(name, path, stat, known);
      else if (type === S_IFLNK) this.symlink(path, stat, known);
      else this.emit(formatEntry(specialEntry(path, stat)), known);
    } catch (error) {
      this.fail(path, error);
    }
  }

  // What a glance says of a regular file is not believed any further than this: all that is new is read, and what is read
  // says what it is (`transfer/read-file.ts`). Twice the time would be spent on each unchanged file otherwise.
  private look(path: string): BigIntStats {
    const { source } = this.context;
    const glance = source.glance(path);
    return glance && (Number(glance.mode) & S_IFMT) === S_IFREG ? glance : source.lstat(path);
  }

  private file(name: string, path: string, stat: BigIntStats, known: boolean): void {
    const { context, previous } = this;
    const size = Number(stat.size);
    if (known && previous && !context.checksum) {
      // Nearly all are found to say the same without being made a string.
      const stored = unchangedSince(previous.reader, context, stat);
      const line = stored === undefined ? this.sameLine(path, stat) : previous.position;
      if (line !== undefined && !isRacy(context, stat)) {
        const mtime = stored ?? storedMicros(this.text(line), stat);
        const keeps = this.linkStored(path, path, mtime, stat, line);
        if (keeps !== undefined) {
          this.tally.files++;
          this.tally.bytes += size;
          return this.emit(keeps === mtime ? line : this.retimed(line, keeps), known);
        }
      }
    }
    const again = this.linkedAgain(path, stat, known);
    if (again !== undefined) return this.emit(again, known);
    const stored = known ? 'later' : (context.direct?.store(path, stat) ?? 'later');
    if (typeof stored === 'object') return this.stored(path, stored);
    const [at, old, repeated] = [this.lines.length, this.takeOld(known), stored === 'repeated'];
    this.out.pending.push({ name, at, size, old, repeated });
    this.lines.push('');
  }

  private sameLine(path: string, stat: BigIntStats): string | undefined {
    const { context, previous } = this;
    const was = previous && tryParseEntry(previous.line());
    const line = sameContentLine(context, path, stat, was, () => this.tally.inodeOnly++);
    // Of another inode than the one that was read: this says something new.
    if (line === undefined || was?.inode === stat.ino) return line;
    return sameContentLine(context, path, context.source.lstat(path), was, () => undefined);
  }

  // Most files that are not as they were have new times only, or another name. One with its old content is linked to its
  // old place, and nobody has to be asked. Returns its line.
  private linkedAgain(path: string, stat: BigIntStats, known: boolean): string | undefined {
    const { context, tally } = this;
    const old = known ? this.previous?.line() : undefined;
    const was = old === undefined ? this.wasElsewhere(stat) : tryParseEntry(old);
    if (was?.type !== 'file' || BigInt(was.size) !== stat.size || !(context.hardlinks || context.tree === null)) return;
    const storedMtime = storedMtimeOf(was);
    const line = this.movedLine(path, stat, was) ?? this.readLine(path, stat, was, storedMtime);
    const keeps = line === undefined ? undefined : this.linkStored(was.path, path, storedMtime, stat, line);
    if (line === undefined || keeps === undefined) return undefined;
    tally.linkedFiles++;
    tally.linkedBytes += was.size;
    if (old === undefined || !saysTheSame(line, old)) this.countChanged(1);
    return keeps === storedMtime ? line : this.retimed(line, keeps);
  }

  private wasElsewhere(stat: BigIntStats): Entry | undefined {
    return this.context.trustInode ? this.context.previous?.byInode.find(stat.ino) : undefined;
  }

  // Of a file that has nothing but another name, or lies in a folder that has: it need not be read.
  private movedLine(path: string, stat: BigIntStats, was: Entry): string | undefined {
    const { context } = this;
    const isMoved = context.trustMoves && !context.checksum && path !== was.path && isSameInode(context, stat, was);
    if (!isMoved || isRacy(context, stat)) return undefined;
    return sameContentLine(context, path, stat, was, () => undefined);
  }

  private readLine(path: string, stat: BigIntStats, was: Entry, storedMtime: number): string | undefined {
    const facts = this.readAgain(path, stat);
    return facts && !facts.unstable && isContentOf(facts, was)
      ? fileLine(this.context, path, facts, storedMtime)
      : undefined;
  }

  private readAgain(path: string, stat: BigIntStats): FileFacts | undefined {
    try {
      return this.context.reads.read(path, stat)?.facts;
    } catch (error) {
      // It is read once more, and then its error is told.
      passAllButRefusals(error);
      return undefined;
    }
  }

  private stored(path: string, { facts, mtime }: DirectlyStored): void {
    const { context, tally } = this;
    tally.copiedFiles++;
    tally.copiedBytes += facts.size;
    this.countChanged(1);
    if (facts.unstable) tally.errors.push(keptChanging(path));
    this.out.stored.push(storedContent(contentKey(facts), path, mtime));
    this.emit(fileLine(context, path, facts, mtime), false);
  }

  // Links the stored file if it is still what was recorded (promise P6), and returns the time that it has; `undefined`: read
  // the source instead. `from`: its path in the last snapshot; `line`: one that tells its content.
  private linkStored(
    from: string,
    path: string,
    storedMtime: number,
    stat: BigIntStats,
    line: string | number,
  ): number | undefined {
    const { context } = this;
    if (!context.previous) return undefined;
    if (context.tree === null) return storedMtime;
    if (!context.hardlinks) return undefined;
    let keeps: number | undefined = storedMtime;
    const stored = fsPath(join(context.previous.tree, from));
    // Through a symlink put in its place, a file of the source would be linked into its own backup.
    const { folders } = context.previous;
    const stands = from === path ? (this.stands ??= folders.has(this.directory.path)) : folders.has(dirname(from));
    try {
      const is = lstatSync(stored, { bigint: true });
      const intact =
        stands && (Number(is.mode) & S_IFMT) === S_IFREG && is.size === stat.size && !isMarked(context.damaged, is);
      if (!intact) keeps = undefined;
      else if (nsToMicros(is.mtimeNs) !== storedMtime) {
        keeps = context.putTimeBack(join(context.previous.tree, from), hashOf(this.text(line)), storedMtime);
        if (keeps !== undefined) this.tally.retimed++;
      }
      if (keeps === undefined) {
        this.tally.damaged.push(from);
        return undefined;
      }
    } catch (error) {
      passAllButRefusals(error);
      this.tally.damaged.push(from);
      return undefined;
    }
    try {
      linkSync(stored, fsPath(join(context.tree, path)));
      return keeps;
    } catch (error) {
      // At the link limit, or where this one cannot be linked, the content gets a fresh copy.
      if (isLinkRefused(error)) return undefined;
      throw storeError(error, path);
    }
  }

  // The line of a file whose stored one has a time of its own (microseconds).
  private retimed(line: string | number, storedMtime: number): string {
    const text = this.text(line);
    const entry = tryParseEntry(text);
    return entry ? formatEntry({ ...entry, storedMtime }) : text;
  }

  private subdirectory(name: string, path: string, stat: BigIntStats, known: boolean): void {
    const { context } = this;
    if (context.tree !== null) inStore(path, join(context.tree, path), stored => mkdirSync(stored, 0o700));
    this.out.directories.push({
      name,
      mode: Number(stat.mode) & 0o7777,
      mtime: nsToMicros(stat.mtimeNs),
      ignoreFiles: this.ignoreFiles,
    });
    this.emit(formatEntry(entryOf(path, stat)), known);
  }

  private symlink(path: string, stat: BigIntStats, known: boolean): void {
    const { context } = this;
    const target = context.source.readlink(path);
    const line = formatEntry({ ...entryOf(path, stat), target });
    if (context.tree !== null) {
      makeEntry(
        path,
        join(context.tree, path),
        stored => symlinkSync(fsPath(target), stored),
        (_, stored) => context.linkTimes && setTimeOfLink(stored, nsToMicros(stat.mtimeNs)),
      );
    }
    this.tally.symlinks++;
    this.emit(line, known);
  }

  private excludedBy(path: string, name: string, type: number, stat: BigIntStats): string | undefined {
    const { context } = this;
    if (context.only) return undefined;
    const isDirectory = type === S_IFDIR;
    if (path === context.leaveOut || (isDirectory && context.storeFolders.has(folderKey(stat)))) return 'backup root';
    const glob = context.globs(path, name, isDirectory);
    if (glob !== undefined) return glob;
    if (this.ignoreFiles.length > 0) {
      const file = context.ignores.match(this.ignoreFiles, path, isDirectory);
      if (file !== undefined) return file;
    }
    if (type === S_IFREG && stat.size > context.maxFileSize) return 'maxFileSize';
    if (isDirectory && stat.dev !== context.device) {
      if (context.oneFileSystem) return 'oneFileSystem';
      if (context.kernel.has(path, stat.dev)) return 'kernel file system';
    }
    if (isDirectory && context.obeysTags && isCacheDirectory(context.source, path)) return 'CACHEDIR.TAG';
    return undefined;
  }

  private count(rule: string, isDirectory: boolean): void {
    const counted = this.excluded.get(rule) ?? { rule, directories: 0, files: 0 };
    this.excluded.set(rule, counted);
    if (isDirectory) counted.directories++;
    else counted.files++;
  }

  // What git does to its own files is no change of the user's.
  private countChanged(files: number): void {
    this.isRepository ??= repositoryOf(this.directory.path) !== undefined;
    if (!this.isRepository) this.tally.changedFiles += files;
  }

  private emit(line: string | number, known: boolean): void {
    this.lines.push(line);
    if (typeof line === 'number') return this.previous?.take();
    const old = this.takeOld(known);
    if (line === old) return;
    this.rewritten = true;
    // Inodes that are not stable make other lines of files that are the same.
    if (old === undefined || !saysTheSame(line, old)) this.changed = true;
  }

  private takeOld(known: boolean): string | undefined {
    if (!known) return undefined;
    const old = this.previous?.line();
    this.previous?.take();
    return old;
  }

  private text(line: string | number): string {
    return typeof line === 'string' ? line : (this.previous?.line(line) ?? '');
  }

  private fail(path: string, error: unknown): void {
    const code = refusalCode(error);
    this.tally.errors.push({ path, code, message: reason(error) });
  }
}
