/** Which snapshots stand: an entry's run of ordinals may hold some that have been deleted since. */
import type { Database } from 'sql.js';
import { countBelow } from '../words/count-below.js';

export interface StandingSnapshot {
  stamp: string;
  /** ISO-8601 UTC */
  started: string;
}

/** The snapshots of one source. */
export class StandingSnapshots {
  private readonly ordinals: number[] = [];
  private readonly snapshots: StandingSnapshot[] = [];

  constructor(readonly name: string) {}

  /** Call it in the order of the ordinals. */
  add(ordinal: number, snapshot: StandingSnapshot): void {
    this.ordinals.push(ordinal);
    this.snapshots.push(snapshot);
  }

  /** The newest one between two ordinals, both included. */
  newest(first: number, last: number): StandingSnapshot | undefined {
    const at = countBelow(this.ordinals, last + 1) - 1;
    return (this.ordinals[at] ?? -1) >= first ? this.snapshots[at] : undefined;
  }
}

/** By the sources' ids. */
export function readStanding(db: Database): Map<number, StandingSnapshots> {
  const bySource = new Map<number, StandingSnapshots>();
  const rows = db.exec(
    'SELECT source, name, ordinal, stamp, started FROM snapshot JOIN source ON source.id = source ORDER BY source, ordinal',
  );
  for (const [source, name, ordinal, stamp, started] of rows[0]?.values ?? []) {
    const id = Number(source);
    const snapshots = bySource.get(id) ?? new StandingSnapshots(String(name));
    bySource.set(id, snapshots);
    snapshots.add(Number(ordinal), { stamp: String(stamp), started: String(started) });
  }
  return bySource;
}
