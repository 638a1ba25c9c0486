/** Questions to the index. Runs of snapshots are given as they still stand: of those deleted since nothing is told. */
import type { Database, SqlValue } from 'sql.js';
import type { EntryType } from '../words/model.js';
import { join } from '../words/names.js';
import { countBelow } from '../words/count-below.js';
import { snapshotId } from '../store/layout.js';
import { packName, unpackName } from './packed-names.js';

/** A run of snapshots of one source, by their places in `IndexedSource.snapshots`. */
export interface Span {
  first: number;
  last: number;
}

/** A file with one content (and mode and time) over a run of snapshots. */
export interface FileSpan extends Span {
  path: string;
  sha256: string;
  size: number;
  /** microseconds */
  mtime: number;
}

/** From the first snapshot that holds a path to the last; those in between may not. */
export interface Life extends Span {
  /** in the last one */
  type: EntryType;
}

/** A file over a run of snapshots, by the number of its content in `contentFacts`. */
export interface ContentRun extends Span {
  path: string;
  content: number;
}

export interface IndexedDirectory {
  path: string;
  /** of all that any snapshot holds in it */
  names: string[];
  /** of the wanted ones of its names */
  lives(wanted: readonly string[]): Map<string, Life>;
}

// A source has many more entries than a content: `+` keeps SQLite from beginning with those.
const OF_CONTENT = '+dir.source = ? AND content.sha256 = ?';

/** What the index knows of one source. */
export class IndexedSource {
  /** oldest first */
  readonly snapshots: readonly { id: string; startedAt: string }[];
  private readonly ordinals: readonly number[];

  private constructor(
    private readonly db: Database,
    private readonly id: number,
    readonly name: string,
  ) {
    const rows = query(db, 'SELECT ordinal, stamp, started FROM snapshot WHERE source = ? ORDER BY ordinal', [id]);
    this.ordinals = rows.map(([ordinal]) => Number(ordinal));
    this.snapshots = rows.map(([, stamp, started]) => ({
      id: snapshotId({ name, stamp: String(stamp) }),
      startedAt: String(started),
    }));
  }

  static all(db: Database): IndexedSource[] {
    return query(db, 'SELECT id, name FROM source ORDER BY name', []).map(
      ([id, name]) => new IndexedSource(db, Number(id), String(name)),
    );
  }

  /** All that stood at a path as a file, oldest first. */
  filesAt(path: string): FileSpan[] {
    const cut = path.lastIndexOf('/');
    return this.files('dir.source = ? AND dir.path = ? AND entry.name = ?', [
      packName(path.slice(0, Math.max(0, cut))),
      packName(path.slice(cut + 1)),
    ]);
  }

  /** Files of a content whose run ended just before a snapshot. */
  filesEndedBefore(snapshot: number, sha256: string): FileSpan[] {
    const at = this.ordinals[snapshot] ?? 0;
    const before = this.ordinals[snapshot - 1] ?? 0;
    return this.files(`${OF_CONTENT} AND entry.last BETWEEN ? AND ?`, [
      Buffer.from(sha256, 'hex'),
      before,
      at - 1,
    ]).filter(file => file.last === snapshot - 1);
  }

  /** Files of a content whose run began with a snapshot. */
  filesBegunWith(snapshot: number, sha256: string): FileSpan[] {
    const at = this.ordinals[snapshot] ?? 0;
    const before = this.ordinals[snapshot - 1] ?? 0;
    return this.files(`${OF_CONTENT} AND entry.first BETWEEN ? AND ?`, [
      Buffer.from(sha256, 'hex'),
      before + 1,
      at,
    ]).filter(file => file.first === snapshot);
  }

  /** Files of a content, whenever they stood. */
  filesOf(sha256: string): FileSpan[] {
    return this.files(OF_CONTENT, [Buffer.from(sha256, 'hex')]);
  }

  /** Every directory that any snapshot holds something in. Each is good until the next one is asked for. */
  *directories(): Generator<IndexedDirectory> {
    // A row for each name would cost more to fetch than its name to split off; names hold no slash.
    const names = this.db.prepare(
      `SELECT id, path, (SELECT group_concat(name, '/') FROM (SELECT DISTINCT name FROM entry WHERE dir = dir.id))
         FROM dir WHERE source = ?`,
    );
    const spans = this.db.prepare(
      `SELECT group_concat(name || '/' || type || '/' || first || '/' || coalesce(last, ''), '/')
         FROM (SELECT * FROM entry WHERE dir = ? ORDER BY name, first)`,
    );
    try {
      names.bind([this.id]);
      while (names.step()) {
        const [id, path, packed] = names.get();
        yield {
          path: unpackName(path),
          names: unpackName(packed).split('/'),
          lives: wanted => this.lives(unpackName(spans.get([Number(id)])[0]), new Set(wanted)),
        };
      }
    } finally {
      names.free();
      spans.free();
    }
  }

  /** All that the snapshots hold of the files that are chosen, in no order. */
  *contentRuns(chooses: (dir: string, name: string) => boolean): Generator<ContentRun> {
    const runs = this.db.prepare(
      `SELECT path, (SELECT group_concat(name || '/' || content || '/' || first || '/' || coalesce(last, ''), '/')
                       FROM entry WHERE dir = dir.id AND content IS NOT NULL)
         FROM dir WHERE source = ?`,
    );
    try {
      runs.bind([this.id]);
      while (runs.step()) {
        const [path, packed] = runs.get();
        if (packed === null) continue;
        const dir = unpackName(path);
        const fields = unpackName(packed).split('/');
        for (let i = 0; i + 3 < fields.length; i += 4) {
          const name = fields[i] ?? '';
          if (!chooses(dir, name)) continue;
          const span = this.standing(Number(fields[i + 2]), fields[i + 3] === '' ? null : Number(fields[i + 3]));
          if (span) yield { ...span, path: join(dir, name), content: Number(fields[i + 1]) };
        }
      }
    } finally {
      runs.free();
    }
  }

  // Four fields a run: name, type, first, last.
  private lives(text: string, wanted: ReadonlySet<string>): Map<string, Life> {
    const lives = new Map<string, Life>();
    const fields = text.split('/');
    for (let i = 0; i + 3 < fields.length; i += 4) {
      const name = fields[i] ?? '';
      if (!wanted.has(name)) continue;
      const span = this.standing(Number(fields[i + 2]), fields[i + 3] === '' ? null : Number(fields[i + 3]));
      if (!span) continue;
      const first = lives.get(name)?.first ?? span.first;
      lives.set(name, { first, last: span.last, type: fields[i + 1] as EntryType });
    }
    return lives;
  }

  private files(condition: string, parameters: (string | number | Uint8Array)[]): FileSpan[] {
    const rows = query(
      this.db,
      `SELECT dir.path, entry.name, first, last, lower(hex(sha256)), size, mtime
         FROM entry JOIN dir ON dir.id = entry.dir JOIN content ON content.id = entry.content
        WHERE ${condition} AND type = 'file' ORDER BY first`,
      [this.id, ...parameters],
    );
    return rows.flatMap(([dir, name, first, last, sha256, size, mtime]) => {
      const span = this.standing(Number(first), last === null ? null : Number(last));
      if (!span) return [];
      const path = join(unpackName(dir), unpackName(name));
      return { ...span, path, sha256: String(sha256), size: Number(size), mtime: Number(mtime) };
    });
  }

  // Which snapshots that still stand lie between two ordinals.
  private standing(first: number, last: number | null): Span | undefined {
    const from = countBelow(this.ordinals, first);
    const to = last === null ? this.ordinals.length - 1 : countBelow(this.ordinals, last + 1) - 1;
    return from <= to ? { first: from, last: to } : undefined;
  }
}

/** What is known of the contents, by their numbers; the SHA-256 has a character for each byte. */
export function contentFacts(db: Database): Map<number, { sha256: string; size: number }> {
  const facts = new Map<number, { sha256: string; size: number }>();
  const all = db.prepare('SELECT id, sha256, size FROM content');
  try {
    while (all.step()) {
      const [id, sha256, size] = all.get();
      facts.set(Number(id), { sha256: String.fromCharCode(...(sha256 as Uint8Array)), size: Number(size) });
    }
  } finally {
    all.free();
  }
  return facts;
}

function query(db: Database, sql: string, parameters: (string | number | Uint8Array)[]): SqlValue[][] {
  return db.exec(sql, parameters)[0]?.values ?? [];
}
