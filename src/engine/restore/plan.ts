/** What a restore is going to do, found out without writing anything. */
import type { BigIntStats } from 'node:fs';
import { whenItRuns } from '../words/can-run.js';
import type { LeftPath, PathError, RestoreResult } from '../words/model.js';
import { compareNames, join } from '../words/names.js';
import type { Entry } from '../store/manifest.js';
import type { RestoreNote } from '../store/restore-note.js';
import type { Target } from './target.js';

/**
 * - `create`: nothing is there
 * - `overwrite`: something else is there
 * - `metadata`: only its mode, owner or (of no folder) time is another
 * - `times`: a folder whose time alone is another; set like the others, but not worth a line to the user
 * - `keep`: it is as it was
 */
export type Action = 'create' | 'overwrite' | 'metadata' | 'times' | 'keep';

export interface Step {
  entry: Entry;
  action: Action;
  /** what is there now */
  seen: Seen | undefined;
  /** what stands below a folder in the place of something else and goes with it, deepest first */
  below: Removal[];
  /** of a folder: it gets its own mode, owner and time once all in it is done */
  settles: boolean;
}

export interface Removal {
  path: string;
  seen: Seen;
}

/** What stood at a path when the plan was made. It is overwritten or removed only while it is still that. */
export interface Seen {
  /** device and inode */
  inode: string;
  kind: 'file' | 'dir' | 'link' | 'special';
  size: number;
  /** nanoseconds */
  mtime: bigint;
  links: number;
  uid: number;
}

/** A name that has the right content already, for other names of the same file to be linked to. */
export interface Home {
  /** relative to the target */
  path: string;
  seen: Seen;
}

export interface Plan {
  target: Target;
  /** in the manifest's order */
  steps: Step[];
  /** what goes beyond that, what is in a folder before the folder */
  removals: Removal[];
  /** by hardlink group (`groupOf`) */
  homes: Map<string, Home>;
  /** names that differ in case only are one there */
  folds: boolean;
  /** times nearer than this are the same there, microseconds */
  timeStep: number;
  /** what cannot be restored, as far as it can be told beforehand */
  errors: PathError[];
  /** what is left out of it on purpose */
  left: LeftPath[];
}

export function seenOf(stat: BigIntStats): Seen {
  return {
    inode: `${stat.dev}:${stat.ino}`,
    kind: stat.isFile() ? 'file' : stat.isDirectory() ? 'dir' : stat.isSymbolicLink() ? 'link' : 'special',
    size: Number(stat.size),
    mtime: stat.mtimeNs,
    links: Number(stat.nlink),
    uid: Number(stat.uid),
  };
}

/** Whether that is still what was seen; of a folder, whether it is the same one. */
export function isStill(seen: Seen, stat: BigIntStats): boolean {
  const now = seenOf(stat);
  if (now.inode !== seen.inode || now.kind !== seen.kind) return false;
  return seen.kind === 'dir' || (now.size === seen.size && now.mtime === seen.mtime);
}

export function isIdle({ steps, removals }: Plan): boolean {
  return removals.length === 0 && steps.every(({ action }) => action === 'keep');
}

/** Whether anything that is there now will be another or gone. */
export function isDestructive({ steps, removals }: Plan): boolean {
  return removals.length > 0 || steps.some(({ action }) => action !== 'keep' && action !== 'create');
}

/** What stands there now and will not, or not so: to be saved first. */
export function endangered({ steps, removals }: Plan): string[] {
  const changed = steps.filter(({ action }) => action !== 'keep' && action !== 'create');
  return [...changed.map(({ entry }) => entry.path), ...removed({ steps, removals })];
}

function removed({ steps, removals }: Pick<Plan, 'steps' | 'removals'>): string[] {
  return [...steps.flatMap(({ below }) => below), ...removals].map(({ path }) => path);
}

/** What carrying the plan out will report. */
export function foretell(plan: Plan): RestoreResult {
  const paths = (actions: Action[]): string[] =>
    plan.steps.filter(({ action }) => actions.includes(action)).map(({ entry }) => entry.path);
  return {
    // That the target folder itself is made goes without saying.
    created: listed(paths(['create']).filter(path => path !== '')),
    overwritten: listed(paths(['overwrite', 'metadata'])),
    deleted: listed(removed(plan)),
    unchanged: plan.steps.filter(({ entry, action }) => entry.type !== 'dir' && action === 'keep').length,
    left: plan.left,
    safetySnapshot: null,
    errors: plan.errors,
    notes: [],
  };
}

/** The paths of what is put in place and can run there, what runs unasked first. */
export function runnable({ steps, target }: Plan): string[] {
  const unasked: string[] = [];
  const started: string[] = [];
  for (const { entry, action } of steps) {
    if (entry.type === 'dir' || action === 'keep' || action === 'times') continue;
    // Elsewhere it may be the folder that makes it run; in its own, what tells files apart is their path below it.
    const path = target.inPlace ? entry.path : join(target.path, entry.path);
    const when = whenItRuns(path, entry.type === 'file' && (entry.mode & 0o111) !== 0);
    if (when === 'unasked') unasked.push(entry.path);
    else if (when === 'started') started.push(entry.path);
  }
  return [...unasked.sort(compareNames), ...started.sort(compareNames)];
}

/** What undoing it has to know of something that is put where nothing is. */
export function createdOf({ path, type, sha256, target }: Entry): RestoreNote['created'][number] {
  return { path, type, ...(sha256 === undefined ? {} : { sha256 }), ...(target === undefined ? {} : { target }) };
}

/** Paths as a result lists them. */
export function listed(paths: readonly string[]): { path: string }[] {
  return [...paths].sort(compareNames).map(path => ({ path }));
}
