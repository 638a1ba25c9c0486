import type { SearchReply, SearchRequest } from '../search/search-files.js';
import type { Context } from './context.js';
import { MOMENT_BYTES } from './moment.js';
import { onAllThreads } from './on-all-threads.js';
import type { PoolThread } from './pool.js';

const BATCH_FILES = 64;
const BATCH_BYTES = 4 << 20;

/** What is the same for all files of a search. */
export type SearchSettings = Omit<SearchRequest, 'files' | 'from'>;

/** A content, and what came of looking at it. */
export type Searched<C> = SearchReply & { content: C };

/**
 * Searches contents on all threads, about in the order given. Tells of each batch what there is to tell; that thread goes on
 * once it is done with.
 * @param pathOf where a content can be read
 * @throws PhlbError `cancelled`; what `onSearched` throws
 */
export async function searchContents<C extends { size: number }>(
  contents: readonly C[],
  pathOf: (content: C) => string,
  settings: SearchSettings,
  context: Pick<Context, 'pool' | 'cancel'>,
  onSearched: (batch: readonly C[], found: Searched<C>[], thread: PoolThread) => Promise<void>,
): Promise<void> {
  const search = async (thread: PoolThread, batch: C[]): Promise<void> => {
    const files = batch.map(content => ({ path: pathOf(content), size: content.size }));
    const replies = await thread.run('search', { ...settings, files, cancel: context.cancel });
    const found = replies.flatMap(reply => {
      const content = batch[reply.at];
      return content ? [{ ...reply, content }] : [];
    });
    await onSearched(batch, found, thread);
  };
  await onAllThreads(inBatches(contents), context, search, batch => batch.some(({ size }) => size > MOMENT_BYTES));
}

function inBatches<C extends { size: number }>(contents: readonly C[]): C[][] {
  const batches: C[][] = [];
  let bytes = Infinity;
  for (const content of contents) {
    let batch = batches.at(-1);
    if (!batch || batch.length >= BATCH_FILES || bytes >= BATCH_BYTES) {
      batches.push((batch = []));
      bytes = 0;
    }
    batch.push(content);
    bytes += content.size;
  }
  return batches;
}
