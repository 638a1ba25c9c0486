/** Taking a restore back, from the safety snapshot that it took. An undo is a restore itself: undone, it is done again. */
import type { Context } from '../threads/context.js';
import { PhlbError } from '../words/errors.js';
import type { RestoreResult, StoreLocation } from '../words/model.js';
import { phrase } from '../words/phrase.js';
import { repositoryOf } from '../words/repositories.js';
import { carryOut } from './carry-out.js';
import { removePrivateFiles } from './private-names.js';
import { addRemovals } from './removals.js';
import { leaveRepositories } from './git.js';
import { repositoriesAsRestored } from './git-undo.js';
import { lastRestore, type LastRestore } from './last-restore.js';
import { foretell, type Plan } from './plan.js';
import { planSteps } from './planner.js';
import { leaveUnsaved } from './leave.js';
import { withTarget, type Target, type TargetBounds } from './target.js';
import { findTwins } from './twins.js';
import { noteUndone } from './safety.js';
import { pathBelow } from '../scan/snapshot-path.js';
import { openSnapshot } from '../store/open-snapshot.js';
import { isSourceName, snapshotId } from '../store/layout.js';
import type { Entry } from '../store/manifest.js';
import { sourceFolders } from '../store/record.js';
import type { RestoreNote } from '../store/restore-note.js';
import { openStoreToRead, noSource, openStore, type Store } from '../store/root.js';
import { withLock } from '../store/with-lock.js';

export interface UndoRequest {
  location: StoreLocation;
  /** a source; default: whichever of this host's a restore was last made for */
  name?: string;
  /** only of one of these sources */
  names?: readonly string[];
  /** absolute paths: only what was restored into one of these folders, or into what lies in them */
  within?: readonly string[];
  /** take repositories back too that have moved on since the restore */
  git?: boolean;
  /** as of a restore */
  unsaved?: string[];
  /** only tell what would be done */
  dryRun?: boolean;
}

/**
 * Takes the newest restore back that has not been: removes what it created, unless that has changed since, and puts back
 * what it overwrote and deleted. Comes with a safety snapshot of its own, even when there is nothing left to do. A dry run takes no lock and writes
 * nothing.
 * @throws PhlbError `notFound` when there is none; `usage`, `source`, `damaged`, `store`, `lockLost`, `cancelled`. What
 *   concerns single paths is in the result's errors.
 */
export async function undo(request: UndoRequest, context: Context): Promise<RestoreResult> {
  if (request.dryRun) {
    const store = openStoreToRead(request.location, true);
    const last = await lastOf(store, request);
    return withTarget(last.record.source, boundsOf(store, request), async target =>
      foretell(await planUndo({ ...request, store }, last, target, context)),
    );
  }
  const store = openStore(request.location);
  return withLock(store, context, async (lock, notes) => {
    const last = await lastOf(store, request);
    return withTarget(last.record.source, boundsOf(store, request), async target => {
      removePrivateFiles(target, last.note);
      const plan = await planUndo({ ...request, store }, last, target, context);
      const onSaved = (by: string): void => noteUndone(store, lock, last.id, by);
      const about = { store, plan, snapshot: last.id, tree: () => last.tree };
      const does = last.note.does === 'undo' ? 'redo' : 'undo';
      return carryOut({ ...about, does, lock, notes, saves: true, onSaved }, context);
    });
  });
}

type Last = { id: LastRestore['id']; note: RestoreNote } & Awaited<ReturnType<typeof openSnapshot>>;

function boundsOf({ layout }: Store, { within }: UndoRequest): TargetBounds {
  return { layout, inPlace: true, within };
}

async function lastOf(store: Store, request: UndoRequest): Promise<Last> {
  const { id, note } = newestRestore(store, request);
  return { ...(await openSnapshot(store, snapshotId(id))), note: note() };
}

async function planUndo(
  { store, git, unsaved = [] }: Pick<UndoRequest, 'git' | 'unsaved'> & { store: Store },
  { note, manifest, record }: Last,
  target: Target,
  context: Context,
): Promise<Plan> {
  // A target that the restore has made is not part of what was there before.
  const madeTarget = note.created.some(({ path }) => path === '');
  const entries = [...manifest.entries()].filter(({ path }) => path !== '' || !madeTarget);
  const twins = findTwins(target, entries);
  const ownLinks = new Set(note.overwritten);
  const plan = await planSteps({ target, entries, wants: () => true, replace: true, ownLinks, twins }, context);
  await addRemovals(plan, note.created, context);
  leaveUnsaved(plan, unsaved);
  if (!git) await leaveWhatMovedOn(store, plan, note, BigInt(record.scanStart));
  return plan;
}

// A repository that the restore changed goes back with it, but not one that has got new commits since.
async function leaveWhatMovedOn(store: Store, plan: Plan, note: RestoreNote, since: bigint): Promise<void> {
  const touched = [...note.created.map(({ path }) => path), ...note.overwritten, ...note.deleted];
  if (!touched.some(path => repositoryOf(path, plan.folds))) return;
  const entries = await entriesOf(store, note.snapshot);
  const asRestored = repositoriesAsRestored(plan, { note, since, entries });
  leaveRepositories(plan, path => asRestored.has(repositoryOf(path, plan.folds) ?? ''));
}

// The snapshot may have been deleted since.
async function entriesOf(store: Store, snapshot: string): Promise<Iterable<Entry>> {
  try {
    return (await openSnapshot(store, snapshot)).manifest.entries();
  } catch (error) {
    if (PhlbError.is(error)) return [];
    throw error;
  }
}

function newestRestore(store: Store, { name, names, within }: UndoRequest): LastRestore {
  if (name !== undefined && (!isSourceName(name) || !sourceFolders(store.layout).includes(name))) {
    throw noSource(store.layout, name);
  }
  const newest = (name === undefined ? sourceFolders(store.layout) : [name])
    .filter(source => names?.includes(source) !== false)
    .flatMap(source => lastRestore(store, source) ?? [])
    .filter(({ source }) => within?.some(folder => pathBelow(folder, source) !== undefined) !== false)
    .sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt))
    .at(-1);
  if (newest) return newest;
  throw new PhlbError('notFound', phrase`There is no restore to undo`, {
    path: name === undefined ? store.layout.root : store.layout.sourceFolder(name),
    hint: phrase`restores on other computers can be undone there`,
  });
}
