import type { Context } from './context.js';
import type { Measured } from './measure-tree.js';
import { onAllThreads } from './on-all-threads.js';

/**
 * Measures folders on all threads of the pool.
 * @param take is given each result as it comes, with the index of its path
 * @throws PhlbError `cancelled`, `store`
 */
export async function measureAll(
  paths: readonly string[],
  context: Context,
  take: (measured: Measured, at: number) => void,
  total: { files: number; bytes: number; totalFiles?: number } = { files: 0, bytes: 0 },
): Promise<void> {
  await onAllThreads(paths, context, async (thread, path, at) => {
    const measured = await thread.run('measure', { path, cancel: context.cancel });
    take(measured, at);
    total.files += measured.files;
    total.bytes += measured.apparentBytes;
    context.onProgress({ phase: 'measuring', ...total });
  });
}
