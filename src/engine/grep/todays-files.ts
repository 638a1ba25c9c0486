/** What today's files still have: those of the live source or, where that is not at hand, of the newest snapshot. */
import { sourceOnDisk } from '../files/source-on-disk.js';
import type { HeldPath } from '../index/held-contents.js';
import type { IndexedSource } from '../index/queries.js';
import type { LostLines } from '../search/search-files.js';
import { readStoreFile } from '../store/root.js';
import type { PoolThread } from '../threads/pool.js';
import { PhlbError } from '../words/errors.js';
import type { ContentSearch } from './content-search.js';

const FILES_AT_ONCE = 64;
/** When so many lines are remembered, all are forgotten. */
const REMEMBERED_LINES = 100_000;

/** Lines that a path had, as `lineKey` makes them. */
export interface LinesAt {
  path: HeldPath;
  lines: string[];
}

interface Today {
  /** absolute */
  folder: string;
  /** it is the newest snapshot's tree */
  isSnapshot: boolean;
  /** by path, whether its file does not have a line: versions of one file have most of their lines in common */
  known: Map<string, Map<string, boolean> | 'gone'>;
}

export class TodaysFiles {
  private readonly folders = new Map<IndexedSource, Today>();
  private remembered = 0;

  constructor(private readonly search: ContentSearch) {}

  /** For each path, which of its lines its file of today does not have. */
  async lostLines(asked: readonly LinesAt[], thread: PoolThread): Promise<boolean[][]> {
    const lost: boolean[][] = [];
    for (const source of new Set(asked.map(({ path }) => path.source))) {
      const today = this.of(source);
      // What the newest snapshot itself holds is there.
      const newest = today.isSnapshot ? source.snapshots.length - 1 : Infinity;
      const unknown: [number, LinesAt][] = [];
      for (const [at, one] of asked.entries()) {
        if (one.path.source !== source || one.path.last === newest) continue;
        const known = knownOf(today, one);
        if (known) lost[at] = known;
        else unknown.push([at, one]);
      }
      for (let from = 0; from < unknown.length; from += FILES_AT_ONCE) {
        const some = unknown.slice(from, from + FILES_AT_ONCE);
        const files = some.map(([, one]) => one);
        const replies = await this.ask(today.folder, files, thread);
        for (const [i, [at, one]] of some.entries()) {
          const reply = replies[i] ?? [];
          lost[at] = reply === 'gone' ? one.lines.map(() => true) : reply;
          this.remember(today, one, reply);
        }
      }
    }
    return lost;
  }

  private remember({ known }: Today, { path: { path }, lines }: LinesAt, reply: LostLines): void {
    if (this.remembered > REMEMBERED_LINES) {
      for (const today of this.folders.values()) today.known.clear();
      this.remembered = 0;
    }
    this.remembered += lines.length;
    if (reply === 'gone') return void known.set(path, 'gone');
    const before = known.get(path);
    const all = before instanceof Map ? before : new Map<string, boolean>();
    for (const [at, isLost] of reply.entries()) all.set(lines[at] ?? '', isLost);
    known.set(path, all);
  }

  private async ask(folder: string, asked: readonly LinesAt[], thread: PoolThread): Promise<LostLines[]> {
    const { maxSize } = this.search.settings;
    const files = asked.map(({ path: { path }, lines }) => ({ path, lines }));
    try {
      return await thread.run('lost', { folder, files, maxSize, cancel: this.search.context.cancel });
    } catch (error) {
      // The folder went a moment ago.
      if (!PhlbError.is(error, 'source')) throw error;
      return [];
    }
  }

  private of(source: IndexedSource): Today {
    const known = this.folders.get(source);
    if (known) return known;
    const { store } = this.search;
    const registered = readStoreFile(store.layout)?.sources ?? [];
    const live = registered.find(({ name, host }) => name === source.name && host === store.host)?.path;
    const isLive = live !== undefined && sourceOnDisk(live)('') !== undefined;
    const last = source.snapshots.length - 1;
    const folder = isLive ? live : this.search.placeOf({ source, path: '', last }).tree;
    const today: Today = { folder, isSnapshot: !isLive, known: new Map() };
    this.folders.set(source, today);
    return today;
  }
}

function knownOf({ known }: Today, { path: { path }, lines }: LinesAt): boolean[] | undefined {
  const of = known.get(path);
  if (of === 'gone') return lines.map(() => true);
  const lost = lines.flatMap(line => of?.get(line) ?? []);
  return lost.length === lines.length ? lost : undefined;
}
