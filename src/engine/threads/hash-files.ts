import type { Context } from './context.js';
import type { FolderId } from '../files/held-folder.js';
import type { HashReply } from '../transfer/hash-stored.js';
import { MOMENT_BYTES } from './moment.js';
import { onAllThreads } from './on-all-threads.js';
import type { PoolThread } from './pool.js';

const BATCH_FILES = 64;
const BATCH_BYTES = 16 << 20;

/**
 * Hashes files on all threads, about in the order given, and tells each result as it comes.
 * @param within given: the paths are relative to it; else absolute ones of stored files
 * @throws PhlbError `cancelled`
 */
export async function hashFiles<F extends { path: string; size: number }>(
  files: readonly F[],
  context: Pick<Context, 'pool' | 'cancel'>,
  onHashed: (file: F, reply: HashReply) => void,
  { sha512 = false, within }: { sha512?: boolean; within?: FolderId } = {},
): Promise<void> {
  const hashBatch = async (thread: PoolThread, batch: F[]): Promise<void> => {
    const paths = batch.map(file => file.path);
    const replies = await thread.run('hash', { paths, sha512, ...(within ? { within } : {}), cancel: context.cancel });
    batch.forEach((file, i) => {
      const reply = replies[i];
      if (reply) onHashed(file, reply);
    });
  };
  await onAllThreads(inBatches(files), context, hashBatch, batch => batch.some(({ size }) => size > MOMENT_BYTES));
}

function inBatches<F extends { size: number }>(files: readonly F[]): F[][] {
  const batches: F[][] = [];
  let batch: F[] = [];
  let bytes = 0;
  for (const file of files) {
    batch.push(file);
    bytes += file.size;
    if (batch.length < BATCH_FILES && bytes < BATCH_BYTES) continue;
    batches.push(batch);
    [batch, bytes] = [[], 0];
  }
  return batch.length > 0 ? [...batches, batch] : batches;
}
