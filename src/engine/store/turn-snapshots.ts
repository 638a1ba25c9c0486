import type { SnapshotName } from './layout.js';
import type { StoredSnapshot } from './record.js';
import { marksOf, type TurnMark } from './turn-marks.js';

export interface MarkedSnapshot {
  id: SnapshotName;
  mark: TurnMark;
}

/** Those of one source's snapshots that a turn has marked, in their order. */
export function snapshotsOfTurn(snapshots: readonly StoredSnapshot[], turn: string): MarkedSnapshot[] {
  return snapshots.flatMap(({ id, record }) => {
    const mark = record?.kind === 'snapshot' ? marksOf(record).find(one => one.id === turn) : undefined;
    return mark ? [{ id, mark }] : [];
  });
}
