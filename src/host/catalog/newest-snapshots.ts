import type { SourceInfo } from '../../engine/words/model.js';
import { isSourceOf } from './open-folders.js';

/**
 * Since when all of the folders are backed up: the oldest of their newest snapshots; `undefined` while one has none.
 * Safety snapshots are none: they hold only what a restore replaced.
 */
export function newestOfAll(sources: readonly SourceInfo[], folders: readonly string[]): Date | undefined {
  const times = folders.map(folder => newestOf(sources, folder));
  return times.includes(undefined) ? undefined : new Date(Math.min(...times.map(time => time ?? 0)));
}

function newestOf(sources: readonly SourceInfo[], folder: string): number | undefined {
  const times = sources
    .filter(source => isSourceOf(source, folder))
    .flatMap(({ snapshots }) => snapshots)
    .filter(({ kind, problem }) => kind === 'snapshot' && problem === undefined)
    .map(({ startedAt }) => Date.parse(startedAt));
  return times.length === 0 ? undefined : Math.max(...times);
}
