/** Taking back what a turn of a coding agent has changed, and nobody since. It is a restore: `undo` takes that back. */
import { sortByPath } from '../words/byte-order.js';
import type { Context } from '../threads/context.js';
import type { LeftPath, PathError, RestoreResult, StoreLocation } from '../words/model.js';
import { compareNames, dirname } from '../words/names.js';
import { repositoryOf } from '../words/repositories.js';
import { phrase, textOf } from '../words/phrase.js';
import { differences } from '../index/changes.js';
import { openLiveSource } from '../run/live-source.js';
import type { Entry } from '../store/manifest.js';
import { openStore, openStoreToRead, type Store } from '../store/root.js';
import { withLock } from '../store/with-lock.js';
import { carryOut } from './carry-out.js';
import { apart } from './chosen.js';
import { addRemovals } from './removals.js';
import { leaveRepositories } from './git.js';
import { leaveUnsaved } from './leave.js';
import { createdOf, foretell, isIdle, runnable, type Plan } from './plan.js';
import { planSteps } from './planner.js';
import { parentsOf } from './select.js';
import { withTarget, type Target } from './target.js';
import { isSame, isTrifle, readTurn, type TurnChange, type TurnHistory } from './turn-changes.js';

export interface UndoTurnRequest {
  location: StoreLocation;
  /** id of the turn, as `backup` was given it */
  turn: string;
  /** the source; default: the one that the turn is of */
  name?: string;
  /** take git repositories back too in which nobody has done anything since */
  git?: boolean;
  /** as of a restore */
  unsaved?: string[];
  /** as of a restore */
  within?: readonly string[];
  /** only tell what would be done */
  dryRun?: boolean;
}

/**
 * Restores exactly what the turn has changed, with a safety snapshot first. What somebody else has changed during the turn
 * or since is left, and named. A dry run takes no lock and writes nothing.
 * @throws PhlbError `usage`, `notFound` as `readTurn`; `source`, `damaged`, `store`, `lockLost`, `cancelled`. What concerns
 *   single paths is in the result's errors.
 */
export async function undoTurn(request: UndoTurnRequest, context: Context): Promise<RestoreResult> {
  if (request.dryRun) {
    const store = openStoreToRead(request.location, true);
    return withPlan(store, request, context, ({ plan, notes }) => ({
      ...foretell(plan),
      runnable: runnable(plan),
      notes,
    }));
  }
  const store = openStore(request.location);
  return withLock(store, context, (lock, notes) =>
    withPlan(store, request, context, ({ plan, tree, history, notes: told }) => {
      notes.push(...told);
      if (isIdle(plan)) return { ...foretell(plan), notes };
      return carryOut({ store, plan, snapshot: history.first.id, tree, lock, notes, saves: true }, context);
    }),
  );
}

interface TurnPlan {
  plan: Plan;
  /** the tree that a path comes from, absolute */
  tree: (path: string) => string;
  history: TurnHistory;
  notes: string[];
}

async function withPlan(
  store: Store,
  request: UndoTurnRequest,
  context: Context,
  use: (planned: TurnPlan) => RestoreResult | Promise<RestoreResult>,
): Promise<RestoreResult> {
  const history = await readTurn(store, request, context);
  const { manifest: live, folder } = await openLiveSource(store, history.last, context);
  const since = new Map<string, Entry | undefined>();
  for (const one of differences(history.last.manifest, live)) if (!isTrifle(one)) since.set(one.path, one.after);
  const { back, left } = sortOut(history, since);
  const notes = history.hasGaps
    ? [textOf(phrase`Snapshots of this turn were deleted: what others changed during it may count as its own`)]
    : [];
  return withTarget(folder, { layout: store.layout, inPlace: true, within: request.within }, async target => {
    const liveFolders = [...live.entries()].filter(({ type }) => type === 'dir');
    const plan = await planTurn({ history, back, since, liveFolders }, target, context);
    leaveUnsaved(plan, request.unsaved ?? []);
    left.push(...plan.left);
    leaveRepositories(plan, () => request.git === true);
    plan.left = mergeLeft([...left, ...plan.left]);
    return use({ plan, tree: path => back.get(path)?.tree ?? history.first.tree, history, notes });
  });
}

/** What goes back, by path, and what stays. */
interface SortedOut {
  back: Map<string, TurnChange>;
  left: LeftPath[];
}

// A repository goes back as a whole or not at all; who wrote its index last says nothing, since `git status` writes it.
function sortOut({ changes }: TurnHistory, since: ReadonlyMap<string, Entry | undefined>): SortedOut {
  const back = new Map<string, TurnChange>();
  const left = new Map<string, LeftPath>();
  const shared = [...changes.values()].filter(change => change.shared).map(({ path }) => path);
  const touched = new Set([...since.keys(), ...shared]);
  const movedOn = new Set(
    [...touched].flatMap(path => {
      const repository = repositoryOf(path);
      return repository === undefined || path === `${repository}/index` ? [] : repository;
    }),
  );
  for (const change of changes.values()) {
    const { path, before, after } = change;
    if (isSame(since.has(path) ? since.get(path) : after, before)) continue;
    const repository = repositoryOf(path);
    if (repository === undefined ? !touched.has(path) : !movedOn.has(repository)) back.set(path, change);
    else if (repository === undefined) left.set(path, { path, reason: 'changed' });
    else left.set(repository, { path: repository, reason: 'repository' });
  }
  return { back, left: [...left.values()] };
}

interface TurnPlanRequest {
  history: TurnHistory;
  back: ReadonlyMap<string, TurnChange>;
  since: ReadonlyMap<string, Entry | undefined>;
  /** those that are there now */
  liveFolders: readonly Entry[];
}

async function planTurn(
  { history, back, since, liveFolders }: TurnPlanRequest,
  target: Target,
  context: Context,
): Promise<Plan> {
  const wanted = new Map<string, Entry>();
  for (const { path, before, part } of back.values()) if (before) wanted.set(path, apart(before, part));
  const onTheWay = new Set(['', ...[...back.keys()].flatMap(parentsOf)]);
  const times = timesToSet(history, back, since);
  const folders = liveFolders.filter(({ path }) => onTheWay.has(path) && !wanted.has(path));
  const timed = folders.map(entry => ({ ...entry, mtime: times.get(entry.path) ?? entry.mtime }));
  const entries = sortByPath([...wanted.values(), ...timed]);
  const links = [...back.values()].filter(({ after }) => after?.type === 'link').map(({ path }) => path);
  const plan = await planSteps(
    {
      target,
      entries,
      wants: path => wanted.has(path) || times.has(path),
      replace: true,
      ownLinks: new Set(links),
    },
    context,
  );
  await addTurnRemovals(plan, back, context);
  return plan;
}

// Folders whose time was changed by nothing but the turn get it back with what lies in them.
function timesToSet(
  { first, changes, foreignFolders }: TurnHistory,
  back: ReadonlyMap<string, TurnChange>,
  since: ReadonlyMap<string, Entry | undefined>,
): Map<string, bigint> {
  const touched = new Set([...foreignFolders, ...[...since.keys()].map(dirname)]);
  const own = new Set([...back.keys()].map(dirname).filter(path => !touched.has(path)));
  const isOwn = ({ path, type }: Entry): boolean =>
    type === 'dir' && own.has(path) && !changes.has(path) && !since.has(path);
  return new Map([...first.manifest.entries()].filter(isOwn).map(({ path, mtime }) => [path, mtime]));
}

// What the turn has made goes, unless somebody else has put something into it.
async function addTurnRemovals(plan: Plan, back: ReadonlyMap<string, TurnChange>, context: Context): Promise<void> {
  const made = sortByPath(
    [...back.values()].flatMap(({ before, after }) => (after && !before ? [createdOf(after)] : [])),
  );
  const known = plan.errors.length;
  await addRemovals(plan, made, context);
  const isForeign = ({ code }: PathError): boolean => code === 'ECHANGED' || code === 'ENOTEMPTY';
  const told = plan.errors.splice(known);
  plan.errors.push(...told.filter(error => !isForeign(error)));
  plan.left.push(...told.filter(isForeign).map(({ path }): LeftPath => ({ path, reason: 'changed' })));
}

// A folder that stays only since something in it does is not worth a line.
function mergeLeft(lists: readonly LeftPath[]): LeftPath[] {
  const all = new Map(lists.map(one => [one.path, one]));
  const holding = new Set([...all.keys()].flatMap(parentsOf));
  return [...all.values()].filter(({ path }) => !holding.has(path)).sort((a, b) => compareNames(a.path, b.path));
}
