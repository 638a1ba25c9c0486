/**
 * The walk, one directory at a time, merged with the same directory of the previous manifest. This is the hot path of
 * a run in which little has changed: per unchanged file one `lstat` of the source, one of the stored file, one `link`.
 * All synchronous; it runs on the pool's threads.
 */
import { linkSync, lstatSync, lutimesSync, mkdirSync, readdirSync, readlinkSync, symlinkSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { errno, reason } from '../errors.js';
import type { ExcludedCount, PathError } from '../model.js';
import { fsPath, join, nameFromBuffer } from '../names.js';
import type { ManifestText, Range } from '../store/manifest-file.js';
import { inStore, isLinkRefused, storeError } from '../store/store-error.js';
import { escapePath, formatEntry } from '../store/manifest.js';
import { isMarked, type DamagedInodes } from '../store/damage.js';
import { microsToSeconds, nsToMicros } from '../times.js';
import { isCacheDirectory } from './cachedir.js';
import { entryOf, specialEntry } from './entries.js';
import { readIgnoreFiles, type IgnoreFile, type IgnoreMatcher } from './ignore-files.js';
import { PreviousLines } from './previous-lines.js';
import type { GlobMatcher } from './rules.js';
import type { TreeFolders } from './tree-folders.js';
import { isRacy, sameContentLine, saysTheSame, storedMicros, unchangedLine } from './unchanged.js';

/** What stays the same for every directory of a run. */
export interface ScanContext {
  source: string;
  /** the tree being written; `null`: only compare */
  tree: string | null;
  previous: { tree: string; folders: TreeFolders; manifest: ManifestText; id: string } | null;
  globs: GlobMatcher;
  ignores: IgnoreMatcher;
  useGitignore: boolean;
  maxFileSize: number;
  /** device number of the source folder */
  device: bigint;
  oneFileSystem: boolean;
  /** relative path of the backup root below the source, if it is there: never entered */
  leaveOut: string | null;
  /** nothing but these paths and what leads to them; `null`: everything */
  only: ReadonlySet<string> | null;
  /** file times (ns) from here on may belong to a change that the previous run did not see */
  racyFrom: bigint;
  /** whether a file's ctime and inode tell of changes here */
  trustCtime: boolean;
  trustInode: boolean;
  /** read every file */
  checksum: boolean;
  /** whether stored files can be linked */
  hardlinks: boolean;
  /** by inode; never linked */
  damaged: DamagedInodes;
}

export interface ScanDirectory {
  path: string;
  /** the directory's lines in the previous manifest */
  previous: Range | null;
  /** ignore files of this directory's ancestors, outermost first */
  ignoreFiles: IgnoreFile[];
}

/** A file that has to be read. */
interface PendingFile {
  name: string;
  /** where its line belongs in `lines` */
  at: number;
  /** as the walk saw it, bytes */
  size: number;
  /** its line in the previous manifest */
  old: string | undefined;
}

export interface DirectoryScan {
  path: string;
  /** `null`: exactly the previous manifest's lines; otherwise a line an entry, `''` where a file is pending */
  lines: string[] | null;
  pending: PendingFile[];
  /** something differs from the previous manifest, whatever the pending files turn out to be */
  changed: boolean;
  directories: { name: string; mode: number; mtime: bigint; ignoreFiles: IgnoreFile[] }[];
  files: number;
  bytes: number;
  symlinks: number;
  /** files otherwise equal whose inode is another */
  inodeOnly: number;
  /** previous entries that are no longer there */
  gone: number;
  excluded: ExcludedCount[];
  damaged: string[];
  errors: PathError[];
  /** rules of ignore files that are not obeyed, one sentence each */
  refused: string[];
}

/** Scans one directory: links what is unchanged, makes its symlinks and subdirectories, says what must be read. */
export function scanDirectory(context: ScanContext, directory: ScanDirectory): DirectoryScan {
  return new DirectoryScanner(context, directory).scan();
}

// A class only so that the loop's state need not be handed from function to function.
class DirectoryScanner {
  private readonly out: DirectoryScan;
  private readonly lines: string[] = [];
  private readonly sourceDir: string;
  private readonly escapedDir: string;
  private readonly previous: PreviousLines;
  private rewritten = false;
  /** the stored directory is one, all the way down; looked at when first needed */
  private stands: boolean | undefined;
  private readonly excluded = new Map<string, ExcludedCount>();
  private ignoreFiles: IgnoreFile[];

  constructor(
    private readonly context: ScanContext,
    private readonly directory: ScanDirectory,
  ) {
    const { path } = directory;
    this.sourceDir = join(context.source, path);
    this.escapedDir = path === '' ? '.' : escapePath(path);
    const lines = directory.previous && context.previous ? context.previous.manifest.lines(directory.previous) : [];
    this.previous = new PreviousLines(lines, path, this.escapedDir);
    this.ignoreFiles = directory.ignoreFiles;
    this.out = {
      path,
      lines: null,
      pending: [],
      changed: false,
      directories: [],
      files: 0,
      bytes: 0,
      symlinks: 0,
      inodeOnly: 0,
      gone: 0,
      excluded: [],
      damaged: [],
      errors: [],
      refused: [],
    };
  }

  scan(): DirectoryScan {
    const { out } = this;
    const names = this.readNames();
    const { path } = this.directory;
    const own = readIgnoreFiles(this.sourceDir, path, names, this.context.useGitignore, out.refused);
    if (own.length > 0) this.ignoreFiles = [...this.ignoreFiles, ...own];
    for (const name of names) this.visit(name);
    this.previous.finish();
    out.gone = this.previous.gone;
    if (out.gone > 0) out.changed = true;
    out.lines = out.changed || this.rewritten || out.pending.length > 0 ? this.lines : null;
    out.excluded = [...this.excluded.values()];
    return out;
  }

  private readNames(): string[] {
    const dir = fsPath(this.sourceDir);
    try {
      // The walk came by some time ago. What is a symlink by now must not be followed.
      if (this.directory.path !== '' && !lstatSync(dir).isDirectory()) throw notADirectory();
      let names = readdirSync(dir);
      // U+FFFD: a name that is not UTF-8 (or really holds that character), so look at the bytes.
      if (names.some(name => name.includes('\ufffd')) && process.platform !== 'win32') {
        names = readdirSync(dir, { encoding: 'buffer' }).map(nameFromBuffer);
      }
      const { only } = this.context;
      if (only) names = names.filter(name => only.has(join(this.directory.path, name)));
      return names.sort();
    } catch (error) {
      this.fail(this.directory.path, error);
      return [];
    }
  }

  private visit(name: string): void {
    const path = join(this.directory.path, name);
    const old = this.previous.find(name);
    try {
      const stat = lstatSync(fsPath(join(this.sourceDir, name)), { bigint: true });
      const rule = this.excludedBy(path, name, stat);
      if (rule !== undefined) return this.count(rule, stat.isDirectory());
      if (stat.isFile()) this.file(name, path, stat, old);
      else if (stat.isDirectory()) this.subdirectory(name, path, stat, old);
      else if (stat.isSymbolicLink()) this.symlink(name, path, stat, old);
      else this.emit(formatEntry(specialEntry(path, stat)), old);
    } catch (error) {
      this.fail(path, error);
    }
  }

  private file(name: string, path: string, stat: BigIntStats, old: string | undefined): void {
    const { context } = this;
    const size = Number(stat.size);
    if (old !== undefined && context.previous && !context.checksum) {
      // Most lines are found equal as text, without taking the old one apart.
      const line =
        unchangedLine(context, this.escapedDir, name, stat, old) ??
        sameContentLine(context, path, stat, old, () => this.out.inodeOnly++);
      if (line !== undefined && !isRacy(context, stat) && this.linkStored(path, line, stat)) {
        this.out.files++;
        this.out.bytes += size;
        return this.emit(line, old);
      }
    }
    this.out.pending.push({ name, at: this.lines.length, size, old });
    this.lines.push('');
    if (old !== undefined) this.previous.take();
  }

  // Links the stored file if it is still what was recorded (promise P6); false: read the source instead.
  private linkStored(path: string, line: string, stat: BigIntStats): boolean {
    const { context } = this;
    if (!context.previous) return false;
    if (context.tree === null) return true;
    if (!context.hardlinks) return false;
    const stored = fsPath(join(context.previous.tree, path));
    // Through a symlink put in its place, a file of the source would be linked into its own backup.
    this.stands ??= context.previous.folders.has(this.directory.path);
    try {
      const is = lstatSync(stored, { bigint: true });
      const intact =
        this.stands && is.isFile() && is.size === stat.size && nsToMicros(is.mtimeNs) === storedMicros(line, stat);
      if (!intact || isMarked(context.damaged, is)) {
        this.out.damaged.push(path);
        return false;
      }
    } catch (error) {
      if (errno(error) === undefined) throw error;
      this.out.damaged.push(path);
      return false;
    }
    try {
      linkSync(stored, fsPath(join(context.tree, path)));
      return true;
    } catch (error) {
      // At the link limit, or where this one cannot be linked, the content gets a fresh copy.
      if (isLinkRefused(error)) return false;
      throw storeError(error, path);
    }
  }

  private subdirectory(name: string, path: string, stat: BigIntStats, old: string | undefined): void {
    const { context } = this;
    if (context.tree !== null) inStore(path, join(context.tree, path), stored => mkdirSync(stored, 0o700));
    this.out.directories.push({
      name,
      mode: Number(stat.mode & 0o7777n),
      mtime: stat.mtimeNs,
      ignoreFiles: this.ignoreFiles,
    });
    this.emit(formatEntry(entryOf(path, stat)), old);
  }

  private symlink(name: string, path: string, stat: BigIntStats, old: string | undefined): void {
    const { context } = this;
    const target = nameFromBuffer(readlinkSync(fsPath(join(this.sourceDir, name)), { encoding: 'buffer' }));
    if (context.tree !== null) {
      const seconds = microsToSeconds(nsToMicros(stat.mtimeNs));
      inStore(path, join(context.tree, path), stored => {
        symlinkSync(fsPath(target), stored);
        lutimesSync(stored, seconds, seconds);
      });
    }
    this.out.symlinks++;
    this.emit(formatEntry({ ...entryOf(path, stat), target }), old);
  }

  private excludedBy(path: string, name: string, stat: BigIntStats): string | undefined {
    const { context } = this;
    if (context.only) return undefined;
    if (path === context.leaveOut) return 'backup root';
    const glob = context.globs(path, name);
    if (glob !== undefined) return glob;
    const isDirectory = stat.isDirectory();
    if (this.ignoreFiles.length > 0) {
      const file = context.ignores.match(this.ignoreFiles, path, isDirectory);
      if (file !== undefined) return file;
    }
    if (stat.isFile() && stat.size > context.maxFileSize) return 'maxFileSize';
    if (isDirectory && context.oneFileSystem && stat.dev !== context.device) return 'oneFileSystem';
    if (isDirectory && isCacheDirectory(join(this.sourceDir, name))) return 'CACHEDIR.TAG';
    return undefined;
  }

  private count(rule: string, isDirectory: boolean): void {
    const counted = this.excluded.get(rule) ?? { rule, directories: 0, files: 0 };
    this.excluded.set(rule, counted);
    if (isDirectory) counted.directories++;
    else counted.files++;
  }

  private emit(line: string, old: string | undefined): void {
    this.lines.push(line);
    if (line !== old) this.rewritten = true;
    // Inodes that are not stable make other lines of files that are the same.
    if (old === undefined || !saysTheSame(line, old)) this.out.changed = true;
    if (old !== undefined) this.previous.take();
  }

  private fail(path: string, error: unknown): void {
    const code = errno(error);
    if (code === undefined) throw error;
    this.out.errors.push({ path, code, message: reason(error) });
  }
}

function notADirectory(): Error {
  return Object.assign(new Error('ENOTDIR: no longer a folder'), { code: 'ENOTDIR' });
}
