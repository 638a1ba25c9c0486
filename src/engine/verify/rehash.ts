/** Manifests made again from bare trees: every file hashed, each inode once however many trees share it. */
import { lstatSync, readdirSync, readlinkSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { fileOfSideCar, isHashFile, isSideCarOf, LOST, ownHashes, type AdoptedKind } from '../store/adopted.js';
import type { Context } from '../threads/context.js';
import { isCancelled } from '../words/call.js';
import { noCounts } from '../words/counts.js';
import { PhlbError, reason, refusalCode } from '../words/errors.js';
import type { PathError, SnapshotCounts } from '../words/model.js';
import { basename, fsPath, join, nameFromBuffer } from '../words/names.js';
import { entryOf, specialEntry } from '../scan/entries.js';
import { checkPath, formatEntry, type Entry } from '../store/manifest.js';
import { ManifestWriter } from '../store/manifest-file.js';
import { hashFiles } from '../threads/hash-files.js';

export interface RehashedTree {
  counts: SnapshotCounts;
  /** entries that could not be read, and files whose own hash file contradicts them: those are no part of the manifest */
  errors: PathError[];
}

/** A file to be hashed, and the hash that the tree itself gives for it. */
interface TreeFile {
  entry: Entry;
  /** absolute */
  path: string;
  size: number;
  inode: string;
  expected: string | undefined;
}

interface FileHashes {
  sha256?: string;
  sha512?: string;
  error?: PathError;
}

export class Rehasher {
  private readonly hashes = new Map<string, FileHashes>();
  private hashedFiles = 0;
  private hashedBytes = 0;

  constructor(private readonly context: Context) {}

  /** Hashes a tree and writes its manifest into a new file. @throws PhlbError `cancelled`, `store` */
  async write(tree: string, kind: AdoptedKind | null, manifestFile: string): Promise<RehashedTree> {
    const walk = new TreeWalk(tree, kind, this.context);
    walk.directory('');
    await this.hash(walk.files, kind === 'sha512');
    const errors = walk.errors;
    const stored = new Map<Entry, string>();
    for (const file of walk.files) {
      const hashes = this.hashes.get(file.inode);
      const actual = kind === 'sha512' ? hashes?.sha512 : hashes?.sha256;
      const { path } = file.entry;
      if (hashes?.sha256 === undefined) errors.push({ ...(hashes?.error ?? unreadable), path });
      else if (file.expected !== undefined && file.expected !== actual) errors.push({ ...damaged, path });
      else stored.set(file.entry, hashes.sha256);
    }
    const manifest = new ManifestWriter(manifestFile);
    const counts = noCounts();
    try {
      for (const entry of walk.entries) {
        const sha256 = stored.get(entry);
        if (entry.type === 'file' && sha256 === undefined) continue;
        const line = walk.attempt(entry.path, () => formatEntry(sha256 === undefined ? entry : { ...entry, sha256 }));
        if (line === undefined) continue;
        count(counts, entry);
        manifest.text(`${line}\n`);
      }
      await manifest.close();
    } finally {
      await manifest.discard();
    }
    return { counts, errors };
  }

  private async hash(files: readonly TreeFile[], sha512: boolean): Promise<void> {
    const wanted = new Map<string, TreeFile>();
    for (const file of files) {
      const known = this.hashes.get(file.inode);
      if (!known || (sha512 && known.sha512 === undefined)) wanted.set(file.inode, file);
    }
    await hashFiles(
      [...wanted.values()],
      this.context,
      (file, reply) => {
        this.hashes.set(file.inode, reply);
        this.hashedFiles++;
        this.hashedBytes += file.size;
        this.context.onProgress({ phase: 'verifying', files: this.hashedFiles, bytes: this.hashedBytes });
      },
      { sha512 },
    );
  }
}

const unreadable: PathError = { path: '', code: 'EIO', message: 'It could not be read' };
const damaged: PathError = {
  path: '',
  code: 'EDAMAGED',
  message: 'Its content does not match the hash file beside it',
};

const lost: PathError = { path: '', code: LOST, message: 'Its hash file is there, but the file is missing' };

// A folder that is protected in the store was hardly so in its source.
function folderEntry(path: string, stat: BigIntStats): Entry {
  const entry = entryOf(path, stat);
  return { ...entry, mode: entry.mode | 0o200 };
}

/** Everything in a tree, in the order of a manifest. */
class TreeWalk {
  readonly entries: Entry[] = [];
  readonly files: TreeFile[] = [];
  readonly errors: PathError[] = [];

  constructor(
    private readonly tree: string,
    private readonly kind: AdoptedKind | null,
    private readonly context: Context,
  ) {
    this.entries.push(folderEntry('', lstatSync(fsPath(tree), { bigint: true })));
  }

  directory(path: string): void {
    if (isCancelled(this.context)) throw PhlbError.cancelled();
    const folder = join(this.tree, path);
    const names = this.attempt(path, () =>
      readdirSync(fsPath(folder), { encoding: 'buffer' }).map(nameFromBuffer).sort(),
    );
    if (!names) return;
    const siblings = new Set(names);
    const hashes = this.kind === null ? undefined : ownHashes(this.kind, folder, names);
    const folders: string[] = [];
    for (const name of names) {
      const child = join(path, name);
      if (this.isOwn(child, siblings, hashes)) continue;
      this.attempt(child, () => {
        checkPath(child);
        const stat = lstatSync(fsPath(join(this.tree, child)), { bigint: true });
        this.entry(child, stat, hashes?.get(name));
        if (stat.isDirectory()) folders.push(child);
      });
    }
    if (this.kind === 'sha512') {
      for (const name of hashes?.keys() ?? [])
        if (!siblings.has(name)) this.errors.push({ ...lost, path: join(path, name) });
    }
    for (const child of folders) this.directory(child);
  }

  // One of the backup's own files. A side-car is one by what is in it.
  private isOwn(path: string, siblings: ReadonlySet<string>, hashes: ReadonlyMap<string, string> | undefined): boolean {
    if (this.kind === null || !hashes) return false;
    if (this.kind === 'sha512' && isSideCarOf(hashes, basename(path))) return true;
    return isHashFile(this.kind, path, siblings) && (this.kind !== 'sha512' || fileOfSideCar(path) === undefined);
  }

  private entry(path: string, stat: BigIntStats, expected: string | undefined): void {
    const absolute = join(this.tree, path);
    if (stat.isSymbolicLink()) {
      const target = nameFromBuffer(readlinkSync(fsPath(absolute), { encoding: 'buffer' }));
      this.entries.push({ ...entryOf(path, stat), target });
    } else if (stat.isFile()) {
      const entry = entryOf(path, stat);
      this.entries.push(entry);
      const inode = `${stat.dev}:${stat.ino}`;
      this.files.push({ entry, path: absolute, size: entry.size, inode, expected });
    } else this.entries.push(stat.isDirectory() ? folderEntry(path, stat) : specialEntry(path, stat));
  }

  /** What it returns; `undefined` where the system refuses, which is named. */
  attempt<T>(path: string, look: () => T): T | undefined {
    try {
      return look();
    } catch (error) {
      const code = refusalCode(error);
      this.errors.push({ path, code, message: reason(error) });
      return undefined;
    }
  }
}

// What was copied and what linked when the tree was made is no longer known: all counts as linked.
function count(counts: SnapshotCounts, entry: Entry): void {
  if (entry.type === 'dir' && entry.path !== '') counts.directories++;
  else if (entry.type === 'link') counts.symlinks++;
  else if (entry.type === 'file') {
    counts.files++;
    counts.linkedFiles++;
    counts.bytes += entry.size;
    counts.linkedBytes += entry.size;
  }
}
