/** What an agent may see of the sources: whoever works for one looks up here what it names. */
import type { SnapshotInfo, SourceInfo } from './model.js';

export interface ScopedSnapshot {
  source: SourceInfo;
  snapshot: SnapshotInfo;
}

/** The sources of this computer in the scope, without the safety snapshots of folders that are not. */
export function sourcesInScope(sources: readonly SourceInfo[], isInScope: (folder: string) => boolean): SourceInfo[] {
  return sources
    .filter(({ local, source }) => local && isInScope(source))
    .map(source => ({
      ...source,
      snapshots: source.snapshots.filter(({ folder }) => folder === undefined || isInScope(folder)),
    }));
}

/** A snapshot by its id alone. */
export function snapshotById(sources: readonly SourceInfo[], id: unknown): ScopedSnapshot | undefined {
  for (const source of sources) {
    const snapshot = source.snapshots.find(candidate => candidate.id === id);
    if (snapshot) return { source, snapshot };
  }
  return undefined;
}
