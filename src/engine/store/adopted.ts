/**
 * Trees that PyHardLinkBackup has written. Facts from its documentation and file names, all formats:
 *
 * - The first (January 2016): `NAME/STAMP/…`, beside each file `FILE.sha512` with its hash in 128 hex digits; nothing else.
 * - 0.x (2016): the same, and `phlb_config.ini` at the top of the tree; `NAME/STAMP.log` and `NAME/STAMP summary.txt`
 *   beside the tree.
 * - 1.x: `NAME/STAMP/…` with a `SHA256SUMS` in each folder that has files (`hash  name`, as sha256sum writes it);
 *   `NAME/STAMP-backup.log` and `NAME/STAMP-summary.txt` beside the tree; `.phlb/hash-lookup`, `.phlb/size-lookup`.
 *
 * The hash files belong to the backup, not to what was backed up: they are no entries of the snapshot.
 */
import { existsSync, readdirSync, type Dirent } from 'node:fs';
import { passUnforeseen } from '../words/errors.js';
import { basename, fsPath, join, nameFromBuffer } from '../words/names.js';
import type { Layout, SnapshotName } from './layout.js';
import { readSmallFile } from '../files/small-file.js';

export type AdoptedKind = 'sha512' | 'SHA256SUMS';

/** The code of an error: a file that an adopted tree has a hash of, but that is not there. */
export const LOST = 'ELOST';

const RUN_CONFIG = 'phlb_config.ini';
const SUMS = 'SHA256SUMS';
const SIDE_CAR = '.sha512';
const HASH_LENGTH = 128;
const MAX_SUMS = 256 << 20;

/** Which PyHardLinkBackup has written this tree, told by what stands beside it or, of the first one, in it; `null`: none. */
export function adoptedKind(layout: Layout, { name, stamp }: SnapshotName): AdoptedKind | null {
  const beside = (suffix: string): boolean => existsSync(join(layout.sourceFolder(name), stamp + suffix));
  if (beside('-backup.log') || beside('-summary.txt')) return 'SHA256SUMS';
  const tree = layout.tree({ name, stamp });
  if (beside('.log') || beside(' summary.txt') || existsSync(join(tree, RUN_CONFIG))) return 'sha512';
  return hasSideCars(tree) ? 'sha512' : null;
}

/**
 * Whether at least half of a tree's files have a side-car. Each has one that the first PyHardLinkBackup stored, but some may
 * have been lost since; and somebody may keep such files of a download or two among others.
 */
function hasSideCars(tree: string): boolean {
  let files = 0;
  let sideCars = 0;
  for (const folders = ['']; folders.length > 0;) {
    const folder = folders.pop() ?? '';
    const entries = entriesIn(join(tree, folder));
    const names = entries.filter(entry => entry.isFile()).map(({ name }) => nameFromBuffer(name));
    const hashes = readSideCars(join(tree, folder), names);
    const stored = names.filter(name => !isSideCarOf(hashes, name));
    files += stored.length;
    sideCars += stored.filter(name => hashes.has(name)).length;
    for (const entry of entries) if (entry.isDirectory()) folders.push(join(folder, nameFromBuffer(entry.name)));
  }
  return sideCars > 0 && sideCars * 2 >= files;
}

function entriesIn(folder: string): Dirent<Buffer>[] {
  try {
    return readdirSync(fsPath(folder), { encoding: 'buffer', withFileTypes: true });
  } catch (error) {
    // Whoever takes the tree in names it.
    passUnforeseen(error);
    return [];
  }
}

/**
 * Whether an entry of an adopted tree is one of the backup's own files, by its name. `siblings`: all names in its folder. What
 * has a side-car itself was backed up, whatever its name.
 */
export function isHashFile(kind: AdoptedKind, path: string, siblings: ReadonlySet<string>): boolean {
  const name = basename(path);
  if (kind === 'SHA256SUMS') return name === SUMS;
  if (siblings.has(name + SIDE_CAR)) return false;
  if (path === RUN_CONFIG) return true;
  return name.endsWith(SIDE_CAR) && siblings.has(name.slice(0, -SIDE_CAR.length));
}

/** Whether a name is that of a side-car among those that `ownHashes` has read. */
export function isSideCarOf(hashes: ReadonlyMap<string, string>, name: string): boolean {
  return name.endsWith(SIDE_CAR) && hashes.has(name.slice(0, -SIDE_CAR.length));
}

/** The path of the file that a side-car is of; `undefined` for a name that is no side-car's. */
export function fileOfSideCar(path: string): string | undefined {
  return path.endsWith(SIDE_CAR) ? path.slice(0, -SIDE_CAR.length) : undefined;
}

/** The hashes (hex) that a folder of an adopted tree gives for files in it, by name; also for such as have gone since. */
export function ownHashes(kind: AdoptedKind, folder: string, names: readonly string[]): Map<string, string> {
  return kind === 'SHA256SUMS' ? readSums(join(folder, SUMS)) : readSideCars(folder, names);
}

// A name may appear twice, since the file is appended to: sha256sum would check both, the last one is the newest.
function readSums(file: string): Map<string, string> {
  const sums = new Map<string, string>();
  for (const line of (readText(file, MAX_SUMS) ?? '').split('\n')) {
    const match = /^([0-9a-f]{64}) [ *](.+)$/.exec(line);
    if (match?.[1] && match[2]) sums.set(match[2], match[1]);
  }
  return sums;
}

// 128 hex digits and nothing else: a user's own file of that name has more in it, or a side-car beside it.
function readSideCars(folder: string, names: readonly string[]): Map<string, string> {
  const hashes = new Map<string, string>();
  const siblings = new Set(names);
  for (const name of names) {
    const file = fileOfSideCar(name);
    if (file === undefined || file === '' || siblings.has(name + SIDE_CAR)) continue;
    const hash = readText(join(folder, name), HASH_LENGTH);
    if (hash !== undefined && /^[0-9a-f]{128}$/.test(hash)) hashes.set(file, hash);
  }
  return hashes;
}

function readText(file: string, maxBytes: number): string | undefined {
  try {
    return readSmallFile(fsPath(file), maxBytes);
  } catch (error) {
    passUnforeseen(error);
    // Without its hash file a file is taken as it is.
    return undefined;
  }
}
