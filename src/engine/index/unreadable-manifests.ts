/** Manifests that could not be understood: remembered as they stood, so that they are not tried at every opening. */
import { statSync } from 'node:fs';
import type { Database } from 'sql.js';
import { errno } from '../words/errors.js';
import { snapshotId, type Layout } from '../store/layout.js';
import type { StoredSnapshot } from '../store/record.js';

/** Those of one source. */
export class Unreadable {
  /** by stamp: the id, and how record and manifest stood; `null`: to be tried again each time */
  private readonly states = new Map<string, string | null>();

  constructor(
    private readonly db: Database,
    private readonly layout: Layout,
    private readonly name: string,
  ) {
    for (const [stamp, state] of db.exec('SELECT stamp, state FROM unreadable WHERE name = ?', [name])[0]?.values ??
      []) {
      this.states.set(String(stamp), String(state));
    }
  }

  /** Forgets those of other snapshots than these, and those that were rebuilt or replaced. Returns whether there were any. */
  keepOnly(stored: readonly StoredSnapshot[]): boolean {
    const there = new Map(stored.map(snapshot => [snapshot.id.stamp, snapshot]));
    const gone = [...this.states].filter(([stamp, state]) => {
      const snapshot = there.get(stamp);
      return snapshot === undefined || this.stateOf(snapshot) !== state;
    });
    for (const [stamp] of gone) {
      this.states.delete(stamp);
      this.db.run('DELETE FROM unreadable WHERE name = ? AND stamp = ?', [this.name, stamp]);
    }
    return gone.length > 0;
  }

  has({ id }: StoredSnapshot): boolean {
    return this.states.has(id.stamp);
  }

  /** Returns whether it is remembered. What the system would not read now, it may another time. */
  add(snapshot: StoredSnapshot, error: unknown): boolean {
    const { stamp } = snapshot.id;
    const cause = error instanceof Error ? errno(error.cause) : undefined;
    if (cause !== undefined && cause !== 'ENOENT') {
      this.states.set(stamp, null);
      return false;
    }
    const state = this.stateOf(snapshot);
    this.states.set(stamp, state);
    this.db.run('INSERT OR REPLACE INTO unreadable VALUES (?, ?, ?)', [this.name, stamp, state]);
    return true;
  }

  ids(): string[] {
    return [...this.states.keys()].sort().map(stamp => snapshotId({ name: this.name, stamp }));
  }

  private stateOf({ id, record }: StoredSnapshot): string {
    const stat = statSync(this.layout.manifest(id), { bigint: true, throwIfNoEntry: false });
    const file = stat ? [stat.ino, stat.size, stat.mtimeNs, stat.ctimeNs].join(' ') : 'missing';
    return `${record?.startedAt} ${record?.revision ?? 0} ${file}`;
  }
}
