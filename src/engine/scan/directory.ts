/**
 * The walk, one directory at a time, merged with the same directory of the previous manifest. This is the hot path of
 * a run in which little has changed: per unchanged file one `lstat` of the source, one of the stored file, one `link`.
 * All synchronous; it runs on the pool's threads.
 */
import {
  closeSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  readSync,
  readdirSync,
  readlinkSync,
  symlinkSync,
  lutimesSync,
} from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { errno, reason } from '../errors.js';
import type { ExcludedCount, PathError } from '../model.js';
import { compareNames, fsPath, join, nameFromBuffer } from '../names.js';
import type { ManifestText, Range } from '../store/manifest-file.js';
import { inStore, isLinkRefused, storeError } from '../store/store-error.js';
import {
  escapePath,
  escapeText,
  formatEntry,
  formatHead,
  formatTags,
  parseEntry,
  type Entry,
} from '../store/manifest.js';
import { microsToSeconds, nsToMicros } from '../times.js';
import { readIgnoreFiles, type IgnoreFile, type IgnoreMatcher } from './ignore-files.js';
import type { GlobMatcher } from './rules.js';

/** What stays the same for every directory of a run. */
export interface ScanContext {
  source: string;
  /** the tree being written; `null`: only compare */
  tree: string | null;
  previous: { tree: string; manifest: ManifestText; id: string } | null;
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
}

export interface ScanDirectory {
  path: string;
  /** the directory's lines in the previous manifest */
  previous: Range | null;
  /** ignore files of this directory's ancestors, outermost first */
  ignoreFiles: IgnoreFile[];
}

/** A file that has to be read. */
export interface PendingFile {
  name: string;
  /** where its line belongs in `lines` */
  at: number;
  /** as the walk saw it, bytes */
  size: number;
  /** the hash it had, when only its times make it suspect */
  was?: string;
}

export interface DirectoryScan {
  path: string;
  /** `null`: exactly the previous manifest's lines; otherwise a line an entry, `''` where a file is pending */
  lines: string[] | null;
  pending: PendingFile[];
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
}

const CACHEDIR_TAG = 'Signature: 8a477f597d28d172789f06886806bc55';

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
  private readonly previous: string[];
  private cursor = 0;
  private same = true;
  private readonly excluded = new Map<string, ExcludedCount>();
  private ignoreFiles: IgnoreFile[];

  constructor(
    private readonly context: ScanContext,
    private readonly directory: ScanDirectory,
  ) {
    const { path } = directory;
    this.sourceDir = join(context.source, path);
    this.escapedDir = path === '' ? '.' : escapePath(path);
    this.previous = directory.previous && context.previous ? context.previous.manifest.lines(directory.previous) : [];
    this.ignoreFiles = directory.ignoreFiles;
    this.out = {
      path,
      lines: null,
      pending: [],
      directories: [],
      files: 0,
      bytes: 0,
      symlinks: 0,
      inodeOnly: 0,
      gone: 0,
      excluded: [],
      damaged: [],
      errors: [],
    };
  }

  scan(): DirectoryScan {
    const { out } = this;
    const names = this.readNames();
    const own = readIgnoreFiles(this.sourceDir, this.directory.path, names, this.context.useGitignore);
    if (own.length > 0) this.ignoreFiles = [...this.ignoreFiles, ...own];
    for (const name of names) this.visit(name);
    this.skipPrevious(undefined);
    out.lines = this.same ? null : this.lines;
    out.excluded = [...this.excluded.values()];
    return out;
  }

  private readNames(): string[] {
    const dir = fsPath(this.sourceDir);
    try {
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
    const old = this.skipPrevious(name);
    try {
      const stat = lstatSync(fsPath(join(this.sourceDir, name)), { bigint: true });
      const rule = this.excludedBy(path, name, stat);
      if (rule !== undefined) return this.count(rule, stat.isDirectory());
      if (stat.isFile()) this.file(name, path, stat, old);
      else if (stat.isDirectory()) this.subdirectory(name, path, stat, old);
      else if (stat.isSymbolicLink()) this.symlink(name, path, stat, old);
      else this.special(path, stat, old);
    } catch (error) {
      this.fail(path, error);
    }
  }

  private file(name: string, path: string, stat: BigIntStats, old: string | undefined): void {
    const { context } = this;
    const size = Number(stat.size);
    const pending: PendingFile = { name, at: 0, size };
    if (old !== undefined && context.previous && !context.checksum) {
      // Most lines are found equal as text, without taking the old one apart.
      const line = this.unchangedLine(name, stat, old) ?? this.sameContentLine(path, stat, old);
      if (line !== undefined) {
        if (isRacy(context, stat)) pending.was = hashOf(line);
        else if (this.linkStored(path, line, stat)) {
          this.out.files++;
          this.out.bytes += size;
          return this.emit(line, old);
        }
      }
    }
    pending.at = this.lines.length;
    this.out.pending.push(pending);
    this.emit('', old);
  }

  // The old line, when all that it says of the file still holds.
  private unchangedLine(name: string, stat: BigIntStats, old: string): string | undefined {
    const { context } = this;
    if (!context.trustInode || !context.trustCtime) return undefined;
    const head = formatHead(`${this.escapedDir}/${escapeText(name)}`, {
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
    const end = rest + tags.length;
    return end === old.length || old.startsWith(',s', end) ? old : undefined;
  }

  // The line for a file whose content can be taken for unchanged although mode bits or owner are not.
  private sameContentLine(path: string, stat: BigIntStats, old: string): string | undefined {
    const { context } = this;
    const was = parseEntry(old);
    if (was?.type !== 'file' || was.size !== Number(stat.size) || was.mtime !== stat.mtimeNs) return undefined;
    if ((was.mode & 0o555) !== Number(stat.mode & 0o555n)) return undefined;
    if (context.trustCtime && was.ctime !== stat.ctimeNs) return undefined;
    if (was.inode !== stat.ino) {
      this.out.inodeOnly++;
      if (context.trustInode) return undefined;
    }
    return formatEntry({
      ...entryOf(path, stat),
      ...sourceTags(context, stat),
      ...(was.sha256 === undefined ? {} : { sha256: was.sha256 }),
      ...(was.storedMtime === undefined ? {} : { storedMtime: was.storedMtime }),
    });
  }

  // Links the stored file if it is still what was recorded (promise P6); false: read the source instead.
  private linkStored(path: string, line: string, stat: BigIntStats): boolean {
    const { context } = this;
    if (!context.previous) return false;
    if (context.tree === null) return true;
    if (!context.hardlinks) return false;
    const stored = fsPath(join(context.previous.tree, path));
    try {
      const is = lstatSync(stored, { bigint: true });
      if (!is.isFile() || is.size !== stat.size || nsToMicros(is.mtimeNs) !== storedMicros(line, stat)) {
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

  private special(path: string, stat: BigIntStats, old: string | undefined): void {
    const entry = entryOf(path, stat);
    if (stat.isFIFO()) entry.type = 'fifo';
    else if (stat.isSocket()) entry.type = 'socket';
    else {
      entry.type = 'device';
      entry.device = { kind: stat.isBlockDevice() ? 'block' : 'char', number: deviceNumber(stat.rdev) };
    }
    this.emit(formatEntry(entry), old);
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
    if (isDirectory && this.isCacheDirectory(name)) return 'CACHEDIR.TAG';
    return undefined;
  }

  // https://bford.info/cachedir/: a regular file of that name that begins with the signature.
  private isCacheDirectory(name: string): boolean {
    const tag = fsPath(join(join(this.sourceDir, name), 'CACHEDIR.TAG'));
    const stat = lstatSync(tag, { throwIfNoEntry: false });
    if (!stat?.isFile()) return false;
    try {
      const fd = openSync(tag, 'r');
      try {
        const start = Buffer.alloc(CACHEDIR_TAG.length);
        return readSync(fd, start) === start.length && start.toString('latin1') === CACHEDIR_TAG;
      } finally {
        closeSync(fd);
      }
    } catch {
      return false;
    }
  }

  private count(rule: string, isDirectory: boolean): void {
    const counted = this.excluded.get(rule) ?? { rule, directories: 0, files: 0 };
    this.excluded.set(rule, counted);
    if (isDirectory) counted.directories++;
    else counted.files++;
  }

  private emit(line: string, old: string | undefined): void {
    this.lines.push(line);
    if (line !== old) this.same = false;
    if (old !== undefined) this.cursor++;
  }

  // Passes the previous lines that come before `name` (all that are left without one); returns the one of that name.
  private skipPrevious(name: string | undefined): string | undefined {
    for (; this.cursor < this.previous.length; this.cursor++) {
      const line = this.previous[this.cursor] ?? '';
      const order = name === undefined ? -1 : compareNames(this.nameIn(line), name);
      if (order > 0) return undefined;
      if (order === 0) return line;
      this.same = false;
      this.out.gone++;
    }
    return undefined;
  }

  private nameIn(line: string): string {
    const start = (line.startsWith('# ') ? 2 : 0) + this.escapedDir.length + 1;
    const escaped = line.slice(start, line.indexOf(' ', start));
    return escaped.includes('\\')
      ? (parseEntry(line)?.path.slice(this.directory.path.length && this.directory.path.length + 1) ?? '')
      : escaped;
  }

  private fail(path: string, error: unknown): void {
    const code = errno(error);
    if (code === undefined) throw error;
    this.out.errors.push({ path, code, message: reason(error) });
  }
}

/** What a manifest keeps of a source file beyond mtree's own keywords. */
export function sourceTags(
  context: { device: bigint; trustCtime: boolean },
  stat: Pick<BigIntStats, 'ctimeNs' | 'ino' | 'dev' | 'nlink'>,
): Pick<Entry, 'ctime' | 'inode' | 'dev' | 'hardlinked'> {
  return {
    ...(context.trustCtime ? { ctime: stat.ctimeNs } : {}),
    inode: stat.ino,
    ...(stat.dev === context.device ? {} : { dev: stat.dev }),
    ...(stat.nlink > 1n ? { hardlinked: true } : {}),
  };
}

/** The fields that every type of entry has. */
export function entryOf(path: string, stat: BigIntStats): Entry {
  return {
    path,
    type: stat.isFile() ? 'file' : stat.isDirectory() ? 'dir' : 'link',
    mode: Number(stat.mode & 0o7777n),
    uid: Number(stat.uid),
    gid: Number(stat.gid),
    size: stat.isFile() ? Number(stat.size) : 0,
    mtime: stat.mtimeNs,
  };
}

function isRacy(context: ScanContext, stat: BigIntStats): boolean {
  return stat.mtimeNs >= context.racyFrom || (context.trustCtime && stat.ctimeNs >= context.racyFrom);
}

function storedMicros(line: string, stat: BigIntStats): number {
  const at = line.lastIndexOf(',s');
  return at < 0 ? nsToMicros(stat.mtimeNs) : Number(line.slice(at + 2));
}

function hashOf(line: string): string {
  const at = line.indexOf(' sha256=') + 8;
  return line.slice(at, at + 64);
}

// Linux's dev_t, as mtree(5) spells it for other systems to read.
function deviceNumber(rdev: bigint): string {
  const major = ((rdev >> 8n) & 0xfffn) | ((rdev >> 32n) & ~0xfffn);
  const minor = (rdev & 0xffn) | ((rdev >> 12n) & ~0xffn);
  return `linux,${major},${minor}`;
}
