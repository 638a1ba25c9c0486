/** The index of one store: kept in step with the snapshots on disk, asked for contents. */
import type { Database, SqlValue, Statement } from 'sql.js';
import { PhlbError } from '../words/errors.js';
import { compareNames, join } from '../words/names.js';
import { snapshotId, type SnapshotName } from '../store/layout.js';
import { differingDirectories } from '../store/manifest-difference.js';
import { readManifestHere } from '../store/manifest-file.js';
import type { ManifestText } from '../store/manifest-text.js';
import { readSnapshots, sourceFolders, type StoredSnapshot } from '../store/record.js';
import type { Store } from '../store/root.js';
import type { LinkCandidate } from '../transfer/candidate.js';
import { isSqlError, loadDatabase, saveDatabase } from './database.js';
import { forgetSnapshots, forgetSource } from './forgetting.js';
import { Intake } from './intake.js';
import { unpackName } from './packed-names.js';
import { readStanding, type StandingSnapshot, type StandingSnapshots } from './standing-snapshots.js';
import { noteIndexed } from './store-contents.js';
import { Unreadable } from './unreadable-manifests.js';

/** How many places of a content are tried before it is stored again. */
const MAX_CANDIDATES = 4;

export class StoreIndex {
  private changed = false;
  private find: Statement | undefined;
  private standing: Map<number, StandingSnapshots> | undefined;
  private readonly atHand = new Map<string, ManifestText>();

  private constructor(
    private readonly store: Store,
    private readonly db: Database,
  ) {}

  static async open(store: Store): Promise<StoreIndex> {
    return new StoreIndex(store, await loadDatabase(store.location.index, store.id));
  }

  /** Hands over a manifest that is in memory, so that it need not be read again. */
  provide(id: SnapshotName, manifest: ManifestText): void {
    this.atHand.set(snapshotId(id), manifest);
  }

  /**
   * Takes in snapshots that the index does not know and forgets those whose trees have gone. Unreadable manifests are
   * left out, and not tried again before they are others; returns their snapshots' ids.
   * @param beforeEach told how many are still to be taken in of this source; what it throws ends the work between two
   */
  async synchronise(beforeEach: (left: number) => void = () => undefined): Promise<string[]> {
    const left: string[] = [];
    const folders = sourceFolders(this.store.layout);
    this.forgetSources(folders);
    for (const name of folders) {
      const stored = readSnapshots(this.store.layout, name).filter(s => s.record?.kind === 'snapshot');
      this.forgetVanished(name, stored);
      const unreadable = new Unreadable(this.db, this.store.layout, name);
      if (unreadable.keepOnly(stored)) this.changed = true;
      const missing = await this.missing(name, stored, unreadable);
      if (missing.length > 0) await this.takeInAll(name, missing, unreadable, beforeEach);
      left.push(...unreadable.ids());
    }
    return left;
  }

  private async takeInAll(
    name: string,
    missing: StoredSnapshot[],
    unreadable: Unreadable,
    beforeEach: (left: number) => void,
  ): Promise<void> {
    // Most directories are the same from one snapshot to the next: their bytes are.
    let before = await this.newestKnown(name);
    const intake = new Intake(this.db);
    try {
      for (const [at, snapshot] of missing.entries()) {
        beforeEach(missing.length - at);
        const manifest = await this.readable(snapshot, unreadable, before);
        if (!manifest) continue;
        if (this.takenIn(snapshot, manifest, before ?? null, intake, unreadable)) before = manifest;
        else intake.undone();
      }
    } finally {
      intake.free();
    }
  }

  // The manifest; one that cannot be understood is noted.
  private async readable(
    snapshot: StoredSnapshot,
    unreadable: Unreadable,
    like?: ManifestText,
  ): Promise<ManifestText | undefined> {
    try {
      return await this.manifestOf(snapshot.id, like);
    } catch (error) {
      if (!PhlbError.is(error, 'damaged')) throw error;
      if (unreadable.add(snapshot, error)) this.changed = true;
      return undefined;
    }
  }

  // Also a manifest that holds nonsense in single lines, or that the tables refuse (a name twice), must not stop every run
  // to come.
  private takenIn(
    snapshot: StoredSnapshot,
    manifest: ManifestText,
    before: ManifestText | null,
    intake: Intake,
    unreadable: Unreadable,
  ): boolean {
    try {
      this.takeIn(snapshot, manifest, before, intake);
      return true;
    } catch (error) {
      if (!(error instanceof SyntaxError) && !PhlbError.is(error, 'damaged') && !isRefused(error)) throw error;
      if (unreadable.add(snapshot, error)) this.changed = true;
      return false;
    }
  }

  /**
   * Adds one snapshot, newer than all of its source that are known.
   * @param before the manifest of the newest known one; `null`: there is none, or it cannot be read
   */
  private takeIn(snapshot: StoredSnapshot, manifest: ManifestText, before: ManifestText | null, intake: Intake): void {
    const { record, id } = snapshot;
    if (!record) return;
    this.transaction(() => {
      const source = this.sourceId(id.name);
      const ordinal = this.number('SELECT coalesce(max(ordinal), 0) + 1 FROM snapshot WHERE source = ?', [source]) ?? 1;
      this.db.run('INSERT INTO snapshot VALUES (?, ?, ?, ?, ?, ?)', [
        source,
        ordinal,
        id.stamp,
        record.sequence,
        record.startedAt,
        record.revision ?? 0,
      ]);
      intake.begins(source, ordinal);
      if (before) {
        for (const { directory, before: old, after } of differingDirectories(before, manifest)) {
          intake.directory(directory, after, old);
        }
      } else {
        for (const dir of this.allDirectories(source, manifest)) intake.directory(dir, manifest.linesOf(dir), null);
      }
    });
  }

  /** Stored files with a content, one for each version of a path, newest first. */
  findContent(sha256: string, bits: number): LinkCandidate[] {
    // Snapshots are looked up here: joined and ordered in SQL they cost fifteen times as much.
    const found = (this.find ??= this.db.prepare(
      `SELECT dir.source, first, last, dir.path, entry.name, coalesce(entry.stored, entry.mtime)
         FROM content JOIN entry ON entry.content = content.id JOIN dir ON dir.id = entry.dir
        WHERE content.sha256 = ? AND content.bits = ?`,
    ));
    const standing = (this.standing ??= readStanding(this.db));
    found.bind([Buffer.from(sha256, 'hex'), bits]);
    const places: { snapshot: StandingSnapshot; name: string; dir: SqlValue; file: SqlValue; stored: SqlValue }[] = [];
    while (found.step()) {
      const [source, first, last, dir = null, file = null, stored = null] = found.get();
      const held = standing.get(Number(source));
      const snapshot = held?.newest(Number(first), last === null ? Infinity : Number(last));
      if (held && snapshot) places.push({ snapshot, name: held.name, dir, file, stored });
    }
    found.reset();
    // Of one snapshot the last ones: where an inode could get no more names, the first ones have those of the old one.
    const newest = places
      .reverse()
      .sort((a, b) => compareNames(b.snapshot.started, a.snapshot.started))
      .slice(0, MAX_CANDIDATES);
    return newest.map(({ snapshot, name, dir, file, stored }) => {
      const id = { name, stamp: snapshot.stamp };
      const path = join(unpackName(dir), unpackName(file));
      return {
        path: join(this.store.layout.tree(id), path),
        storedMtime: Number(stored),
        snapshot: snapshotId(id),
        name: path,
      };
    });
  }

  /** How much it holds: snapshots, and versions of paths. */
  size(): { snapshots: number; entries: number } {
    return {
      snapshots: this.number('SELECT count(*) FROM snapshot', []) ?? 0,
      entries: this.number('SELECT count(*) FROM entry', []) ?? 0,
    };
  }

  /** Whether `save` would write it. */
  get isChanged(): boolean {
    return this.changed;
  }

  /** Hands the open database to one of the questions in `queries.ts`. */
  ask<T>(question: (db: Database) => T): T {
    return question(this.db);
  }

  /** Writes the index if it has changed. Call it under the store's lock. */
  save(): void {
    if (!this.changed) return;
    const { location, id } = this.store;
    saveDatabase(this.db, location.index, id);
    noteIndexed(location.index, id);
    this.changed = false;
  }

  close(): void {
    this.find?.free();
    this.db.close();
  }

  // Snapshots not known yet, oldest first. If one of them is older than a known one, or the manifest of a known one was
  // changed, its source is taken in again; not for one that cannot be read, which would bring nothing.
  private async missing(name: string, stored: StoredSnapshot[], unreadable: Unreadable): Promise<StoredSnapshot[]> {
    const known = this.knownStates(name);
    const tryable = stored.filter(snapshot => !unreadable.has(snapshot));
    const newest = this.number('SELECT max(sequence) FROM snapshot JOIN source ON source.id = source WHERE name = ?', [
      name,
    ]);
    if (newest === null) return tryable;
    const changed = stored.some(s => known.has(s.id.stamp) && known.get(s.id.stamp) !== stateOf(s));
    const missing = tryable.filter(s => !known.has(s.id.stamp));
    const inOrder = missing.filter(s => (s.record?.sequence ?? 0) > newest);
    let anew = changed;
    for (const older of missing) {
      if (!anew && !inOrder.includes(older)) anew = (await this.readable(older, unreadable)) !== undefined;
    }
    if (!anew) return inOrder;
    this.forgetSource(name);
    return stored.filter(snapshot => !unreadable.has(snapshot));
  }

  private async newestKnown(name: string): Promise<ManifestText | undefined> {
    const sql = `SELECT stamp FROM snapshot JOIN source ON source.id = source WHERE name = ? ORDER BY ordinal DESC LIMIT 1`;
    const [stamp] = this.column(sql, [name]);
    if (stamp === undefined) return undefined;
    try {
      return await this.manifestOf({ name, stamp });
    } catch (error) {
      if (!PhlbError.is(error, 'damaged')) throw error;
      return undefined;
    }
  }

  private async manifestOf(id: SnapshotName, like?: ManifestText): Promise<ManifestText> {
    return this.atHand.get(snapshotId(id)) ?? readManifestHere(this.store.layout.manifest(id), like);
  }

  private forgetVanished(name: string, stored: StoredSnapshot[]): void {
    const there = new Set(stored.map(s => s.id.stamp));
    const vanished = [...this.knownStamps(name)].filter(stamp => !there.has(stamp));
    if (vanished.length > 0) this.transaction(() => forgetSnapshots(this.db, this.sourceId(name), vanished));
  }

  private forgetSources(folders: string[]): void {
    const known = this.column('SELECT name FROM source UNION SELECT name FROM unreadable', []);
    for (const name of known) {
      if (folders.includes(name)) continue;
      this.forgetSource(name);
      new Unreadable(this.db, this.store.layout, name).keepOnly([]);
    }
  }

  private forgetSource(name: string): void {
    this.transaction(() => forgetSource(this.db, this.sourceId(name)));
  }

  private *allDirectories(source: number, manifest: ManifestText): Generator<string> {
    yield* manifest.groups.keys();
    // Directories that have become empty or gone close their entries.
    for (const packed of this.column('SELECT path FROM dir WHERE source = ?', [source])) {
      const dir = unpackName(packed);
      if (!manifest.groups.has(dir)) yield dir;
    }
  }

  private knownStamps(name: string): Set<string> {
    return new Set(this.column('SELECT stamp FROM snapshot JOIN source ON source.id = source WHERE name = ?', [name]));
  }

  private knownStates(name: string): Map<string, string> {
    const sql = `SELECT stamp, started || ' ' || revision FROM snapshot JOIN source ON source.id = source WHERE name = ?`;
    return new Map((this.db.exec(sql, [name])[0]?.values ?? []).map(row => [String(row[0]), String(row[1])]));
  }

  private sourceId(name: string): number {
    this.db.run('INSERT OR IGNORE INTO source (name) VALUES (?)', [name]);
    return this.number('SELECT id FROM source WHERE name = ?', [name]) ?? 0;
  }

  private transaction(work: () => void): void {
    this.changed = true;
    this.standing = undefined;
    this.db.run('BEGIN');
    try {
      work();
      this.db.run('COMMIT');
    } catch (error) {
      this.db.run('ROLLBACK');
      throw error;
    }
  }

  private column(sql: string, parameters: (string | number)[]): string[] {
    return (this.db.exec(sql, parameters)[0]?.values ?? []).map(row => String(row[0]));
  }

  private number(sql: string, parameters: (string | number)[]): number | null {
    const value = this.db.exec(sql, parameters)[0]?.values[0]?.[0];
    return typeof value === 'number' ? value : null;
  }
}

// SQLite's word for a row that may not stand there.
function isRefused(error: unknown): boolean {
  return isSqlError(error) && error.message.includes('constraint failed');
}

// Tells a manifest that was changed (purge, rehash) and a snapshot that took the name of a deleted one in the same second.
function stateOf({ record }: StoredSnapshot): string {
  return `${record?.startedAt} ${record?.revision ?? 0}`;
}
