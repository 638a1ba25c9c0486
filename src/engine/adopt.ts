/**
 * Trees that PyHardLinkBackup has written. Facts from its documentation and file names, both formats:
 *
 * - 0.x (2016): `NAME/STAMP/…`, beside each file `FILE.sha512` with its hash in hex, `phlb_config.ini` at the top of the
 *   tree; `NAME/STAMP.log` and `NAME/STAMP summary.txt` beside the tree.
 * - 1.x: `NAME/STAMP/…` with a `SHA256SUMS` in each folder that has files (`hash  name`, as sha256sum writes it);
 *   `NAME/STAMP-backup.log` and `NAME/STAMP-summary.txt` beside the tree; `.phlb/hash-lookup`, `.phlb/size-lookup`.
 *
 * The hash files belong to the backup, not to what was backed up: they are no entries of the snapshot.
 */
import { existsSync } from 'node:fs';
import { basename, fsPath, join } from './names.js';
import type { Layout, SnapshotName } from './store/layout.js';
import { readSmallFile } from './store/small-file.js';

export type AdoptedKind = 'sha512' | 'SHA256SUMS';

const RUN_CONFIG = 'phlb_config.ini';
const SUMS = 'SHA256SUMS';
const SIDE_CAR = '.sha512';
const MAX_SUMS = 256 << 20;

/** Which PyHardLinkBackup has written this tree, told by what stands beside it; `null`: none. */
export function adoptedKind(layout: Layout, { name, stamp }: SnapshotName): AdoptedKind | null {
  const beside = (suffix: string): boolean => existsSync(join(layout.sourceFolder(name), stamp + suffix));
  if (beside('-backup.log') || beside('-summary.txt')) return 'SHA256SUMS';
  const tree = layout.tree({ name, stamp });
  if (beside('.log') || beside(' summary.txt') || existsSync(join(tree, RUN_CONFIG))) return 'sha512';
  return null;
}

/** Whether an entry of an adopted tree is one of the backup's own files. `siblings`: all names in its folder. */
export function isHashFile(kind: AdoptedKind, path: string, siblings: ReadonlySet<string>): boolean {
  const name = basename(path);
  if (kind === 'SHA256SUMS') return name === SUMS;
  if (path === RUN_CONFIG) return true;
  return name.endsWith(SIDE_CAR) && siblings.has(name.slice(0, -SIDE_CAR.length));
}

/** The hashes (hex) that a folder of an adopted tree gives for the files in it, by name. */
export function ownHashes(kind: AdoptedKind, folder: string, names: readonly string[]): Map<string, string> {
  return kind === 'SHA256SUMS' ? readSums(join(folder, SUMS)) : readSideCars(folder, names);
}

// A name may appear twice, since the file is appended to: sha256sum would check both, the last one is the newest.
function readSums(file: string): Map<string, string> {
  const sums = new Map<string, string>();
  for (const line of (readText(file) ?? '').split('\n')) {
    const match = /^([0-9a-f]{64}) [ *](.+)$/.exec(line);
    if (match?.[1] && match[2]) sums.set(match[2], match[1]);
  }
  return sums;
}

function readSideCars(folder: string, names: readonly string[]): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const name of names) {
    if (!name.endsWith(SIDE_CAR)) continue;
    const hash = readText(join(folder, name))?.trim();
    if (hash !== undefined && /^[0-9a-f]{128}$/.test(hash)) hashes.set(name.slice(0, -SIDE_CAR.length), hash);
  }
  return hashes;
}

function readText(file: string): string | undefined {
  try {
    return readSmallFile(fsPath(file), MAX_SUMS);
  } catch {
    // Without its hash file a file is taken as it is.
    return undefined;
  }
}
