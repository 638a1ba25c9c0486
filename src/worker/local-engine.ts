import { setTimeout as sleep } from 'node:timers/promises';
import { fromErrorData, PhlbError } from '../engine/words/errors.js';
import type { CallOptions } from './engine-thread.js';
import type { Engine } from './engine.js';
import type { CallName, Calls } from './protocol.js';

/** What a cancelled call may take to clean up, as that of a thread of the engine. Ms. */
const GRACE = 5000;
/** What threads that can be ended are given for it, ms. */
const ENDING = 1000;

/**
 * The engine on the caller's own thread: for a process that has nothing else to do, and need not start another one. It is
 * loaded with the first call.
 */
export class LocalEngine {
  private engine: Promise<Engine> | undefined;

  async call<N extends CallName>(
    name: N,
    request: Calls[N][0],
    { signal, onProgress = () => undefined }: CallOptions = {},
  ): Promise<Calls[N][1]> {
    if (signal?.aborted) throw PhlbError.cancelled();
    const engine = await (this.engine ??= loadEngine());
    const cancel = new SharedArrayBuffer(4);
    const late = new Lateness(signal, () => void Atomics.store(new Int32Array(cancel), 0, 1));
    try {
      const outcome = await Promise.race([engine.call(name, request, { cancel, onProgress }), late.reached]);
      if ('error' in outcome) throw fromErrorData(outcome.error);
      return outcome.result;
    } finally {
      late.end();
    }
  }

  /**
   * Ends its threads; what they were doing is left as a crash would leave it. Resolves to `false` when one is in a call of the
   * system that does not return: nothing but the end of the process ends it then.
   */
  async dispose(): Promise<boolean> {
    if (!this.engine) return true;
    const over = new AbortController();
    const late = sleep(ENDING, false, { signal: over.signal }).catch(() => false);
    const ended = (await this.engine).close().then(() => true);
    try {
      return await Promise.race([ended, late]);
    } finally {
      over.abort();
    }
  }
}

/** Of a call that was cancelled and does not end. */
class Lateness {
  /** never resolves; rejects when it has had its time */
  readonly reached: Promise<never>;
  private readonly over = new AbortController();

  constructor(signal: AbortSignal | undefined, onAbort: () => void) {
    this.reached = new Promise((_, reject) => {
      const begin = (): void => {
        onAbort();
        const timer = setTimeout(() => reject(PhlbError.cancelled()), GRACE);
        this.over.signal.addEventListener('abort', () => clearTimeout(timer));
      };
      signal?.addEventListener('abort', begin, { once: true, signal: this.over.signal });
    });
  }

  end(): void {
    this.over.abort();
  }
}

// A script of its own, which the worker's thread loads, too.
async function loadEngine(): Promise<Engine> {
  const { Engine } = await import('./engine.js');
  return new Engine();
}
