import type { BigIntStats } from 'node:fs';
import type { DirectlyStored, ReadFile } from '../words/contents.js';
import type { ComparisonTally } from './compared-directory.js';

/**
 * What becomes of the entries of one directory as they are met (`threads/directory-writers.ts`): chosen once a run, so that
 * nothing is asked at each file.
 */
export interface DirectoryWriter {
  /** whether files of the last snapshot can be had again, so that it pays to find out whether a changed one is any of them */
  readonly reuses: boolean;
  /** whether `storeNew` stores any, so that it pays to read one */
  readonly storesNew: boolean;
  /**
   * Has a file of the last snapshot once more, if it still is what was recorded (promise P6).
   * @param from its path there
   * @param path the one that it gets
   * @param storedMtime as recorded, microseconds
   * @param size as recorded, bytes
   * @param line one that tells its content, or where such a one stands in the last manifest
   * @returns the time that it has, microseconds; `undefined`: the source is to be read instead
   * @throws PhlbError `store`
   */
  again(from: string, path: string, storedMtime: number, size: bigint, line: string | number): number | undefined;
  /** @throws PhlbError `store` */
  makeDirectory(path: string): void;
  /** @param mtime nanoseconds. @throws PhlbError `store` */
  makeSymlink(path: string, target: string, mtime: bigint): void;
  /**
   * Stores a file that is not as the last snapshot has it. `repeated`: its content has been met; `later`: not here.
   * @param read the file, if it was read
   * @throws what reading or writing throws
   */
  storeNew(path: string, seen: BigIntStats, read?: ReadFile): DirectlyStored | 'repeated' | 'later';
}

/** @param tally is told of what was damaged, and what was put right */
export type DirectoryWriters = (directory: string, tally: ComparisonTally) => DirectoryWriter;
