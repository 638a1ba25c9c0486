import type { Progress } from './model.js';
import type { Pool } from './transfer/pool.js';

/** What an operation is given besides its request. */
export interface Context {
  /** starts the threads, once, when an operation needs them */
  pool: () => Pool;
  /** one Int32, non-zero: stop */
  cancel: SharedArrayBuffer;
  onProgress: (progress: Progress) => void;
}

export function isCancelled(context: Context): boolean {
  return Atomics.load(new Int32Array(context.cancel), 0) !== 0;
}
