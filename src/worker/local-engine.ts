import { fromErrorData, PhlbError, toErrorData } from '../engine/words/errors.js';
import { Cancellation, ENDING_MS, GRACE_MS, settlesWithin } from './cancellation.js';
import type { CallOptions } from './engine-thread.js';
import type { Engine } from './engine.js';
import type { CallName, Calls, ItemOf } from './protocol.js';

/**
 * The engine on the caller's own thread: for a process that has nothing else to do, and need not start another one. It is
 * loaded with the first call.
 */
export class LocalEngine {
  private engine: Engine | undefined;

  async call<N extends CallName>(
    name: N,
    request: Calls[N][0],
    options: CallOptions<ItemOf<N>> = {},
  ): Promise<Calls[N][1]> {
    const { signal, onProgress = () => undefined } = options;
    if (signal?.aborted) throw PhlbError.cancelled();
    let giveUp = (): void => undefined;
    const givenUp = new Promise<never>((_, reject) => (giveUp = () => reject(PhlbError.cancelled())));
    let stop = (): void => undefined;
    const asked = new Promise<void>(resolve => (stop = resolve));
    const cancellation = new Cancellation(
      signal,
      GRACE_MS,
      () => giveUp(),
      () => stop(),
    );
    let failure: { error: unknown } | undefined;
    const take = async (items: readonly ItemOf<N>[]): Promise<void> => {
      if (signal?.aborted) return;
      try {
        await Promise.race([options.onItems?.(items), asked]);
      } catch (error) {
        failure ??= { error };
        throw error;
      }
    };
    try {
      this.engine ??= await loadEngine();
      const state = { cancel: cancellation.flag, onProgress, take };
      const outcome = await Promise.race([this.engine.call(name, request, state), givenUp]);
      if ('error' in outcome) throw failure ? failure.error : fromErrorData(outcome.error);
      return outcome.result;
    } finally {
      cancellation.end();
    }
  }

  /**
   * Ends its threads; what they were doing is left as a crash would leave it. Resolves to `false` when one is in a call of the
   * system that does not return: nothing but the end of the process ends it then.
   */
  async dispose(): Promise<boolean> {
    return this.engine === undefined || settlesWithin(ENDING_MS, this.engine.close());
  }
}

// A script of its own, which the worker's thread loads, too.
async function loadEngine(): Promise<Engine> {
  try {
    const { Engine } = await import('./engine.js');
    return new Engine();
  } catch (error) {
    throw fromErrorData(toErrorData(error, 'crashed'));
  }
}
