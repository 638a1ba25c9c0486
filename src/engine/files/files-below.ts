/** Walking stored trees. */
import { lstatSync, readdirSync } from 'node:fs';
import { passAllButRefusals } from '../words/errors.js';
import { fsPath, join, nameFromBuffer } from '../words/names.js';
import { nsToMicros } from '../words/times.js';

export interface StoredFile {
  path: string;
  /** bytes */
  size: number;
  mode: number;
  /** microseconds */
  mtime: number;
  inode: bigint;
  nlink: bigint;
}

/** All files below a folder; what cannot be read is left out. `onFolder`: told each folder, the given ones too. */
export function* filesBelow(
  dir: string,
  onFolder: (path: string) => void = () => undefined,
): Generator<StoredFile, void> {
  if (!isFolder(dir)) return;
  let names: string[];
  try {
    names = readdirSync(fsPath(dir), { encoding: 'buffer' }).map(nameFromBuffer);
  } catch (error) {
    passAllButRefusals(error);
    return;
  }
  onFolder(dir);
  for (const name of names) {
    const path = join(dir, name);
    const stat = lstatSync(fsPath(path), { bigint: true });
    if (stat.isDirectory()) yield* filesBelow(path, onFolder);
    else if (stat.isFile()) {
      const { ino: inode, nlink } = stat;
      const mode = Number(stat.mode & 0o777n);
      yield { path, size: Number(stat.size), mode, mtime: nsToMicros(stat.mtimeNs), inode, nlink };
    }
  }
}

/**
 * Whether it is a folder itself. What a link leads to was not left by a run: linked to, an edit of it would change a
 * snapshot.
 */
export function isFolder(path: string): boolean {
  return lstatSync(fsPath(path), { throwIfNoEntry: false })?.isDirectory() === true;
}

/** One name of each inode that has no name but these. */
export function withoutOtherNames(files: Iterable<StoredFile>): StoredFile[] {
  const inodes = new Map<bigint, { file: StoredFile; names: bigint }>();
  const alone: StoredFile[] = [];
  for (const file of files) {
    const known = inodes.get(file.inode);
    // Where there are no hardlinks, inode numbers may be made up.
    if (file.nlink <= 1n) alone.push(file);
    else if (known) known.names++;
    else inodes.set(file.inode, { file, names: 1n });
  }
  const shared = [...inodes.values()].filter(({ file, names }) => names >= file.nlink).map(({ file }) => file);
  return [...alone, ...shared];
}
