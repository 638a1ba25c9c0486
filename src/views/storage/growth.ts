import type { SourceStats } from '../../engine/stats.js';

/** How large one source's history was after each of its snapshots; bytes. */
export interface GrowthPoint {
  startedAt: string;
  /** what its snapshots up to this one would take as full copies */
  copies: number;
  /** what they take, each content once */
  stored: number;
}

/**
 * Counted back from what is measured today, so that the last point agrees with the disk, also where older snapshots
 * have been deleted: what those had stored first and others still hold belongs to the beginning.
 */
export function growthOf({ apparentBytes, storedBytes, growth }: SourceStats): GrowthPoint[] {
  const points: GrowthPoint[] = [];
  let copies = apparentBytes;
  let stored = storedBytes;
  for (const { startedAt, bytes, copiedBytes } of growth.toReversed()) {
    points.push({ startedAt, copies, stored });
    copies = Math.max(0, copies - bytes);
    stored = Math.max(0, stored - copiedBytes);
  }
  return points.reverse();
}
