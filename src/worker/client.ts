import { PhlbError } from '../engine/words/errors.js';
import { phrase } from '../engine/words/phrase.js';
import { GRACE_MS } from './cancellation.js';
import { EngineThread, type CallOptions, type ThreadLimits } from './engine-thread.js';
import type { CallName, Calls, ItemOf, WorkerData } from './protocol.js';

export type { CallOptions } from './engine-thread.js';

/** The editor gives a window that is closed 5 s in all. */
const CLOSING_MS = 3500;

export interface EngineOptions {
  /** after which a thread without a call ends */
  idleMs?: number;
  /** how long a cancelled call may take to clean up */
  graceMs?: number;
  /** its threads give way to everything else that wants a processor */
  background?: boolean;
  /** as `Engine` has it */
  onThreads?: boolean;
}

/**
 * The engine, on a thread of its own. The thread starts with the first call and ends after `idleMs` without one, so
 * that an editor window that takes no backup pays nothing. A thread that dies fails its calls with code `crashed`;
 * the next call starts a new one.
 */
export class EngineClient {
  private thread: EngineThread | undefined;
  private readonly threads = new Set<EngineThread>();
  private readonly limits: ThreadLimits;
  private readonly workerData: WorkerData;
  private disposed = false;

  /** @param script absolute path of the bundled worker (`dist/worker.js`) */
  constructor(
    private readonly script: string,
    { idleMs = 60_000, graceMs = GRACE_MS, background = false, onThreads = false }: EngineOptions = {},
  ) {
    this.limits = { idle: idleMs, grace: graceMs };
    this.workerData = { background, onThreads };
  }

  async call<N extends CallName>(
    name: N,
    request: Calls[N][0],
    options: CallOptions<ItemOf<N>> = {},
  ): Promise<Calls[N][1]> {
    if (this.disposed) throw shuttingDown();
    if (options.signal?.aborted) throw PhlbError.cancelled();
    if (!this.thread?.isOpen) this.thread = this.start();
    return (await this.thread.call(name, request, options)) as Calls[N][1];
  }

  /**
   * Ends its threads. What they were doing is left as a crash would leave it: nothing half is ever published. Waits for a
   * second at most; resolves to `false` when one has not ended by then.
   */
  async dispose(): Promise<boolean> {
    this.disposed = true;
    const ended = await Promise.all([...this.threads].map(thread => thread.end(shuttingDown())));
    return ended.every(one => one);
  }

  /**
   * Cancels what is going on, lets it clean up for a few seconds, and ends the threads. No more calls are taken. Resolves
   * as `dispose` does.
   */
  async close(): Promise<boolean> {
    this.disposed = true;
    await Promise.all([...this.threads].map(thread => thread.cancel(CLOSING_MS)));
    return this.dispose();
  }

  private start(): EngineThread {
    const thread = new EngineThread(this.script, this.workerData, this.limits);
    this.threads.add(thread);
    void thread.ended().then(() => this.threads.delete(thread));
    return thread;
  }
}

function shuttingDown(): PhlbError {
  return new PhlbError('cancelled', phrase`PHLB is shutting down`);
}
