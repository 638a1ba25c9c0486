/**
 * Bringing files back. First a plan is made of what would be created, overwritten, deleted or left; then a safety snapshot
 * is taken of all that would be lost; only then is anything written.
 */
import type { Context } from '../threads/context.js';
import { PhlbError } from '../words/errors.js';
import { LeftOut } from '../run/left-out.js';
import type { RestoreRequest, RestoreResult } from '../words/model.js';
import { carryOut } from './carry-out.js';
import { choose, type Chosen, type Snapshot } from './chosen.js';
import { planDeletions } from './deletions.js';
import { removePrivateFiles } from './private-names.js';
import { leaveRepositories, namedIn } from './git.js';
import { lastRestore } from './last-restore.js';
import { foretell, isDestructive, isIdle, runnable, type Plan } from './plan.js';
import { planSteps } from './planner.js';
import { withTarget, type Target } from './target.js';
import { leaveUnsaved } from './leave.js';
import type { StoreLock } from '../store/lock.js';
import { openStoreToRead, openStore, type Store } from '../store/root.js';
import { withLock } from '../store/with-lock.js';

/**
 * Restores files, folders or a whole snapshot. A dry run reports what a run would, and writes nothing. A file that
 * differs in mode, owner or time alone counts as overwritten. The times of folders come back without being listed.
 * @throws PhlbError `notFound` for a path that the snapshot does not hold; `usage`, also for `delete` with a snapshot whose
 *   rules are not known; `source` for a target that is no folder; `damaged`, `store`, `lockLost`, `cancelled`. What concerns
 *   single paths is in the result's errors.
 */
export async function restore(request: RestoreRequest, context: Context): Promise<RestoreResult> {
  const { location, dryRun = false, to, overwrite = false } = request;
  const replaces = to === undefined || overwrite || request.delete === true;
  // A pure creation elsewhere writes nothing to the store, so it also works from one that is read-only.
  if (dryRun || !replaces)
    return restoreUnder(openStoreToRead(location, dryRun), { lock: null, notes: [] }, request, context);
  const store = openStore(location);
  return withLock(store, context, (lock, notes) => restoreUnder(store, { lock, notes }, request, context));
}

async function restoreUnder(
  store: Store,
  { lock, notes }: { lock: StoreLock | null; notes: string[] },
  request: RestoreRequest,
  context: Context,
): Promise<RestoreResult> {
  const chosen = await choose(store, request);
  const { snapshot } = chosen;
  const { to, dryRun } = request;
  const folder = to ?? snapshot.record.source;
  const bounds = { layout: store.layout, inPlace: to === undefined, within: request.within };
  if (lock && !dryRun) {
    await withTarget(folder, bounds, target => clearAway(store, snapshot, target));
  }
  return withTarget(folder, bounds, async target => {
    const plan = await planRestore(request, chosen, target, context);
    if (dryRun) return { ...foretell(plan), runnable: runnable(plan) };
    if (isIdle(plan)) return { ...foretell(plan), notes };
    const saves = to === undefined || isDestructive(plan);
    return carryOut({ store, plan, snapshot: snapshot.id, tree: chosen.tree, lock, notes, saves }, context);
  });
}

// What a restore into this folder that died has left under its private names.
function clearAway(store: Store, { id }: Snapshot, target: Target): void {
  try {
    const last = lastRestore(store, id.name);
    if (last?.source === target.path && last.mark.drafts !== undefined) removePrivateFiles(target, last.note());
  } catch (error) {
    // Not to be understood, so not known: a file too many is no reason to restore nothing.
    if (!PhlbError.is(error, 'damaged')) throw error;
  }
}

async function planRestore(
  { to, overwrite = false, unsaved = [], git }: RestoreRequest,
  chosen: Chosen,
  target: Target,
  context: Context,
): Promise<Plan> {
  const { rules, all, snapshot } = chosen;
  const plan = await planSteps({ ...chosen, target, replace: to === undefined || overwrite }, context);
  if (rules) {
    const leftOut = new LeftOut(rules, snapshot.record, snapshot.tree, snapshot.manifest);
    const request = { ...chosen, entries: all, target, rules, leftOut, folds: plan.folds };
    const found = await planDeletions(request, context);
    plan.removals = found.removals;
    plan.errors.push(...found.errors);
  }
  leaveUnsaved(plan, unsaved);
  if (to === undefined && git !== true) {
    leaveRepositories(plan, namedIn(git === undefined ? chosen.asked : [], plan.folds));
  }
  return plan;
}
