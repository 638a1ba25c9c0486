/** Which snapshots are to have a copy. */
import { allSnapshots } from '../store/all-snapshots.js';
import { snapshotId } from '../store/layout.js';
import { findSnapshot } from '../store/open-snapshot.js';
import type { SnapshotRecord, StoredSnapshot } from '../store/record.js';
import type { Store } from '../store/root.js';
import { PhlbError } from '../words/errors.js';
import { compareNames } from '../words/names.js';
import { commandLineHint } from '../words/phrase.js';

export type Readable = StoredSnapshot & { record: SnapshotRecord };

/** All of a store that can be copied, source by source: not what was saved before restores, nor what has no readable record. */
export function copyable(store: Store): Readable[] {
  return allSnapshots(store).filter(isReadable);
}

/** Of these the newest of each source, and those that somebody has named or pinned. */
export function newestOf(snapshots: readonly Readable[]): Readable[] {
  const newest = new Map(snapshots.map(one => [one.id.name, one]));
  return snapshots.filter(one => newest.get(one.id.name) === one || one.record.pinned || one.record.label !== null);
}

/** Those of these ids, what was saved before restores, too. @throws PhlbError as `findSnapshot`; `damaged` without a record */
export function named(store: Store, ids: readonly string[]): Readable[] {
  const found = ids.map(id => findSnapshot(store, id));
  const readable = found.map(({ id, record, problem }) => {
    if (record) return { id, record, problem: undefined };
    throw new PhlbError('damaged', problem, { path: snapshotId(id), hint: commandLineHint('rehash') });
  });
  return [...new Map(readable.map(one => [snapshotId(one.id), one])).values()];
}

export function oldestFirst(snapshots: readonly Readable[]): Readable[] {
  return snapshots.toSorted(
    ({ record: a }, { record: b }) => compareNames(a.startedAt, b.startedAt) || a.sequence - b.sequence,
  );
}

function isReadable(snapshot: StoredSnapshot): snapshot is Readable {
  return snapshot.record?.kind === 'snapshot';
}
