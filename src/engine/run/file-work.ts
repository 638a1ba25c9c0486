import type { DirectoryTimes } from '../threads/jobs.js';
import type { PoolThread } from '../threads/pool.js';
import type { DirectoryLines } from './tree-lines.js';

/** A file that has to be read, and the line that it fills. */
export interface FileToRead {
  id: number;
  /** whose line that is, and which of its */
  directory: DirectoryLines;
  at: number;
  path: string;
  /** as the walk saw it, bytes */
  size: number;
  /** its line in the last manifest */
  old: string | undefined;
}

/** What a walk over a tree does with the files that have to be read: `HashedFiles` or `PlacedFiles`. */
export interface FileWork {
  /** Reads a batch, and fills its lines. */
  read(thread: PoolThread, files: FileToRead[]): Promise<void>;
  /** Directories in which files had to be read first: nothing comes into them any more. */
  finish(directories: DirectoryTimes[]): Promise<void>;
  /** The run has failed: nobody is to wait any longer for what it was to store. */
  giveUp(): void;
}
