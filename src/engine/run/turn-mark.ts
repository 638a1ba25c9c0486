/** What a run that belongs to a turn of a coding agent leaves of it. */
import type { Layout } from '../store/layout.js';
import type { StoreLock } from '../store/lock.js';
import { writeRecord, type StoredSnapshot } from '../store/record.js';
import { marksOf, withMark, type TurnMark } from '../store/turn-marks.js';
import { snapshotsOfTurn } from '../store/turn-snapshots.js';
import type { BackupRequest } from '../words/model.js';
import type { History } from './history.js';

/** The next mark of the turn. The first one can only tell how things were before. */
export function nextMark(
  { turn, cause }: Pick<BackupRequest, 'turn' | 'cause'>,
  snapshots: readonly StoredSnapshot[],
): TurnMark | undefined {
  if (!turn) return undefined;
  const last = snapshotsOfTurn(snapshots, turn.id).at(-1)?.mark;
  return {
    id: turn.id,
    step: last ? last.step + 1 : 0,
    part: last ? (turn.part ?? 'after') : 'before',
    cause: cause ?? last?.cause ?? null,
  };
}

/** Marks the newest snapshot, from which nothing has changed. If the turn's last mark is there already, it stands for this one too. */
export function markUnchanged(
  layout: Layout,
  lock: StoreLock,
  last: NonNullable<History['last']>,
  mark: TurnMark | undefined,
): void {
  if (!mark || marksOf(last.record).some(({ id }) => id === mark.id)) return;
  lock.check();
  writeRecord(layout, last.id, withMark(last.record, mark));
}
