/** The sizes of one folder with all below it, from `lstat` alone. Follows no link. */
import { lstatSync, readdirSync, type Stats } from 'node:fs';
import { PhlbError, refusalCode } from '../words/errors.js';
import { fsPath, join, nameFromBuffer } from '../words/names.js';
import { addInode, addSum, InodeTally, type InodeSplit, type InodeSum } from '../store/inode-tally.js';

export interface MeasureRequest {
  /** absolute; a folder or anything else */
  path: string;
  /** one Int32, non-zero: stop */
  cancel: SharedArrayBuffer;
}

export interface Measured extends InodeSplit {
  /** names of regular files, and what they would take if each were a file of its own */
  files: number;
  apparentBytes: number;
  /** directories (the folder itself is one), and names that stand for no content: symlinks… `bytes` is 0 */
  frame: InodeSum;
  /** what could not be looked at and so is missing above; what has just vanished is not named */
  unreadable: string[];
}

// A unit of `st_blocks`, whatever the file system's block size: stat(2).
const BLOCK = 512;

/** @throws PhlbError `cancelled`, or the system's error when the disk fails */
export function measure({ path, cancel }: MeasureRequest): Measured {
  const flag = new Int32Array(cancel);
  const tally = new InodeTally();
  const single: InodeSum = { inodes: 0, bytes: 0, allocated: 0 };
  const frame: InodeSum = { inodes: 0, bytes: 0, allocated: 0 };
  const unreadable: string[] = [];
  let files = 0;
  let apparentBytes = 0;

  const folders: string[] = [];
  const look = (name: string): void => {
    const stat = tolerate(name, unreadable, () => lstatSync(fsPath(name)));
    if (!stat) return;
    const allocated = allocatedBytes(stat);
    if (stat.isDirectory()) {
      addInode(frame, 0, allocated);
      folders.push(name);
      return;
    }
    const bytes = stat.isFile() ? stat.size : 0;
    if (stat.isFile()) {
      files++;
      apparentBytes += bytes;
    }
    if (stat.nlink > 1) tally.add(inodeNumber(name, stat), bytes, allocated, stat.nlink, 1);
    else addInode(stat.isFile() ? single : frame, bytes, allocated);
  };

  look(path);
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    if (Atomics.load(flag, 0) !== 0) throw PhlbError.cancelled();
    const within = folder;
    const names = tolerate(within, unreadable, () => readdirSync(fsPath(within), { encoding: 'buffer' }));
    for (const name of names ?? []) look(join(within, nameFromBuffer(name)));
  }

  const { whole, shared } = tally.split();
  addSum(whole, single);
  return { files, apparentBytes, frame, whole, shared, unreadable };
}

/** What one inode takes on disk, in bytes. */
export function allocatedBytes(stat: Stats): number {
  return stat.blocks * BLOCK;
}

// Where inode numbers have 64 bits (overlays, network file systems, NTFS), the low 53 tell them apart.
function inodeNumber(path: string, stat: Stats): number {
  if (stat.ino <= Number.MAX_SAFE_INTEGER) return stat.ino;
  return Number(BigInt.asUintN(53, lstatSync(fsPath(path), { bigint: true }).ino));
}

// Snapshots come and go meanwhile, and a root may hold folders that are not ours to read (`lost+found`), or that nobody can
// read: what they hold is not counted, and told.
function tolerate<T>(path: string, unreadable: string[], look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    const code = refusalCode(error);
    if (['ENOENT', 'ENOTDIR'].includes(code)) return undefined;
    unreadable.push(path);
    return undefined;
  }
}
