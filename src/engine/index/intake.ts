/** Taking snapshots of one source into the index, directory by directory. */
import type { Database, Statement } from 'sql.js';
import { parseEntry, type Entry } from '../store/manifest.js';
import { nsToMicros } from '../words/times.js';
import { packName } from './packed-names.js';

/** Takes snapshots in, one after the other: closes the versions that ended, opens those that began. `free` it afterwards. */
export class Intake {
  private readonly open: Statement;
  private readonly close: Statement;
  private readonly insert: Statement;
  private readonly content: Statement;
  private readonly addContent: Statement;
  private readonly lastContent: Statement;
  private readonly dir: Statement;
  private readonly addDir: Statement;
  /** ids of directories, as far as they were asked for */
  private readonly dirs = new Map<string, number>();
  /** the id of the next content */
  private nextContent = 0;
  private source = 0;
  private ordinal = 0;

  constructor(private readonly db: Database) {
    this.open = db.prepare(
      `SELECT name, type, mode, mtime, lower(hex(content.sha256)), stored, target FROM entry
         LEFT JOIN content ON content.id = content WHERE dir = ? AND last IS NULL`,
    );
    this.close = db.prepare('UPDATE entry SET last = ? WHERE dir = ? AND name = ? AND last IS NULL');
    this.insert = db.prepare('INSERT INTO entry VALUES (?, ?, ?, NULL, ?, ?, ?, ?, ?, ?)');
    this.content = db.prepare('SELECT id FROM content WHERE sha256 = ? AND bits = ?');
    // With an id that is known beforehand: to have it returned costs a third more.
    this.addContent = db.prepare('INSERT INTO content VALUES (?, ?, ?, ?) ON CONFLICT (sha256, bits) DO NOTHING');
    this.lastContent = db.prepare('SELECT max(id) FROM content');
    this.dir = db.prepare('SELECT id FROM dir WHERE source = ? AND path = ?');
    this.addDir = db.prepare('INSERT INTO dir (source, path) VALUES (?, ?) RETURNING id');
  }

  /** What comes now is of that snapshot. */
  begins(source: number, ordinal: number): void {
    this.source = source;
    this.ordinal = ordinal;
    this.nextContent = (this.value(this.lastContent, []) ?? 0) + 1;
  }

  /** What was taken in of the last snapshot is rolled back. */
  undone(): void {
    this.dirs.clear();
  }

  /**
   * @param before the directory's lines in the newest snapshot that is known; `null`: nobody has them at hand. Lines that are
   *   in both may be missing from both
   */
  directory(path: string, lines: string[], before: string[] | null): void {
    const dir = this.dirId(path, lines.length > 0);
    if (dir === undefined) return;
    const nameOf = (entry: Entry): string => packName(path === '' ? entry.path : entry.path.slice(path.length + 1));
    const old = new Set(before);
    const changed = before ? lines.filter(line => !old.delete(line)) : lines;
    // What the newest known snapshot holds: of the lines at hand those that are no longer there.
    const was = before
      ? new Map(entriesOf([...old]).map(entry => [nameOf(entry), factsText(entry)]))
      : this.wereOpen(dir);
    // Where nothing was open there is nothing to end.
    const isNew = !before && was.size === 0;
    for (const entry of entriesOf(changed)) {
      const name = nameOf(entry);
      const facts = was.get(name);
      was.delete(name);
      if (facts !== undefined && facts === factsText(entry)) continue;
      if (!isNew) this.end(dir, name);
      this.begin(dir, name, entry);
    }
    for (const name of was.keys()) this.end(dir, name);
  }

  free(): void {
    const { open, close, insert, content, addContent, lastContent, dir, addDir } = this;
    for (const one of [open, close, insert, content, addContent, lastContent, dir, addDir]) one.free();
  }

  private dirId(path: string, mayAdd: boolean): number | undefined {
    const known = this.dirs.get(path);
    if (known !== undefined) return known;
    const packed = packName(path);
    const id =
      this.value(this.dir, [this.source, packed]) ??
      (mayAdd ? this.value(this.addDir, [this.source, packed]) : undefined);
    if (id !== undefined) this.dirs.set(path, id);
    return id;
  }

  // Versions that the newest known snapshot holds: their facts by name.
  private wereOpen(dir: number): Map<string, string> {
    const { open } = this;
    const was = new Map<string, string>();
    open.bind([dir]);
    while (open.step()) {
      const [name, ...facts] = open.get();
      was.set(String(name), facts.join());
    }
    open.reset();
    return was;
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

  private end(dir: number, name: string): void {
    this.close.run([this.ordinal - 1, dir, name]);
  }

  private contentId(sha256: string, bits: number, size: number): number {
    const key = Buffer.from(sha256, 'hex');
    // Most contents that come are new.
    this.addContent.run([this.nextContent, key, bits, size]);
    return this.db.getRowsModified() > 0 ? this.nextContent++ : (this.value(this.content, [key, bits]) ?? 0);
  }

  private value(statement: Statement, parameters: (string | number | Uint8Array)[]): number | undefined {
    statement.bind(parameters);
    const value = statement.step() ? Number(statement.get()[0]) : undefined;
    statement.reset();
    return value;
  }
}

function entriesOf(lines: string[]): Entry[] {
  return lines.flatMap(line => parseEntry(line) ?? []);
}

// A directory's own time changes with every entry in it and says nothing more.
function mtimeOf(entry: Entry): number | null {
  return entry.type === 'dir' ? null : nsToMicros(entry.mtime);
}

function factsText(entry: Entry): string {
  const { type, mode, sha256, storedMtime, target } = entry;
  const link = target === undefined ? '' : packName(target);
  // As `join` writes the columns of a row; but that takes longer.
  return `${type},${mode},${mtimeOf(entry) ?? ''},${sha256 ?? ''},${storedMtime ?? ''},${link}`;
}
