import { PhlbError } from '../errors.js';
import { isSafeRelative } from '../names.js';
import { phrase } from '../phrase.js';
import { snapshotId, type SnapshotName } from '../store/layout.js';
import { readSnapshots, type RestoreNote } from '../store/record.js';
import type { Store } from '../store/root.js';

/** The safety snapshot of a restore. */
export interface LastRestore {
  id: SnapshotName;
  note: RestoreNote;
  startedAt: string;
  /** the folder that was restored into, absolute */
  source: string;
}

/** The newest restore on this host of one source that has not been taken back. @throws PhlbError `damaged` */
export function lastRestore(store: Store, name: string): LastRestore | undefined {
  const found = readSnapshots(store.layout, name).findLast(
    ({ record }) =>
      record?.kind === 'safety' && record.host === store.host && record.restore && !record.restore.undoneBy,
  );
  if (!found?.record?.restore) return undefined;
  return {
    id: found.id,
    note: checked(found.record.restore, store, found.id),
    startedAt: found.record.startedAt,
    source: found.record.source,
  };
}

// The note says what is deleted, so nonsense in it must not lead out of the target.
function checked(note: RestoreNote, store: Store, id: SnapshotName): RestoreNote {
  const isPath = (path: unknown): boolean => typeof path === 'string' && (path === '' || isSafeRelative(path));
  const { created, overwritten, deleted } = note;
  const sound =
    [created, overwritten, deleted].every(Array.isArray) &&
    created.every(one => isPath(one?.path)) &&
    overwritten.every(isPath) &&
    deleted.every(isPath);
  if (sound) return note;
  throw new PhlbError('damaged', phrase`What this restore did cannot be understood`, {
    path: store.layout.record(id),
    hint: phrase`restore from ${snapshotId(id)} by hand`,
  });
}
