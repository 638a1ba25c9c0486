/**
 * The second look at what seemed wrong. The first one takes no lock, since it is long: a prune, a purge or an `rm -rf`
 * may have gone on meanwhile. So only what is still wrong under the lock is damage.
 */
import type { Context } from '../threads/context.js';
import { PhlbError } from '../words/errors.js';
import { stands } from '../store/all-snapshots.js';
import {
  filesOfContents,
  groupBy,
  hashInodes,
  inodeKey,
  inspectSnapshot,
  type InspectOptions,
  type SnapshotFile,
  type StoredInode,
} from './inspect.js';
import type { Problem } from '../words/model.js';
import type { TreeProblem } from '../threads/inspect-tree.js';
import type { DamageMark } from '../store/damage.js';
import { snapshotId } from '../store/layout.js';
import type { StoreLock } from '../store/lock.js';
import { readSnapshot, type StoredSnapshot } from '../store/record.js';
import type { Store } from '../store/root.js';
import { withLock } from '../store/with-lock.js';

export interface Suspects {
  /** snapshots whose trees are not what their manifests say */
  odd: readonly StoredSnapshot[];
  /** files whose content is not what was recorded */
  inodes: readonly StoredInode[];
  /** where the names of these files are looked for */
  scope: readonly StoredSnapshot[];
}

export type Damage = TreeProblem & { snapshot: StoredSnapshot };

export interface Rechecked {
  damage: Damage[];
  /** of inodes whose content is wrong */
  marks: DamageMark[];
}

/** Call it under the lock; without one (a read-only root) what it says is a moment's truth. @throws PhlbError `cancelled` */
export async function recheck(
  store: Store,
  suspects: Suspects,
  options: Omit<InspectOptions, 'once'>,
  context: Context,
): Promise<Rechecked> {
  const damage: Damage[] = [];
  for (const { id } of suspects.odd) {
    // Read again: a purge changes record and manifest.
    const snapshot = readSnapshot(store.layout, id);
    if (!stands(store, snapshot)) continue;
    const inspection = await inspectSnapshot(store, snapshot, { ...options, once: false }, context);
    if (!snapshot.record || !inspection) damage.push({ snapshot, path: '', problem: 'missing', entry: null });
    for (const problem of inspection?.problems ?? []) damage.push({ ...problem, snapshot });
  }
  const marks: DamageMark[] = [];
  for (const { actual, files } of await wrongContents(store, suspects, context)) {
    const wrong = files.filter(({ entry }) => entry.sha256 !== actual);
    for (const { snapshot, entry } of wrong) damage.push({ snapshot, path: entry.path, problem: 'content', entry });
    const [first] = wrong;
    if (!first) continue;
    const { inode, size, mtime } = first.state;
    marks.push({ inode, size, mtime, snapshot: snapshotId(first.snapshot.id), path: first.entry.path });
  }
  // Under another time another content: the content is what is wrong.
  const rotten = new Set(damage.flatMap(one => (one.problem === 'content' ? nameKey(one) : [])));
  return { damage: damage.filter(one => one.problem !== 'time' || !rotten.has(nameKey(one))), marks };
}

/** Runs under the lock, or without one where none can be written: a read-only root can be looked at, too. */
export async function withLockIfWritable<T extends { notes: string[] }>(
  store: Store,
  context: Context,
  operate: (lock: StoreLock | null, notes: string[]) => Promise<T>,
): Promise<T> {
  let locked = false;
  try {
    return await withLock(store, context, (lock, notes) => {
      locked = true;
      return operate(lock, notes);
    });
  } catch (error) {
    if (locked || !PhlbError.is(error, 'store')) throw error;
    return operate(null, []);
  }
}

export function nameKey({ snapshot, path }: { snapshot: StoredSnapshot; path: string }): string {
  return `${snapshotId(snapshot.id)}/${path}`;
}

/** What the surface tells of it. */
export function tellDamage({ snapshot, path, problem }: Damage): { snapshot: string; path: string; problem: Problem } {
  return { snapshot: snapshotId(snapshot.id), path, problem };
}

/** Each inode that is still wrong, with its names. Of another size is another problem, which its tree has told. */
async function wrongContents(
  store: Store,
  { inodes, scope }: Suspects,
  context: Context,
): Promise<{ actual: string | null; files: SnapshotFile[] }[]> {
  const suspected = new Set(inodes.map(({ key }) => key));
  const recorded = inodes.flatMap(({ sha256 }) => sha256);
  const files = (await filesOfContents(store, scope, recorded, context)).filter(
    ({ entry, state }) => suspected.has(inodeKey(state)) && state.size === entry.size,
  );
  const byInode = groupBy(files, ({ state }) => inodeKey(state));
  const again = [...byInode].flatMap(([key, [first]]) => {
    if (!first) return [];
    const path = `${store.layout.tree(first.snapshot.id)}/${first.entry.path}`;
    const sha256 = byInode.get(key)?.map(({ entry }) => entry.sha256 ?? '') ?? [];
    return [{ key, inode: first.state.inode, path, size: first.state.size, sha256: [...new Set(sha256)] }];
  });
  const bad = await hashInodes(again, context);
  return bad.map(({ inode, actual }) => ({ actual, files: byInode.get(inode.key) ?? [] }));
}
