/** How a call to the engine is asked to stop, and how long it is waited for, whichever thread it runs on. */

/** A cancelled run has cleaned up long before; a call of the system that hangs does not come back. Ms. */
export const GRACE_MS = 5000;
/** What threads that can be ended are given for it, ms. */
export const ENDING_MS = 1000;

/** One call's. */
export class Cancellation {
  /** one Int32, which the engine looks at: non-zero, stop */
  readonly flag = new SharedArrayBuffer(4);
  private overdue: NodeJS.Timeout | undefined;

  /**
   * @param onOverdue called when it was asked to stop and has not ended within `grace` (ms)
   * @param onAsked called as soon as it is asked to stop
   */
  constructor(
    private readonly signal: AbortSignal | undefined,
    private readonly grace: number,
    private readonly onOverdue: () => void,
    private readonly onAsked: () => void = () => undefined,
  ) {
    if (signal?.aborted) this.ask();
    else signal?.addEventListener('abort', this.ask, { once: true });
  }

  readonly ask = (): void => {
    Atomics.store(new Int32Array(this.flag), 0, 1);
    this.overdue ??= setTimeout(this.onOverdue, this.grace);
    this.onAsked();
  };

  /** The call has ended. */
  end(): void {
    clearTimeout(this.overdue);
    this.signal?.removeEventListener('abort', this.ask);
  }
}

/** Whether a promise is settled within that time (ms). */
export async function settlesWithin(ms: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>(resolve => (timer = setTimeout(() => resolve(false), ms)));
  const settled = Promise.allSettled([promise]).then(() => true);
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}
