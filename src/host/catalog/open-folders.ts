import type { SourceInfo } from '../../engine/words/model.js';
import { pathKey } from '../../engine/words/names.js';

/** What is told of the sources, in the order of the Snapshots view. */
export interface ViewedSources {
  /** each open folder, with what there are snapshots of, usually one source or none */
  open: { folder: string; sources: SourceInfo[]; hadSnapshots: boolean }[];
  others: SourceInfo[];
}

/** Whether a source is that folder of this computer. */
export function isSourceOf({ source, local }: SourceInfo, folder: string): boolean {
  return local && pathKey(source) === pathKey(folder);
}

/** Those without a snapshot are left out, but for the open folders. @param folders absolute paths */
export function viewedSources(folders: readonly string[], sources: readonly SourceInfo[]): ViewedSources {
  const withSnapshots = sources.filter(({ snapshots }) => snapshots.length > 0);
  const open = folders.map(folder => ({
    folder,
    sources: withSnapshots.filter(source => isSourceOf(source, folder)),
    hadSnapshots: sources.some(source => isSourceOf(source, folder)),
  }));
  const shown = new Set(open.flatMap(one => one.sources));
  return { open, others: withSnapshots.filter(source => !shown.has(source)) };
}
