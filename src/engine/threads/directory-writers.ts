/** What becomes of what a comparison meets: nothing, or an entry of the tree that is being made. */
import { constants, linkSync, lstatSync, mkdirSync, symlinkSync, type BigIntStats } from 'node:fs';
import { setTimeOfLink } from '../files/file-times.js';
import { inStore, isLinkRefused, makeEntry, storeError } from '../files/store-error.js';
import type { TreeFolders } from '../files/tree-folders.js';
import type { ComparisonTally } from '../scan/compared-directory.js';
import type { DirectoryWriter } from '../scan/directory-writer.js';
import type { EntriesByContent } from '../scan/entries-by-content.js';
import { lineAt } from '../scan/previous-lines.js';
import { hashOf } from '../scan/unchanged.js';
import { isMarked, type DamagedInodes } from '../store/damage.js';
import { formatEntry, storedMtimeOf } from '../store/manifest.js';
import type { DirectTransfer } from '../transfer/direct-transfer.js';
import { putTimeBack } from '../transfer/time-back.js';
import type { DirectlyStored, FileFacts, ReadFile } from '../words/contents.js';
import { passAllButRefusals } from '../words/errors.js';
import { dirname, fsPath, join } from '../words/names.js';
import { nsToMicros } from '../words/times.js';

const { S_IFMT, S_IFREG } = constants;

/** Of a run that only compares: what is as it was counts as had again. */
export const NOT_WRITING: DirectoryWriter = {
  reuses: true,
  storesNew: false,
  again: (_from, _path, storedMtime) => storedMtime,
  makeDirectory: () => undefined,
  makeSymlink: () => undefined,
  storeNew: () => 'later',
};

/** The tree that is being made. */
export interface NewTree {
  /** absolute */
  tree: string;
  /** whether its symlinks can be given times */
  linkTimes: boolean;
}

abstract class TreeWriter {
  constructor(protected readonly target: NewTree) {}

  makeDirectory(path: string): void {
    inStore(path, join(this.target.tree, path), stored => mkdirSync(stored, 0o700));
  }

  makeSymlink(path: string, link: string, mtime: bigint): void {
    const { tree, linkTimes } = this.target;
    makeEntry(
      path,
      join(tree, path),
      stored => symlinkSync(fsPath(link), stored),
      (_, stored) => linkTimes && setTimeOfLink(stored, nsToMicros(mtime)),
    );
  }
}

/** Where there is no snapshot to link files from. */
export class NewTreeWriter extends TreeWriter implements DirectoryWriter {
  readonly reuses = false;

  constructor(
    target: NewTree,
    /** `null`: files come later, when they have been read */
    private readonly files: DirectTransfer | null,
  ) {
    super(target);
  }

  get storesNew(): boolean {
    return this.files !== null;
  }

  again(): undefined {
    return undefined;
  }

  storeNew(path: string, seen: BigIntStats, read?: ReadFile): ReturnType<DirectoryWriter['storeNew']> {
    const stored = this.files?.store(path, seen, read) ?? 'later';
    return typeof stored === 'object' && 'known' in stored ? 'later' : stored;
  }
}

/** The last snapshot, of which files are linked. */
export interface LastTree {
  tree: string;
  folders: TreeFolders;
  manifest: Buffer;
  byContent: EntriesByContent;
  /** by inode; never linked */
  damaged: DamagedInodes;
  cancelled: () => boolean;
}

/** Where there is a snapshot to link files from. */
export class LinkingWriter extends TreeWriter implements DirectoryWriter {
  readonly reuses = true;
  /** the directory is one in the last snapshot, all the way down; looked at when first needed */
  private stands: boolean | undefined;

  constructor(
    target: NewTree,
    private readonly last: LastTree,
    private readonly directory: string,
    private readonly tally: ComparisonTally,
    private readonly files: DirectTransfer | null,
  ) {
    super(target);
  }

  get storesNew(): boolean {
    return this.files !== null;
  }

  again(from: string, path: string, storedMtime: number, size: bigint, line: string | number): number | undefined {
    const stored = fsPath(join(this.last.tree, from));
    // Through a symlink put in its place, a file of the source would be linked into its own backup.
    const { folders } = this.last;
    const stands = from === path ? (this.stands ??= folders.has(this.directory)) : folders.has(dirname(from));
    const keeps = stands ? this.check(stored, from, storedMtime, size, line) : undefined;
    if (keeps === undefined) {
      this.tally.damaged.push(from);
      return undefined;
    }
    try {
      linkSync(stored, fsPath(join(this.target.tree, path)));
      return keeps;
    } catch (error) {
      // At the link limit, or where this one cannot be linked, the content gets a fresh copy.
      if (isLinkRefused(error)) return undefined;
      throw storeError(error, path);
    }
  }

  storeNew(path: string, seen: BigIntStats, read?: ReadFile): ReturnType<DirectoryWriter['storeNew']> {
    const stored = this.files?.store(path, seen, read) ?? 'later';
    return typeof stored === 'object' && 'known' in stored ? (this.copyOf(path, stored.known) ?? 'later') : stored;
  }

  // Most contents that are in some snapshot are in the last one.
  private copyOf(path: string, facts: FileFacts): DirectlyStored | undefined {
    const was = this.last.byContent.find(facts.sha256, facts.mode & 0o555);
    if (!was || was.size !== facts.size) return undefined;
    const mtime = this.again(was.path, path, storedMtimeOf(was), BigInt(was.size), formatEntry(was));
    return mtime === undefined ? undefined : { facts, mtime, linked: true };
  }

  // The time that a stored file has, if it is the one that was recorded; it may have to be put back.
  private check(
    stored: string | Buffer,
    from: string,
    storedMtime: number,
    size: bigint,
    line: string | number,
  ): number | undefined {
    const { damaged, manifest, tree, cancelled } = this.last;
    try {
      const is = lstatSync(stored, { bigint: true });
      const isIntact = (Number(is.mode) & S_IFMT) === S_IFREG && is.size === size && !isMarked(damaged, is);
      if (!isIntact) return undefined;
      if (nsToMicros(is.mtimeNs) === storedMtime) return storedMtime;
      const text = typeof line === 'string' ? line : lineAt(manifest, line);
      const keeps = putTimeBack(join(tree, from), hashOf(text), storedMtime, cancelled);
      if (keeps !== undefined) this.tally.retimed++;
      return keeps;
    } catch (error) {
      passAllButRefusals(error);
      return undefined;
    }
  }
}
