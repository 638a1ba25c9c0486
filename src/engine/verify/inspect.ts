/** Looking at what is stored: trees against their manifests, contents against their hashes. For verify, heal and scrub. */
import { lstatSync } from 'node:fs';
import { fileOfSideCar, LOST } from '../store/adopted.js';
import type { Context } from '../threads/context.js';
import { passUnforeseen } from '../words/errors.js';
import { fsPath, join } from '../words/names.js';
import { noInspection, type Inspection, type InspectedFile } from '../threads/inspect-tree.js';
import type { StoredName } from '../threads/stored-names.js';
import { manifestOf } from '../store/all-snapshots.js';
import { parseEntry } from '../store/manifest.js';
import type { ManifestText } from '../store/manifest-text.js';
import type { StoredSnapshot } from '../store/record.js';
import type { Store } from '../store/root.js';
import { nsToMicros } from '../words/times.js';
import { hashFiles } from '../threads/hash-files.js';
import { MOMENT_LINES } from '../threads/moment.js';
import { onAllThreads } from '../threads/on-all-threads.js';

export interface InspectOptions {
  quick: boolean;
  /** tell files whose times are not the recorded ones */
  times: boolean;
  /** tell each inode only once in this call */
  once: boolean;
}

/** A stored file to hash, and all that was recorded of its content: more than one hash where records contradict. */
export interface StoredInode {
  key: string;
  inode: bigint;
  /** absolute; one of its names */
  path: string;
  size: number;
  sha256: string[];
  /** its mtime is not the recorded one: its ctime (ns) when that was seen */
  untimely?: bigint;
}

/** A name in a snapshot. */
export type SnapshotFile = StoredName & { snapshot: StoredSnapshot };

/** Compares a whole tree with its manifest, on all threads. `null`: the manifest cannot be read. */
export async function inspectSnapshot(
  store: Store,
  snapshot: StoredSnapshot,
  options: InspectOptions,
  context: Context,
): Promise<Inspection | null> {
  const manifest = await manifestOf(store, snapshot);
  if (!manifest) return null;
  const tree = store.layout.tree(snapshot.id);
  const pool = context.pool();
  const threads = manifest.bytes.length > MOMENT_LINES ? pool.threads : pool.forMoments;
  const whole = noInspection();
  const inspect = async (directories: { path: string; start: number; end: number }[]): Promise<void> => {
    const shares = threads.map(() => [] as typeof directories);
    // A directory always goes to the same thread, which then knows most of its inodes from the snapshot before.
    for (const directory of directories) shares[spread(directory.path, shares.length)]?.push(directory);
    const parts = threads.map((thread, i) =>
      thread.run('inspect', {
        ...{ tree, ...options, unlike: null, cancel: context.cancel },
        manifest: manifest.bytes.buffer as SharedArrayBuffer,
        directories: shares[i] ?? [],
        adopted: snapshot.record?.adopted ?? null,
      }),
    );
    for (const part of await Promise.all(parts)) addTo(whole, part);
  };
  await inspect([...manifest.groups].map(([path, range]) => ({ path, ...range })));
  const empty = ['', ...whole.directories].filter(path => !manifest.groups.has(path));
  await inspect(empty.map(path => ({ path, start: 0, end: 0 })));
  if (isRootUntimely(tree, manifest)) whole.untimely.push('');
  // A rehash leaves out of the manifest what the tree's own hash files contradict: damaged, and no extra.
  // So are files that had gone by then, of which the hash files are left.
  const told = new Map(snapshot.record?.errors.map(({ path, code }) => [path, code]));
  for (const one of whole.problems) {
    if (one.problem !== 'extra') continue;
    const file = fileOfSideCar(one.path);
    if (told.get(one.path) === 'EDAMAGED') one.problem = 'content';
    else if (file !== undefined && told.get(file) === LOST) Object.assign(one, { path: file, problem: 'missing' });
  }
  return whole.unreadable ? null : whole;
}

/** Puts names together that share an inode. */
export class SeenInodes {
  readonly list: StoredInode[] = [];
  private readonly shared = new Map<string, StoredInode>();

  /** Returns whether it was not known yet. `tree`: absolute */
  add(tree: string, file: InspectedFile): boolean {
    const key = inodeKey(file);
    const known = file.links > 1 ? this.shared.get(key) : undefined;
    if (known) {
      if (!known.sha256.includes(file.sha256)) known.sha256.push(file.sha256);
      return false;
    }
    const { inode, size, sha256, untimely } = file;
    const added: StoredInode = { key, inode, path: join(tree, file.path), size, sha256: [sha256] };
    if (untimely !== undefined) added.untimely = untimely;
    this.list.push(added);
    if (file.links > 1) this.shared.set(key, added);
    return true;
  }
}

export function inodeKey({ device, inode }: { device: bigint; inode: bigint }): string {
  return `${device}:${inode}`;
}

/** Hashes each; those whose content is not what all of their names recorded. A file that cannot be read is one. */
export async function hashInodes(
  inodes: readonly StoredInode[],
  context: Context,
  onHashed: (inode: StoredInode) => void = () => undefined,
): Promise<{ inode: StoredInode; actual: string | null }[]> {
  const bad: { inode: StoredInode; actual: string | null }[] = [];
  // By number: about the order on disk.
  const inOrder = inodes.toSorted((a, b) => (a.inode < b.inode ? -1 : a.inode > b.inode ? 1 : 0));
  await hashFiles(inOrder, context, (inode, { sha256 = null }) => {
    onHashed(inode);
    if (inode.sha256.some(recorded => recorded !== sha256)) bad.push({ inode, actual: sha256 });
  });
  return bad;
}

/** All names in these snapshots that were recorded with one of these contents. What cannot be read is passed over. */
export async function filesOfContents(
  store: Store,
  snapshots: readonly StoredSnapshot[],
  sha256: readonly string[],
  context: Context,
): Promise<SnapshotFile[]> {
  if (sha256.length === 0) return [];
  const wanted = [...new Set(sha256)];
  const found = await onAllThreads(snapshots, context, async (thread, snapshot) => {
    const manifest = await manifestOf(store, snapshot);
    if (!manifest) return [];
    const names = await thread.run('names', {
      tree: store.layout.tree(snapshot.id),
      manifest: manifest.bytes.buffer as SharedArrayBuffer,
      sha256: wanted,
      cancel: context.cancel,
    });
    return (names ?? []).map(name => ({ ...name, snapshot }));
  });
  return found.flat();
}

export function groupBy<T>(items: Iterable<T>, keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

function addTo(whole: Inspection, part: Inspection): void {
  whole.files += part.files;
  whole.unreadable ||= part.unreadable;
  for (const problem of part.problems) whole.problems.push(problem);
  for (const file of part.stored) whole.stored.push(file);
  for (const path of part.directories) whole.directories.push(path);
  for (const path of part.untimely) whole.untimely.push(path);
}

function spread(path: string, parts: number): number {
  let sum = 0;
  for (let i = 0; i < path.length; i++) sum = (sum * 31 + path.charCodeAt(i)) >>> 0;
  return sum % parts;
}

function isRootUntimely(tree: string, manifest: ManifestText): boolean {
  const recorded = parseEntry(manifest.rootLine);
  try {
    const stat = lstatSync(fsPath(tree), { bigint: true, throwIfNoEntry: false });
    return recorded !== undefined && stat !== undefined && nsToMicros(stat.mtimeNs) !== nsToMicros(recorded.mtime);
  } catch (error) {
    // What is in it is missing, and told.
    passUnforeseen(error);
    return false;
  }
}
