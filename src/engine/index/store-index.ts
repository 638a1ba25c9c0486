/** The index of one store: kept in step with the snapshots on disk, asked for contents. */
import type { Database, Statement } from 'sql.js';
import { PhlbError } from '../errors.js';
import { join } from '../names.js';
import { snapshotId } from '../store/layout.js';
import type { ManifestText } from '../store/manifest-file.js';
import { parseEntry, type Entry } from '../store/manifest.js';
import { readManifest } from '../store/manifest-file.js';
import { readSnapshots, sourceFolders, type StoredSnapshot } from '../store/record.js';
import type { Store } from '../store/root.js';
import type { LinkCandidate } from '../transfer/jobs.js';
import { nsToMicros } from '../times.js';
import { loadDatabase, saveDatabase } from './database.js';

/** How many places of a content are tried before it is stored afresh. */
const MAX_CANDIDATES = 4;

export class StoreIndex {
  private changed = false;

  private constructor(
    private readonly store: Store,
    private readonly db: Database,
  ) {}

  static async open(store: Store): Promise<StoreIndex> {
    return new StoreIndex(store, await loadDatabase(store.place.index, store.id));
  }

  /**
   * Takes in snapshots that the index does not know and forgets those whose trees have gone. Unreadable manifests are
   * left out; returns their snapshots' ids.
   */
  async synchronise(): Promise<string[]> {
    const unreadable: string[] = [];
    const folders = sourceFolders(this.store.layout);
    this.forgetSources(folders);
    for (const name of folders) {
      const stored = readSnapshots(this.store.layout, name).filter(s => s.record?.kind === 'snapshot');
      this.forgetVanished(name, stored);
      const missing = this.missing(name, stored);
      // Most directories are the same from one snapshot to the next: their bytes are.
      let before: ManifestText | undefined;
      for (const snapshot of missing) {
        try {
          const manifest = await readManifest(this.store.layout.manifest(snapshot.id));
          this.takeIn(snapshot, manifest, before ? differingDirectories(before, manifest) : null);
          before = manifest;
        } catch (error) {
          if (!PhlbError.is(error, 'damaged') && !(error instanceof SyntaxError)) throw error;
          unreadable.push(snapshotId(snapshot.id));
        }
      }
    }
    return unreadable;
  }

  /**
   * Adds one snapshot, newer than all of its source that are known.
   * @param directories only these differ from the newest known one; `null`: any may
   */
  takeIn(snapshot: StoredSnapshot, manifest: ManifestText, directories: ReadonlySet<string> | null): void {
    const { record, id } = snapshot;
    if (!record) return;
    this.transaction(() => {
      const source = this.sourceId(id.name);
      const ordinal = this.number('SELECT coalesce(max(ordinal), 0) + 1 FROM snapshot WHERE source = ?', [source]) ?? 1;
      this.db.run('INSERT INTO snapshot VALUES (?, ?, ?, ?, ?)', [
        source,
        ordinal,
        id.stamp,
        record.sequence,
        record.startedAt,
      ]);
      const intake = new Intake(this.db, source, ordinal);
      try {
        for (const dir of directories ?? this.allDirectories(source, manifest)) {
          const range = manifest.groups.get(dir);
          intake.directory(dir, range ? manifest.lines(range) : []);
        }
      } finally {
        intake.free();
      }
    });
  }

  /** Whether the newest known snapshot of a source is this one, so that only differences to it need to be taken in. */
  endsWith(name: string, stamp: string | undefined): boolean {
    const newest = this.text(
      'SELECT stamp FROM snapshot JOIN source ON source.id = source WHERE name = ? ORDER BY ordinal DESC LIMIT 1',
      [name],
    );
    return newest === stamp;
  }

  /** Stored files with a content, newest first. */
  findContent(sha256: string, bits: number): LinkCandidate[] {
    const found = this.statement(
      `SELECT source.name, snapshot.stamp, dir.path, entry.name, coalesce(entry.stored, entry.mtime)
         FROM content JOIN entry ON entry.content = content.id JOIN dir ON dir.id = entry.dir
         JOIN source ON source.id = dir.source
         JOIN snapshot ON snapshot.source = source.id AND snapshot.ordinal >= entry.first
          AND snapshot.ordinal <= coalesce(entry.last, snapshot.ordinal)
        WHERE content.sha256 = ? AND content.bits = ? ORDER BY snapshot.started DESC LIMIT ${MAX_CANDIDATES}`,
    );
    found.bind([Buffer.from(sha256, 'hex'), bits]);
    const candidates: LinkCandidate[] = [];
    while (found.step()) {
      const [name, stamp, dir, file, stored] = found.get();
      const id = { name: String(name), stamp: String(stamp) };
      const path = join(unpackName(dir), unpackName(file));
      candidates.push({
        path: join(this.store.layout.tree(id), path),
        storedMtime: Number(stored),
        snapshot: snapshotId(id),
        name: path,
      });
    }
    found.reset();
    return candidates;
  }

  get isEmpty(): boolean {
    return this.number('SELECT count(*) FROM snapshot', []) === 0;
  }

  /** Writes the index if it has changed. Call it under the store's lock. */
  save(): void {
    if (this.changed) saveDatabase(this.db, this.store.place.index, this.store.id);
    this.changed = false;
  }

  close(): void {
    this.findStatement?.free();
    this.db.close();
  }

  private findStatement: Statement | undefined;

  private statement(sql: string): Statement {
    return (this.findStatement ??= this.db.prepare(sql));
  }

  // Snapshots not known yet. If one of them is older than a known one, its source is taken in anew.
  private missing(name: string, stored: StoredSnapshot[]): StoredSnapshot[] {
    const known = this.knownStamps(name);
    const missing = stored.filter(s => !known.has(s.id.stamp));
    const newest = this.number('SELECT max(sequence) FROM snapshot JOIN source ON source.id = source WHERE name = ?', [
      name,
    ]);
    if (newest === null || missing.every(s => (s.record?.sequence ?? 0) > newest)) return missing;
    this.forgetSource(name);
    return stored;
  }

  private forgetVanished(name: string, stored: StoredSnapshot[]): void {
    const there = new Set(stored.map(s => s.id.stamp));
    const vanished = [...this.knownStamps(name)].filter(stamp => !there.has(stamp));
    if (vanished.length === 0) return;
    this.transaction(() => {
      const source = this.sourceId(name);
      for (const stamp of vanished) this.db.run('DELETE FROM snapshot WHERE source = ? AND stamp = ?', [source, stamp]);
      this.db.run(
        `DELETE FROM entry WHERE dir IN (SELECT id FROM dir WHERE source = ?1) AND NOT EXISTS (
           SELECT 1 FROM snapshot WHERE source = ?1 AND ordinal >= first AND ordinal <= coalesce(last, ordinal))`,
        [source],
      );
      this.dropUnused();
    });
  }

  private forgetSources(folders: string[]): void {
    const known = this.column('SELECT name FROM source', []);
    for (const name of known) if (!folders.includes(name)) this.forgetSource(name);
  }

  private forgetSource(name: string): void {
    this.transaction(() => {
      const source = this.sourceId(name);
      this.db.run('DELETE FROM entry WHERE dir IN (SELECT id FROM dir WHERE source = ?)', [source]);
      this.db.run('DELETE FROM dir WHERE source = ?', [source]);
      this.db.run('DELETE FROM snapshot WHERE source = ?', [source]);
      this.db.run('DELETE FROM source WHERE id = ?', [source]);
      this.dropUnused();
    });
  }

  private dropUnused(): void {
    this.db.run('DELETE FROM content WHERE id NOT IN (SELECT content FROM entry WHERE content IS NOT NULL)');
    this.db.run('DELETE FROM dir WHERE id NOT IN (SELECT dir FROM entry)');
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

  private sourceId(name: string): number {
    this.db.run('INSERT OR IGNORE INTO source (name) VALUES (?)', [name]);
    return this.number('SELECT id FROM source WHERE name = ?', [name]) ?? 0;
  }

  private transaction(work: () => void): void {
    this.changed = true;
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

  private text(sql: string, parameters: string[]): string | undefined {
    return this.column(sql, parameters)[0];
  }

  private number(sql: string, parameters: (string | number)[]): number | null {
    const value = this.db.exec(sql, parameters)[0]?.values[0]?.[0];
    return typeof value === 'number' ? value : null;
  }
}

/** Takes one snapshot in, directory by directory: closes versions that ended, opens those that began. */
class Intake {
  private readonly open: Statement;
  private readonly close: Statement;
  private readonly insert: Statement;
  private readonly content: Statement;
  private readonly addContent: Statement;
  private readonly dir: Statement;
  private readonly addDir: Statement;

  constructor(
    db: Database,
    private readonly source: number,
    private readonly ordinal: number,
  ) {
    this.open = db.prepare(
      `SELECT name, first, type, mode, mtime, hex(content.sha256), stored, target FROM entry
         LEFT JOIN content ON content.id = content WHERE dir = ? AND last IS NULL`,
    );
    this.close = db.prepare('UPDATE entry SET last = ? WHERE dir = ? AND name = ? AND first = ?');
    this.insert = db.prepare('INSERT INTO entry VALUES (?, ?, ?, NULL, ?, ?, ?, ?, ?, ?)');
    this.content = db.prepare('SELECT id FROM content WHERE sha256 = ? AND bits = ?');
    this.addContent = db.prepare('INSERT INTO content (sha256, bits, size) VALUES (?, ?, ?) RETURNING id');
    this.dir = db.prepare('SELECT id FROM dir WHERE source = ? AND path = ?');
    this.addDir = db.prepare('INSERT INTO dir (source, path) VALUES (?, ?) RETURNING id');
  }

  directory(path: string, lines: string[]): void {
    const known = this.value(this.dir, [this.source, packName(path)]);
    if (known === undefined && lines.length === 0) return;
    const dir = known ?? this.value(this.addDir, [this.source, packName(path)]) ?? 0;
    const was = known === undefined ? new Map<string, { first: number; facts: string }>() : this.openEntries(dir);
    for (const line of lines) {
      const entry = parseEntry(line);
      if (!entry) continue;
      const name = packName(path === '' ? entry.path : entry.path.slice(path.length + 1));
      const old = was.get(name);
      if (old?.facts === factsText(entry)) {
        was.delete(name);
        continue;
      }
      if (old) {
        this.end(dir, name, old.first);
        was.delete(name);
      }
      this.begin(dir, name, entry);
    }
    for (const [name, { first }] of was) this.end(dir, name, first);
  }

  free(): void {
    for (const s of [this.open, this.close, this.insert, this.content, this.addContent, this.dir, this.addDir])
      s.free();
  }

  private openEntries(dir: number): Map<string, { first: number; facts: string }> {
    const entries = new Map<string, { first: number; facts: string }>();
    this.open.bind([dir]);
    while (this.open.step()) {
      const [name, first, type, mode, mtime, sha256, stored, target] = this.open.get();
      entries.set(String(name), { first: Number(first), facts: [type, mode, mtime, sha256, stored, target].join() });
    }
    this.open.reset();
    return entries;
  }

  private begin(dir: number, name: string, entry: Entry): void {
    this.insert.run([
      dir,
      name,
      this.ordinal,
      entry.type,
      entry.mode,
      mtimeOf(entry),
      entry.sha256 === undefined ? null : this.contentId(entry.sha256, entry.mode & 0o555, entry.size),
      entry.storedMtime ?? null,
      entry.target === undefined ? null : packName(entry.target),
    ]);
  }

  private end(dir: number, name: string, first: number): void {
    this.close.run([this.ordinal - 1, dir, name, first]);
  }

  private contentId(sha256: string, bits: number, size: number): number {
    const key = Buffer.from(sha256, 'hex');
    return this.value(this.content, [key, bits]) ?? this.value(this.addContent, [key, bits, size]) ?? 0;
  }

  private value(statement: Statement, parameters: (string | number | Uint8Array)[]): number | undefined {
    statement.bind(parameters);
    const value = statement.step() ? Number(statement.get()[0]) : undefined;
    statement.reset();
    return value;
  }
}

function differingDirectories(a: ManifestText, b: ManifestText): Set<string> {
  const differing = new Set<string>();
  for (const [dir, range] of b.groups) {
    const old = a.groups.get(dir);
    if (!old || a.bytes.compare(b.bytes, range.start, range.end, old.start, old.end) !== 0) differing.add(dir);
  }
  for (const dir of a.groups.keys()) if (!b.groups.has(dir)) differing.add(dir);
  return differing;
}

// A directory's own time changes with every entry in it and says nothing more.
function mtimeOf(entry: Entry): number | null {
  return entry.type === 'dir' ? null : nsToMicros(entry.mtime);
}

function factsText(entry: Entry): string {
  const { type, mode, sha256, storedMtime, target } = entry;
  return [type, mode, mtimeOf(entry), sha256?.toUpperCase() ?? '', storedMtime, target && packName(target)].join();
}

// SQLite's text is UTF-8; a byte that is not goes as a private character (as in `phlb:` addresses).
const PACKED = 0x10ff00;

function packName(name: string): string {
  if (name.isWellFormed()) return name;
  return name.replace(/[\udc80-\udcff]/gu, char => String.fromCodePoint(PACKED + char.charCodeAt(0) - 0xdc00));
}

function unpackName(value: unknown): string {
  const text = String(value);
  return text.replace(/[\u{10ff80}-\u{10ffff}]/gu, char =>
    String.fromCharCode((char.codePointAt(0) ?? 0) - PACKED + 0xdc00),
  );
}
