import type { Progress } from './model.js';

/** How an operation is watched and stopped while it goes on. */
export interface Call {
  /** one Int32, non-zero: stop */
  cancel: SharedArrayBuffer;
  onProgress: (progress: Progress) => void;
}

/** Gets what an operation finds while it goes on. Resolves when there is room for more: the operation waits for it. */
export type Take<T> = (items: readonly T[]) => Promise<void>;

/** Reads a cancel flag, again and again. */
export function cancelFlag(cancel: SharedArrayBuffer): () => boolean {
  const flag = new Int32Array(cancel);
  return () => Atomics.load(flag, 0) !== 0;
}

export function isCancelled({ cancel }: Pick<Call, 'cancel'>): boolean {
  return Atomics.load(new Int32Array(cancel), 0) !== 0;
}
