import { Worker } from 'node:worker_threads';
import { PhlbError } from '../engine/words/errors.js';
import type { Progress } from '../engine/words/model.js';
import { phrase } from '../engine/words/phrase.js';
import { ThreadCalls } from '../engine/threads/thread-calls.js';
import { Cancellation, ENDING_MS, settlesWithin } from './cancellation.js';
import type { CallMessage, CallName, ReplyMessage, TakenMessage, WorkerData } from './protocol.js';

export interface CallOptions<Item = unknown> {
  onProgress?: (progress: Progress) => void;
  /** aborting it makes the call fail with code `cancelled`, once the worker has cleaned up or has not within some seconds */
  signal?: AbortSignal | undefined;
  /** gets what the call finds while it goes on: one part at a time, the next one when this has resolved. What it throws ends the call */
  onItems?(items: readonly Item[]): void | Promise<void>;
}

export interface ThreadLimits {
  /** ms without a call after which it ends */
  idle: number;
  /** ms after which a cancelled call is given up */
  grace: number;
}

/** One thread of the engine, its calls and its idle timer: nothing of it outlives it, or ends another one. */
export class EngineThread {
  private readonly worker: Worker;
  private readonly calls: ThreadCalls;
  private readonly gone: Promise<true>;
  private readonly onProgress = new Map<number, (progress: Progress) => void>();
  private readonly onItems = new Map<number, (items: readonly unknown[]) => Promise<void>>();
  /** calls that wait until their items were taken */
  private readonly untaken = new Set<number>();
  private readonly running = new Map<number, { cancellation: Cancellation; answer: Promise<unknown> }>();
  private idleTimer: NodeJS.Timeout | undefined;
  private retired = false;

  constructor(
    script: string,
    workerData: WorkerData,
    private readonly limits: ThreadLimits,
  ) {
    this.worker = new Worker(script, {
      stdout: false,
      stderr: false,
      workerData,
      // Its messages are small. What Node would allow stays resident once it has been used.
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
    this.worker.on('message', (message: ReplyMessage) => this.receive(message));
    this.calls = new ThreadCalls(this.worker, phrase`The backup thread ended unexpectedly`);
    this.gone = new Promise(resolve => this.worker.once('exit', () => resolve(true)));
  }

  /** Whether it takes calls. */
  get isOpen(): boolean {
    return !this.retired && !this.calls.isOver;
  }

  async call(name: CallName, request: unknown, options: CallOptions): Promise<unknown> {
    const { signal, onProgress } = options;
    clearTimeout(this.idleTimer);
    let failure: { error: unknown } | undefined;
    // What waits for its items to be taken goes on, and stops.
    const cancellation = new Cancellation(
      signal,
      this.limits.grace,
      () => this.giveUp(id),
      () => this.taken(id),
    );
    const cancel = cancellation.flag;
    const { id, answer } = this.calls.send(id => ({ id, name, request, cancel }) satisfies CallMessage);
    this.running.set(id, { cancellation, answer });
    if (onProgress) this.onProgress.set(id, onProgress);
    const fail = (error: unknown): void => {
      failure ??= { error };
      cancellation.ask();
    };
    this.onItems.set(id, async items => {
      try {
        await options.onItems?.(items);
      } catch (error) {
        fail(error);
      }
    });
    try {
      return await answer;
    } catch (error) {
      throw failure ? failure.error : error;
    } finally {
      cancellation.end();
      this.running.delete(id);
      this.onProgress.delete(id);
      this.onItems.delete(id);
      this.untaken.delete(id);
      this.rest();
    }
  }

  /** Cancels all its calls. Resolves when they have cleaned up, or after that time (ms). */
  async cancel(within: number): Promise<void> {
    const running = [...this.running.values()];
    for (const { cancellation } of running) cancellation.ask();
    await settlesWithin(within, Promise.allSettled(running.map(({ answer }) => answer)));
  }

  /** Resolves when the thread has ended. */
  ended(): Promise<true> {
    return this.gone;
  }

  /**
   * Ends it; its calls fail with `error`. What it was doing is left as a crash would leave it: nothing half is ever
   * published. Resolves to `false` when it is in a call of the system that does not return: nothing but the end of the
   * process ends it then, and that does not wait for it.
   */
  async end(error: PhlbError): Promise<boolean> {
    clearTimeout(this.idleTimer);
    this.calls.end(error);
    this.letProcessEnd();
    void this.worker.terminate();
    // Which has just referenced it again.
    this.worker.unref();
    return settlesWithin(ENDING_MS, this.gone);
  }

  private receive(message: ReplyMessage): void {
    if ('progress' in message) this.onProgress.get(message.id)?.(message.progress);
    else if ('items' in message) void this.hand(message.id, message.items);
    else this.calls.settle(message);
  }

  private async hand(id: number, items: readonly unknown[]): Promise<void> {
    this.untaken.add(id);
    await this.onItems.get(id)?.(items);
    this.taken(id);
  }

  // Once for each part.
  private taken(id: number): void {
    if (this.untaken.delete(id)) this.worker.postMessage({ taken: id } satisfies TakenMessage);
  }

  // Its other calls may be answered yet; a new one goes to a new thread.
  private giveUp(id: number): void {
    this.retired = true;
    this.calls.reject(id, PhlbError.cancelled());
  }

  private rest(): void {
    if (this.calls.size > 0 || this.calls.isOver) return;
    const idle = new PhlbError('crashed', phrase`The backup thread ended unexpectedly`);
    if (this.retired) return void this.end(idle);
    clearTimeout(this.idleTimer);
    this.idleTimer = setTimeout(() => void this.end(idle), this.limits.idle);
    this.idleTimer.unref();
  }

  // At its end the process joins its threads, also one that cannot be ended: a window that is closed would stay for ever.
  private letProcessEnd(): void {
    const kill = (): void => void process.kill(process.pid, 'SIGKILL');
    process.once('exit', kill);
    void this.gone.then(() => process.off('exit', kill));
  }
}
