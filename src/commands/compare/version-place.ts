/** Where one stands in the history of a file. */
import type { FileVersion } from '../../engine/versions.js';
import type { SnapshotInfo } from '../../engine/words/model.js';

export type Direction = 'older' | 'newer';

/** A place among versions, newest first: at one of them, or just before one (newer than it). */
interface Place {
  at: number;
  isVersion: boolean;
}

/**
 * The place of a past file. What a safety snapshot holds is no version, but it lies between two.
 * @param versions newest first
 * @param snapshots of the past file's source, oldest first
 */
export function placeOf(
  versions: readonly Pick<FileVersion, 'snapshot' | 'path'>[],
  past: { snapshot: SnapshotInfo; path: string },
  snapshots: readonly SnapshotInfo[],
): Place {
  const order = new Map(snapshots.map(({ id }, at) => [id, at]));
  const own = order.get(past.snapshot.id) ?? snapshots.length;
  const isBegun = ({ snapshot }: { snapshot: string }): boolean => (order.get(snapshot) ?? Infinity) <= own;
  const found = versions.findIndex(version => version.path === past.path && isBegun(version));
  if (found >= 0) return { at: found, isVersion: past.snapshot.kind === 'snapshot' };
  const before = versions.findIndex(isBegun);
  return { at: before < 0 ? versions.length : before, isVersion: false };
}

/** The version next to a place; `undefined`: there is none. */
export function nextTo({ at, isVersion }: Place, direction: Direction, count: number): number | undefined {
  const to = direction === 'newer' ? at - 1 : isVersion ? at + 1 : at;
  return to >= 0 && to < count ? to : undefined;
}
