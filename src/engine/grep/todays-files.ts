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

/** Lines that a path had. */
export interface LinesAt {
  path: HeldPath;
  lines: string[];
}

interface Today {
  /** absolute */
  folder: string;
  /** it is the newest snapshot's tree */
  isSnapshot: boolean;
}

export class TodaysFiles {
  private readonly folders = new Map<IndexedSource, Today>();

  constructor(private readonly search: ContentSearch) {}

  /** For each path, which of its lines (as `lineKey` makes them) its file of today does not have. */
  async lostLines(asked: readonly LinesAt[], thread: PoolThread): Promise<boolean[][]> {
    const lost: boolean[][] = [];
    for (const source of new Set(asked.map(({ path }) => path.source))) {
      const { folder, isSnapshot } = this.of(source);
      // What the newest snapshot itself holds is there.
      const newest = isSnapshot ? source.snapshots.length - 1 : Infinity;
      const own = [...asked.entries()].filter(([, { path }]) => path.source === source && path.last !== newest);
      for (let from = 0; from < own.length; from += FILES_AT_ONCE) {
        const some = own.slice(from, from + FILES_AT_ONCE);
        const replies = await this.ask(
          folder,
          some.map(([, one]) => one),
          thread,
        );
        for (const [i, [at, { lines }]] of some.entries()) {
          const reply = replies[i] ?? [];
          lost[at] = reply === 'gone' ? lines.map(() => true) : reply;
        }
      }
    }
    return lost;
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
    const today = { folder, isSnapshot: !isLive };
    this.folders.set(source, today);
    return today;
  }
}
