/** Safety snapshots: what is about to be overwritten or deleted, published first. */
import type { Context } from '../threads/context.js';
import { PhlbError } from '../words/errors.js';
import type { PathError } from '../words/model.js';
import { CAUSES } from '../words/turns.js';
import { parentsOf } from './select.js';
import type { Target } from './target.js';
import { NO_RULES } from '../scan/rules.js';
import { readHistory } from '../run/history.js';
import { takeSnapshot } from '../run/take-snapshot.js';
import { rulesInForce } from '../scan/ignore-mode.js';
import { probe } from '../store/capabilities.js';
import { snapshotId, type SnapshotName } from '../store/layout.js';
import type { StoreLock } from '../store/lock.js';
import { readSnapshot, writeRecord, type RestoreMark, type SnapshotRecord } from '../store/record.js';
import { writeRestoreNote, type RestoreNote } from '../store/restore-note.js';
import { summaryOf } from '../store/restore-summary.js';
import type { Store } from '../store/root.js';

/** What a safety snapshot is of. */
export interface SafetyRequest {
  store: Store;
  lock: StoreLock;
  target: Target;
  /** the source folder's name in the store */
  name: string;
  /** relative paths; the folders that they lie in come along, since their times will change too */
  paths: string[];
}

/**
 * Publishes exactly these paths, whatever the rules say. What came to be unreadable since the plan is in `errors`: it is
 * not saved and must not be touched.
 * @throws PhlbError `store`, `lockLost`, `cancelled`; nothing is written to the target then
 */
export async function takeSafetySnapshot(
  request: SafetyRequest,
  context: Context,
): Promise<{ id: SnapshotName; errors: PathError[] }> {
  const { store, lock, target, name, paths } = request;
  const { sequence, anySnapshots } = readHistory(store.layout, name);
  // Where the target is yet to be made there is nothing in it to save: an empty tree, with the note of what is created.
  const held = target.held.outer();
  const { id, record } = await takeSnapshot({
    comparison: {
      // What is saved is what will be written into, whatever stands at its path meanwhile.
      source: { path: held.id.path, held, unstableInodes: false },
      root: held.lstat(''),
      rules: rulesInForce({ source: held.id.path }, NO_RULES),
      only: new Set(target.stat ? paths.flatMap(path => [path, ...parentsOf(path)]) : []),
      previous: null,
      layout: store.layout,
      checksum: false,
    },
    store,
    lock,
    context,
    name,
    kind: 'safety',
    capabilities: probe(store.layout.partial),
    startedAt: new Date(),
    sequence,
    anySnapshots,
    options: { cause: CAUSES.restore },
    notes: [],
  });
  return { id, errors: record.errors };
}

/** Notes beside a safety snapshot's record, and marks in it, what the restore is going to do. Comes before anything is done. */
export function noteRestore(store: Store, lock: StoreLock, id: SnapshotName, note: RestoreNote): void {
  lock.check();
  writeRestoreNote(store.layout, id, note);
  changeRecord(store, lock, id, record => ({ ...record, source: note.target, restore: markOf(note) }));
}

/** What a record says of a restore. */
export function markOf(note: RestoreNote): RestoreMark {
  const { snapshot, drafts } = note;
  return { snapshot, did: summaryOf(note), ...(drafts === undefined ? {} : { drafts }) };
}

/** Notes that a restore has been taken back. */
export function noteUndone(store: Store, lock: StoreLock, id: SnapshotName, by: string): void {
  changeRecord(store, lock, id, record =>
    record.restore ? { ...record, restore: { ...record.restore, undoneBy: by } } : record,
  );
}

function changeRecord(
  store: Store,
  lock: StoreLock,
  id: SnapshotName,
  change: (record: SnapshotRecord) => SnapshotRecord,
): void {
  const { record, problem } = readSnapshot(store.layout, id);
  if (!record) {
    throw new PhlbError('damaged', problem, { path: snapshotId(id) });
  }
  lock.check();
  writeRecord(store.layout, id, change(record));
}
