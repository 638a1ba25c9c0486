/** What a run counts before it has met anything, and what remains of one that ended before it could publish. */
import type { BackupResult, PathError, SnapshotCounts } from './model.js';

export function noCounts(): SnapshotCounts {
  return {
    files: 0,
    directories: 0,
    symlinks: 0,
    bytes: 0,
    unchangedFiles: 0,
    linkedFiles: 0,
    copiedFiles: 0,
    copiedBytes: 0,
    linkedBytes: 0,
  };
}

/** The result of a run that has published nothing, which ends now. */
export function notPublished(run: Pick<BackupResult, 'name' | 'source' | 'startedAt'>, error: PathError): BackupResult {
  return {
    ...noCounts(),
    ...run,
    id: null,
    path: null,
    finishedAt: new Date().toISOString(),
    published: false,
    excluded: [],
    damaged: [],
    warnings: [],
    errors: [error],
    notes: [],
  };
}
