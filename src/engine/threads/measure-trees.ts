import type { Context } from './context.js';
import { isCancelled } from '../words/call.js';
import { PhlbError } from '../words/errors.js';
import type { Measured } from './measure-tree.js';

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
  let next = 0;
  await Promise.all(
    context.pool().threads.map(async thread => {
      for (let at = next++; at < paths.length; at = next++) {
        if (isCancelled(context)) throw PhlbError.cancelled();
        const measured = await thread.run('measure', { path: paths[at] ?? '', cancel: context.cancel });
        take(measured, at);
        total.files += measured.files;
        total.bytes += measured.apparentBytes;
        context.onProgress({ phase: 'measuring', ...total });
      }
    }),
  );
}
