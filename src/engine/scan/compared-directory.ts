/** What a comparison of directories with the last manifest is asked, and what it tells. Plain data, fit for `postMessage`. */
import type { Range } from '../store/manifest-groups.js';
import type { IgnoreFile } from './ignore-files.js';
import { noWalkTally, type WalkTally } from './walk-directory.js';

export interface DirectoryToCompare {
  path: string;
  /** its lines in the last manifest */
  previous: Range | null;
  /** ignore files of its ancestors, outermost first */
  ignoreFiles: IgnoreFile[];
}

export interface ComparedDirectory {
  path: string;
  /**
   * `null`: exactly the last manifest's lines. One text of all of them, which is sent to another thread for much less;
   * or, where files are pending, a line an entry, `''` for those
   */
  lines: string | string[] | null;
  pending: PendingFile[];
  directories: { name: string; mode: number; /** microseconds */ mtime: number; ignoreFiles: IgnoreFile[] }[];
}

/** A file that has to be read. */
interface PendingFile {
  name: string;
  /** where its line belongs in `lines` */
  at: number;
  /** as the walk saw it, bytes */
  size: number;
  /** its line in the last manifest */
  old: string | undefined;
  /** another file of this run brings its content, and it was not known yet where that stands */
  repeated: boolean;
}

/** What the comparisons of several directories add up to. */
export interface ComparisonTally extends WalkTally {
  /** something differs from the last manifest, whatever the pending files turn out to be */
  changed: boolean;
  directories: number;
  /** unchanged ones */
  files: number;
  bytes: number;
  symlinks: number;
  /** read and found to have the content that they had */
  linkedFiles: number;
  linkedBytes: number;
  /** of no git repository: stored or found to have other metadata, and entries of the last manifest that are no longer there */
  changedFiles: number;
  copiedFiles: number;
  copiedBytes: number;
  /** files otherwise equal whose inode is another */
  inodeOnly: number;
  /** stored files of the last snapshot, by path */
  damaged: string[];
  /** stored files whose content was right under another time, which was put back */
  retimed: number;
}

export function noComparisonTally(): ComparisonTally {
  return {
    ...noWalkTally(),
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
    damaged: [],
    retimed: 0,
  };
}
