import type { Context } from './context.js';
import { isCancelled } from '../words/call.js';
import { PhlbError } from '../words/errors.js';
import type { FolderId } from '../files/held-folder.js';
import type { HashReply } from '../transfer/hash-stored.js';

const BATCH_FILES = 64;
const BATCH_BYTES = 16 << 20;

/**
 * Hashes files on all threads, about in the order given, and tells each result as it comes.
 * @param within given: the paths are relative to it; else absolute ones of stored files
 * @throws PhlbError `cancelled`
 */
export async function hashFiles<F extends { path: string; size: number }>(
  files: readonly F[],
  context: Context,
  onHashed: (file: F, reply: HashReply) => void,
  { sha512 = false, within }: { sha512?: boolean; within?: FolderId } = {},
): Promise<void> {
  let next = 0;
  const takeBatch = (): F[] => {
    const batch: F[] = [];
    for (let bytes = 0; batch.length < BATCH_FILES && bytes < BATCH_BYTES;) {
      const file = files[next++];
      if (!file) break;
      batch.push(file);
      bytes += file.size;
    }
    return batch;
  };
  await Promise.all(
    context.pool().threads.map(async thread => {
      for (let batch = takeBatch(); batch.length > 0; batch = takeBatch()) {
        if (isCancelled(context)) throw PhlbError.cancelled();
        const paths = batch.map(file => file.path);
        const replies = await thread.run('hash', {
          paths,
          sha512,
          ...(within ? { within } : {}),
          cancel: context.cancel,
        });
        batch.forEach((file, i) => {
          const reply = replies[i];
          if (reply) onHashed(file, reply);
        });
      }
    }),
  );
}
