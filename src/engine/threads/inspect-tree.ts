/** Directories of a stored tree against their lines in its manifest: presence, types, sizes. Runs on the pool's threads. */
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { isHashFile, type AdoptedKind } from '../store/adopted.js';
import { passAllButRefusals, passUnforeseen, PhlbError } from '../words/errors.js';
import type { Problem } from '../words/model.js';
import { basename, fsPath, join, nameFromBuffer } from '../words/names.js';
import { storedMtimeOf, parseEntry, type Entry } from '../store/manifest.js';
import { nsToMicros } from '../words/times.js';
import { TreeFolders } from '../files/tree-folders.js';

export interface InspectRequest {
  /** absolute */
  tree: string;
  manifest: SharedArrayBuffer;
  /** each with the bytes of its lines; `start === end`: nothing is in it */
  directories: { path: string; start: number; end: number }[];
  /** nobody will hash the files */
  quick: boolean;
  /** tell files whose mtime is not the recorded one */
  times: boolean;
  /** whose hash files are no extras */
  adopted: AdoptedKind | null;
  /** tell each inode only the first time that this thread meets it under the same hash */
  once: boolean;
  /** absolute; leave out files that are the same inode under the same name in that tree */
  unlike: string | null;
  cancel: SharedArrayBuffer;
}

/** What is wrong with one name. `entry`: what was recorded of it; `null` for what was not. */
export interface TreeProblem {
  path: string;
  problem: Problem;
  entry: Entry | null;
}

/** A file that stands with its recorded size: what is left is to hash it. `untimely`: its ctime (ns), where its mtime is another. */
export interface InspectedFile {
  path: string;
  size: number;
  /** as recorded */
  sha256: string;
  device: bigint;
  inode: bigint;
  links: number;
  untimely?: bigint;
}

export interface Inspection {
  /** names of files looked at */
  files: number;
  problems: TreeProblem[];
  stored: InspectedFile[];
  /** the directories named in these ones */
  directories: string[];
  /** directories and symlinks whose time is not the recorded one */
  untimely: string[];
  /** a line that cannot be understood */
  unreadable: boolean;
}

export function noInspection(): Inspection {
  return { files: 0, problems: [], stored: [], directories: [], untimely: [], unreadable: false };
}

/**
 * @param told inodes that this thread has told before, each with its hash
 * @throws PhlbError `cancelled`
 */
export function inspectDirectories(
  request: InspectRequest,
  told: Map<string, string>,
  cancelled: () => boolean,
): Inspection {
  const inspector = new Inspector(request, told);
  try {
    for (const directory of request.directories) {
      if (cancelled()) throw PhlbError.cancelled();
      inspector.directory(directory);
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    inspector.out.unreadable = true;
  }
  return inspector.out;
}

class Inspector {
  readonly out = noInspection();
  private readonly manifest: Buffer;
  private readonly folders: TreeFolders;

  constructor(
    private readonly request: InspectRequest,
    private readonly told: Map<string, string>,
  ) {
    this.manifest = Buffer.from(request.manifest);
    this.folders = new TreeFolders(request.tree);
  }

  directory({ path, start, end }: InspectRequest['directories'][number]): void {
    const stands = this.folders.has(path);
    const expected = new Set<string>();
    for (const line of start < end ? this.manifest.toString('latin1', start, end - 1).split('\n') : []) {
      const entry = parseEntry(line);
      // FIFOs, sockets and devices are only recorded, never stored.
      if (!entry || !['file', 'dir', 'link'].includes(entry.type)) continue;
      expected.add(basename(entry.path));
      if (entry.type === 'dir') this.out.directories.push(entry.path);
      if (entry.type === 'file') this.out.files++;
      const problem = stands ? this.problemOf(entry) : 'missing';
      if (problem) this.out.problems.push({ path: entry.path, problem, entry });
    }
    if (stands) this.extras(path, expected);
  }

  private problemOf(entry: Entry): Problem | undefined {
    const path = fsPath(join(this.request.tree, entry.path));
    try {
      const stat = lstatSync(path, { bigint: true });
      const type = stat.isFile() ? 'file' : stat.isDirectory() ? 'dir' : stat.isSymbolicLink() ? 'link' : 'other';
      if (type !== entry.type) return 'type';
      if (type === 'file') return this.file(entry, stat);
      if (type === 'link') {
        this.lookAtTime(entry, stat);
        return nameFromBuffer(readlinkSync(path, { encoding: 'buffer' })) === entry.target ? undefined : 'target';
      }
      this.lookAtTime(entry, stat);
      return undefined;
    } catch (error) {
      passAllButRefusals(error);
      return 'missing';
    }
  }

  // Of folders and links nobody depends on it: it is no damage, only put back with what is.
  private lookAtTime(entry: Entry, stat: BigIntStats): void {
    if (nsToMicros(stat.mtimeNs) !== nsToMicros(entry.mtime)) this.out.untimely.push(entry.path);
  }

  private file(entry: Entry, stat: BigIntStats): Problem | undefined {
    if (stat.size !== BigInt(entry.size)) return 'size';
    const { quick, times } = this.request;
    const isTimely = !times || nsToMicros(stat.mtimeNs) === storedMtimeOf(entry);
    if (!quick) this.toHash(entry, stat, isTimely);
    return isTimely ? undefined : 'time';
  }

  private toHash(entry: Entry, stat: BigIntStats, isTimely: boolean): void {
    const { once, unlike } = this.request;
    // A copy of its own: a slice would keep the whole text of its directory in memory.
    const sha256 = Buffer.from(entry.sha256 ?? '', 'latin1').toString('latin1');
    // What has one name only is met once, and on file systems that make inodes up a number may come twice.
    if (once && stat.nlink > 1n) {
      const key = `${stat.dev}:${stat.ino}`;
      if (this.told.get(key) === sha256) return;
      this.told.set(key, sha256);
    }
    if (unlike !== null && isSameFile(join(unlike, entry.path), stat)) return;
    const { path, size } = entry;
    const stored = { path, size, sha256, device: stat.dev, inode: stat.ino, links: Number(stat.nlink) };
    this.out.stored.push(isTimely ? stored : { ...stored, untimely: stat.ctimeNs });
  }

  private extras(dir: string, expected: ReadonlySet<string>): void {
    const { tree, adopted } = this.request;
    try {
      const names = readdirSync(fsPath(join(tree, dir)), { encoding: 'buffer' }).map(nameFromBuffer);
      // A hash file stays one when the file that it is of has gone.
      const siblings = adopted ? new Set([...names, ...expected]) : expected;
      for (const name of names) {
        const path = join(dir, name);
        if (expected.has(name) || (adopted && isHashFile(adopted, path, siblings))) continue;
        this.out.problems.push({ path, problem: 'extra', entry: null });
      }
    } catch (error) {
      // A missing or wrong one is named already, by its entry.
      passAllButRefusals(error);
    }
  }
}

function isSameFile(path: string, stat: BigIntStats): boolean {
  try {
    const other = lstatSync(fsPath(path), { bigint: true });
    return other.ino === stat.ino && other.dev === stat.dev;
  } catch (error) {
    passUnforeseen(error);
    return false;
  }
}
