/** What dead runs have left in `partial/`: whole files are offered to the next run, the rest goes. */
import { lstatSync, readdirSync } from 'node:fs';
import { afterwards } from '../files/afterwards.js';
import { errno, passAllButRefusals } from '../words/errors.js';
import { fsPath, join, nameFromBuffer } from '../words/names.js';
import { filesBelow, isFolder, withoutOtherNames, type StoredFile } from '../files/files-below.js';
import { findGuards, removeGuarded, type Guards } from '../store/guards.js';
import type { Layout } from '../store/layout.js';
import { removeEmpty } from '../files/remove.js';
import type { Placement } from './placement.js';
import { hashFiles } from '../threads/hash-files.js';
import type { Pool } from '../threads/pool.js';

/** Only under the lock: then everything in `partial/` is a dead run's. */
export class Leftovers {
  private readonly folders: string[];
  private offered: StoredFile[] = [];
  private isThin = false;

  constructor(private readonly layout: Layout) {
    this.folders = namesIn(layout.partial).map(name => join(layout.partial, name));
  }

  get isEmpty(): boolean {
    return this.folders.length === 0;
  }

  /** Hashes the files that only a dead run holds and offers them to this run's placement. */
  async offer(pool: Pool, placement: Placement, cancel: SharedArrayBuffer): Promise<void> {
    // A second dead run has linked what the first had copied. What has further names stands in a snapshot and is found
    // through the index.
    const trees = this.folders.filter(isFolder).map(folder => join(folder, 'tree'));
    this.offered = withoutOtherNames(trees.flatMap(tree => [...filesBelow(tree)]));
    await hashFiles(this.offered, { pool: () => pool, cancel }, ({ path, mode, mtime }, { sha256 }) => {
      if (sha256 === undefined) return;
      placement.offer(sha256, mode, { path, storedMtime: mtime, snapshot: '', name: path });
    });
  }

  /**
   * For a run that is out of room: removes what it has not linked. Call it while its own tree still stands. Returns
   * whether that has made room, so that it is worth another try; once only.
   */
  freeSpace(): boolean {
    if (this.isThin || this.isEmpty) return false;
    this.isThin = true;
    const used = new Set(this.offered.filter(isLinkedSince).map(({ inode }) => inode));
    const guards = findGuards(this.layout, this.folders);
    const removed = this.folders.map(folder => thinOut(folder, used, guards));
    return removed.includes(true);
  }

  /** Once the run has published: nobody needs them any more. */
  async remove(pool: Pool, notes: string[]): Promise<void> {
    if (this.isEmpty) return;
    const guards = findGuards(this.layout, this.folders);
    for (const tree of this.folders) {
      await afterwards(notes, 'What an interrupted run left is still there', () =>
        pool.threads[0]?.run('remove', { tree, guards }),
      );
    }
  }
}

function isLinkedSince({ path, nlink }: StoredFile): boolean {
  const stat = lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false });
  return stat !== undefined && stat.nlink > nlink;
}

// Removes all but the files of use and the folders that lead to them. Returns whether anything went.
function thinOut(path: string, used: ReadonlySet<bigint>, guards: Guards): boolean {
  let isThinner = false;
  try {
    const stat = lstatSync(fsPath(path), { bigint: true });
    if (stat.isFile() && used.has(stat.ino)) return false;
    if (stat.isDirectory()) {
      for (const name of namesIn(path)) isThinner = thinOut(join(path, name), used, guards) || isThinner;
      removeEmpty(fsPath(path));
    } else removeGuarded(path, guards);
    return true;
  } catch (error) {
    // A folder that still holds something, or what cannot be removed.
    passAllButRefusals(error);
    return isThinner;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(fsPath(folder), { encoding: 'buffer' }).map(nameFromBuffer);
  } catch (error) {
    if (errno(error) === 'ENOENT') return [];
    throw error;
  }
}
