/** Going through all contents that are meant: each is read once, where it can be. */
import { existsSync } from 'node:fs';
import { pathsOf, type HeldContent, type HeldContents, type HeldPath } from '../index/held-contents.js';
import type { SearchReply } from '../search/search-files.js';
import { parseSnapshotName } from '../store/layout.js';
import type { Store } from '../store/root.js';
import type { Context } from '../threads/context.js';
import type { PoolThread } from '../threads/pool.js';
import { searchContents, type Searched, type SearchSettings } from '../threads/search-contents.js';
import type { PathError } from '../words/model.js';
import { fsPath, join } from '../words/names.js';

const PROGRESS_MS = 100;
/** Where else one is looked for. Further names are most likely the same file. */
const MORE_TRIES = 8;

export interface SearchCounts {
  /** contents that were read and searched */
  contents: number;
  /** that were not, since they are no text, or larger than `maxSize` */
  binary: number;
  tooLarge: number;
}

/** Where a content can be read, absolute, and the tree that this is in. */
interface Place {
  tree: string;
  path: string;
}

export class ContentSearch {
  readonly counts: SearchCounts = { contents: 0, binary: 0, tooLarge: 0 };
  readonly errors: PathError[] = [];
  /** contents that were not searched, for whatever reason */
  readonly unknown = new Set<HeldContent>();
  private lastProgress = 0;
  /** of snapshots, by their ids */
  private readonly trees = new Map<string, string>();

  constructor(
    readonly store: Store,
    readonly held: HeldContents,
    readonly settings: SearchSettings,
    readonly context: Context,
  ) {}

  /** @param tell gets what was found in some of them; it is waited for. @throws PhlbError `cancelled`; what `tell` throws */
  async all(tell: (found: Searched<HeldContent>[], thread: PoolThread) => Promise<void>): Promise<void> {
    const contents = this.held.newestFirst();
    const totals = { totalFiles: contents.length, totalBytes: contents.reduce((sum, { size }) => sum + size, 0) };
    const done = { files: 0, bytes: 0 };
    const { settings, context } = this;
    await searchContents(
      contents,
      content => this.placeOf(content.newest).path,
      settings,
      context,
      async (batch, replies, thread) => {
        const found: Searched<HeldContent>[] = [];
        for (const reply of replies) {
          const last = 'error' in reply ? await this.elsewhere(reply, reply.error, thread) : reply;
          if (last && this.isFound(last)) found.push(last);
        }
        this.counts.contents += batch.length;
        done.files += batch.length;
        for (const { size } of batch) done.bytes += size;
        this.report({ ...done, ...totals });
        if (found.length > 0) await tell(found, thread);
      },
    );
  }

  placeOf({ source, path, last }: Pick<HeldPath, 'source' | 'path' | 'last'>): Place {
    const tree = this.treeOf(source.snapshots[last]?.id ?? '');
    return { tree, path: join(tree, path) };
  }

  /** One more look at a content that was read before. @throws what the thread throws */
  async again(
    content: HeldContent,
    thread: PoolThread,
    more: { from?: NonNullable<Extract<SearchReply, { lines: unknown }>['next']>; path?: string } = {},
  ): Promise<Searched<HeldContent> | undefined> {
    const { path = this.placeOf(content.newest).path, from } = more;
    const request = { ...this.settings, files: [{ path, size: content.size }], cancel: this.context.cancel };
    const [reply] = await thread.run('search', { ...request, ...(from ? { from } : {}) });
    return reply && { ...reply, content };
  }

  private treeOf(snapshot: string): string {
    const known = this.trees.get(snapshot);
    if (known !== undefined) return known;
    const { layout } = this.store;
    const tree = layout.tree(parseSnapshotName(layout, snapshot));
    this.trees.set(snapshot, tree);
    return tree;
  }

  private isFound(reply: Searched<HeldContent>): boolean {
    if (!('error' in reply) && !('skipped' in reply)) return true;
    this.unknown.add(reply.content);
    this.counts.contents--;
    if ('skipped' in reply) this.counts[reply.skipped]++;
    else this.errors.push(reply.error);
    return false;
  }

  // Under its other names, in other trees: one may have been removed by now, and not all are the same file. A content of
  // which no tree stands any more is no longer held.
  private async elsewhere(
    failed: Searched<HeldContent>,
    error: PathError,
    thread: PoolThread,
  ): Promise<Searched<HeldContent> | undefined> {
    const { content } = failed;
    const spans = pathsOf(content).flatMap(path => [path, { ...path, last: path.first }]);
    const places = new Map(spans.map(span => [this.placeOf(span).path, { ...this.placeOf(span), span }]));
    places.delete(error.path);
    for (const { path, span } of [...places.values()].slice(0, MORE_TRIES)) {
      const reply = await this.again(content, thread, { path });
      if (reply && 'error' in reply) continue;
      // Where it goes on from, if there is more.
      content.newest = span;
      return reply;
    }
    if (existsSync(fsPath(this.placeOf(content.newest).tree))) return failed;
    this.counts.contents--;
    return undefined;
  }

  private report(progress: { files: number; bytes: number; totalFiles: number; totalBytes: number }): void {
    const now = performance.now();
    if (now - this.lastProgress < PROGRESS_MS) return;
    this.lastProgress = now;
    this.context.onProgress({ phase: 'searching', ...progress });
  }
}
