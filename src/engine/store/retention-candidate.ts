import type { RetentionSnapshot } from '../words/retention.js';
import { stampTime } from '../words/times.js';
import { errorCountOf } from './bounded.js';
import { snapshotId } from './layout.js';
import type { StoredSnapshot } from './record.js';
import { marksOf } from './turn-marks.js';

/** A snapshot as retention sees it. */
export function candidate(stored: StoredSnapshot): RetentionSnapshot & { stored: StoredSnapshot } {
  const { id, record } = stored;
  return {
    stored,
    id: snapshotId(id),
    startedAt: record?.startedAt ?? stampTime(id.stamp).toISOString(),
    sequence: record?.sequence ?? 0,
    kind: record?.kind ?? 'snapshot',
    files: record?.counts.files ?? 0,
    errors: record ? errorCountOf(record) : 0,
    pinned: record?.pinned ?? false,
    adopted: record?.adopted !== undefined,
    turns: record ? marksOf(record).map(({ id }) => id) : [],
    readable: record !== undefined,
  };
}
