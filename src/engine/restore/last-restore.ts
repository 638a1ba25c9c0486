import type { SnapshotName } from '../store/layout.js';
import { readSnapshots, type RestoreMark } from '../store/record.js';
import { readRestoreNote, type RestoreNote } from '../store/restore-note.js';
import type { Store } from '../store/root.js';

/** The safety snapshot of a restore. */
export interface LastRestore {
  id: SnapshotName;
  mark: RestoreMark;
  startedAt: string;
  /** the folder that was restored into, absolute */
  source: string;
  /** Reads what it did. @throws PhlbError `damaged` */
  note(): RestoreNote;
}

/** The newest restore on this host of one source that has not been taken back. */
export function lastRestore(store: Store, name: string): LastRestore | undefined {
  const found = readSnapshots(store.layout, name).findLast(
    ({ record }) =>
      record?.kind === 'safety' && record.host === store.host && record.restore && !record.restore.undoneBy,
  );
  if (!found?.record?.restore) return undefined;
  const { id, record } = found;
  return {
    id,
    mark: found.record.restore,
    startedAt: record.startedAt,
    source: record.source,
    note: () => readRestoreNote(store.layout, id, record),
  };
}
