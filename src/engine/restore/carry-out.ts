/** From a plan to its result: what is in danger is saved, what will be done is noted, and only then is it done. */
import type { Context } from '../threads/context.js';
import { afterwards } from '../files/afterwards.js';
import { removeSnapshots } from '../threads/remove-snapshots.js';
import { PhlbError } from '../words/errors.js';
import type { PathError, RestoreResult } from '../words/model.js';
import { commandLineHint, phrase } from '../words/phrase.js';
import { noteRestore, takeSafetySnapshot } from './safety.js';
import { snapshotId, type SnapshotName } from '../store/layout.js';
import type { StoreLock } from '../store/lock.js';
import { isNotable, type RestoreNote } from '../store/restore-note.js';
import type { Store } from '../store/root.js';
import { newPrivatePrefix } from './private-names.js';
import { createdOf, endangered, foretell, listed, type Plan } from './plan.js';
import { parentsOf } from './select.js';
import { writePlan } from './write.js';

export interface Job {
  store: Store;
  plan: Plan;
  /** the snapshot to restore from, the first one of several */
  snapshot: SnapshotName;
  /** the tree that a path comes from, absolute */
  tree: (path: string) => string;
  /** what it is, where it is no plain restore */
  does?: RestoreNote['does'];
  /** held whenever something is saved */
  lock: StoreLock | null;
  /** take a safety snapshot first */
  saves: boolean;
  /** of the result */
  notes: string[];
  /** told of it when it stands and nothing has been written yet */
  onSaved?: (id: string) => void;
}

/** @throws PhlbError `store`, `lockLost`, `cancelled` */
export async function carryOut(job: Job, context: Context): Promise<RestoreResult> {
  const { snapshot, tree, lock } = job;
  const privatePrefix = newPrivatePrefix();
  let plan = job.plan;
  let safetySnapshot: string | null = null;
  if (job.saves && lock) {
    const saved = await save({ ...job, lock }, privatePrefix, context);
    plan = saved.plan;
    safetySnapshot = saved.id;
  }
  try {
    const written = await writePlan({ plan, tree, lock, privatePrefix }, context);
    return {
      created: listed(written.created),
      overwritten: listed(written.overwritten),
      deleted: listed(written.deleted),
      unchanged: written.unchanged,
      left: plan.left,
      safetySnapshot,
      errors: [...plan.errors, ...written.errors],
      notes: job.notes,
    };
  } catch (error) {
    if (safetySnapshot === null || !PhlbError.is(error)) throw error;
    const { code, said, path, cause } = error;
    throw new PhlbError(code, said, {
      path,
      cause,
      hint: commandLineHint('undo', snapshot.name),
    });
  }
}

async function save(
  job: Job & { lock: StoreLock },
  privatePrefix: string,
  context: Context,
): Promise<{ id: string; plan: Plan }> {
  const { store, lock, plan, snapshot, onSaved } = job;
  const { target } = plan;
  if (!isNotable(noteOf(plan, job, privatePrefix))) {
    throw new PhlbError('usage', phrase`Too many files: this restore could not be undone`, {
      path: target.path,
      hint: commandLineHint('folderByFolder'),
    });
  }
  const created = plan.steps.filter(({ action }) => action === 'create').flatMap(({ entry }) => parentsOf(entry.path));
  const { id, errors } = await takeSafetySnapshot(
    { store, lock, target, name: snapshot.name, paths: [...endangered(plan), ...withoutNew(plan, created)] },
    context,
  );
  const safe = withoutUnsaved(plan, errors);
  try {
    noteRestore(store, lock, id, noteOf(safe, job, privatePrefix));
    onSaved?.(snapshotId(id));
  } catch (error) {
    // Nothing has been written, so nothing will be taken back from it.
    await afterwards([], '', () => removeSnapshots(store, lock, [id], { context, notes: [] }));
    throw error;
  }
  return { id: snapshotId(id), plan: safe };
}

// Folders that are there and will have something new in them: saved for their times.
function withoutNew(plan: Plan, folders: readonly string[]): string[] {
  const made = new Set(plan.steps.filter(({ action }) => action === 'create').map(({ entry }) => entry.path));
  return [...new Set(folders)].filter(folder => !made.has(folder));
}

// What could not be saved after all is left as it is.
function withoutUnsaved(plan: Plan, errors: readonly PathError[]): Plan {
  if (errors.length === 0) return plan;
  const unsaved = new Set(errors.flatMap(({ path }) => [path, ...parentsOf(path)]));
  const failed = new Set(errors.map(({ path }) => path));
  return {
    ...plan,
    steps: plan.steps.filter(
      ({ entry: { path, type }, action }) =>
        !failed.has(path) && !(unsaved.has(path) && action === 'overwrite' && type !== 'dir'),
    ),
    removals: plan.removals.filter(({ path }) => !unsaved.has(path)),
    errors: [
      ...plan.errors,
      ...errors.map(({ path, code, message }) => ({ path, code, message: `It cannot be saved first: ${message}` })),
    ],
  };
}

function noteOf(plan: Plan, { snapshot, does }: Job, privatePrefix: string): RestoreNote {
  const { overwritten, deleted } = foretell(plan);
  return {
    snapshot: snapshotId(snapshot),
    ...(does === undefined ? {} : { does }),
    target: plan.target.path,
    created: plan.steps.flatMap(({ entry, action }) => (action === 'create' ? [createdOf(entry)] : [])),
    overwritten: overwritten.map(({ path }) => path),
    deleted: deleted.map(({ path }) => path),
    drafts: privatePrefix,
  };
}
