/** What a scan of directories is given, and what it tells. */
import type { BigIntStats } from 'node:fs';
import type { DirectlyStored, FileFacts, StoredContent } from '../words/contents.js';
import type { HeldFolder } from '../files/held-folder.js';
import type { ExcludedCount, PathError } from '../words/model.js';
import type { DamagedInodes } from '../store/damage.js';
import type { Range } from '../store/manifest-text.js';
import type { EntriesByInode } from './entries-by-inode.js';
import type { IgnoreFile, IgnoreMatcher } from './ignore-files.js';
import type { KernelFileSystems } from './kernel-file-systems.js';
import type { GlobMatcher } from './rules.js';
import type { TreeFolders } from '../files/tree-folders.js';

/** What a run is told of its source and its store, fit for `postMessage`. */
export interface ScanSettings {
  /** the tree being written; `null`: only compare */
  tree: string | null;
  /** device number of the source folder */
  device: bigint;
  /** relative path of the backup root below the source, if it is there: never entered */
  leaveOut: string | null;
  /** by device and inode (`storeFolders`): never entered, whatever their names */
  storeFolders: readonly string[];
  /** file times (ns) from here on may belong to a change that the previous run did not see */
  racyFrom: bigint;
  /** whether a file's ctime and inode tell of changes here */
  trustCtime: boolean;
  trustInode: boolean;
  /** whether they do so of a file that was moved, too (`change-times.ts`) */
  trustMoves: boolean;
  /** read every file */
  checksum: boolean;
  /** whether stored files can be linked */
  hardlinks: boolean;
  /** whether stored symlinks can be given times */
  linkTimes: boolean;
}

/** What stays the same for every directory of a run. */
export interface ScanContext extends Omit<ScanSettings, 'storeFolders'> {
  source: HeldFolder;
  storeFolders: ReadonlySet<string>;
  kernel: KernelFileSystems;
  previous: { tree: string; folders: TreeFolders; manifest: Buffer; byInode: EntriesByInode } | null;
  globs: GlobMatcher;
  ignores: IgnoreMatcher;
  ignoreFileNames: readonly string[];
  /** folders with a `CACHEDIR.TAG` are left out */
  obeysTags: boolean;
  maxFileSize: number;
  oneFileSystem: boolean;
  /** nothing but these paths and what leads to them; `null`: everything */
  only: ReadonlySet<string> | null;
  /** by inode; never linked */
  damaged: DamagedInodes;
  reads: SmallFileReader;
  /** gives a stored file of the right content its recorded time back (`transfer/time-back.ts`) */
  putTimeBack: (path: string, sha256: string, micros: number) => number | undefined;
  /** stores small files as they are met, where nobody has to be asked for their contents; `null`: all are pending */
  direct: DirectStore | null;
}

/** Reads small files while they are walked over (`transfer/small-reads.ts`). */
export interface SmallFileReader {
  /** `undefined`: not in this way. @throws what reading throws */
  read(path: string, seen: BigIntStats): { facts: FileFacts } | undefined;
}

/** Stores small files while they are walked over (`transfer/direct-transfer.ts`). */
export interface DirectStore {
  /** `repeated`: its content may have been met; `later`: not in this way. @throws what reading or writing throws */
  store(path: string, seen: BigIntStats): DirectlyStored | 'repeated' | 'later';
}

export interface ScanDirectory {
  path: string;
  /** as its parent's scan found them */
  mode: number;
  /** microseconds */
  mtime: number;
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
  /** another file of this run has brought its content, or is about to */
  repeated: boolean;
}

export interface DirectoryScan {
  path: string;
  /**
   * `null`: exactly the previous manifest's lines. One text of all of them, which is sent to another thread for much less;
   * or, where files are pending, a line an entry, `''` for those
   */
  lines: string | string[] | null;
  pending: PendingFile[];
  /** contents that were stored as they were met */
  stored: StoredContent[];
  directories: { name: string; mode: number; /** microseconds */ mtime: number; ignoreFiles: IgnoreFile[] }[];
}

/** What the scans of several directories add up to. */
export interface ScanTally {
  /** something differs from the previous manifest, whatever the pending files turn out to be */
  changed: boolean;
  directories: number;
  /** unchanged ones */
  files: number;
  bytes: number;
  symlinks: number;
  /** read and found to have the content that they had */
  linkedFiles: number;
  linkedBytes: number;
  /** of no git repository: stored or found to have other metadata, and previous entries that are no longer there */
  changedFiles: number;
  copiedFiles: number;
  copiedBytes: number;
  /** files otherwise equal whose inode is another */
  inodeOnly: number;
  excluded: ExcludedCount[];
  damaged: string[];
  /** stored files whose content was right under another time, which was put back */
  retimed: number;
  errors: PathError[];
  /** rules of ignore files that are not obeyed, one sentence each */
  refused: string[];
}

export function noScanTally(): ScanTally {
  return {
    changed: false,
    directories: 0,
    files: 0,
    bytes: 0,
    symlinks: 0,
    linkedFiles: 0,
    linkedBytes: 0,
    changedFiles: 0,
    copiedFiles: 0,
    copiedBytes: 0,
    inodeOnly: 0,
    excluded: [],
    damaged: [],
    retimed: 0,
    errors: [],
    refused: [],
  };
}
