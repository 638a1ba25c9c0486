import { readFile } from 'node:fs/promises';
import { Layout, parseSnapshotName } from '../../engine/store/layout.js';
import type { SnapshotInfo } from '../../engine/words/model.js';

/** When a snapshot was complete, in milliseconds since the epoch; when it was begun, where that cannot be told. */
export async function finishedAt(root: string, { id, startedAt }: SnapshotInfo): Promise<number> {
  const layout = new Layout(root);
  try {
    const record: unknown = JSON.parse(await readFile(layout.record(parseSnapshotName(layout, id)), 'utf8'));
    const { finishedAt: finished } = record as { finishedAt?: unknown };
    const at = typeof finished === 'string' ? Date.parse(finished) : NaN;
    return Number.isNaN(at) ? Date.parse(startedAt) : at;
  } catch {
    // Missing, unreadable or nonsense: the engine says which, when somebody needs to know.
    return Date.parse(startedAt);
  }
}
