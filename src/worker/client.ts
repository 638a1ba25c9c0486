import { Worker } from 'node:worker_threads';
import { fromErrorData, PhlbError } from '../engine/errors.js';
import type { Progress } from '../engine/model.js';
import { phrase } from '../engine/phrase.js';
import type { CallMessage, CallName, Calls, ReplyMessage } from './protocol.js';

export interface CallOptions {
  onProgress?: (progress: Progress) => void;
  /** aborting it makes the call fail with code `cancelled` once the worker has cleaned up */
  signal?: AbortSignal | undefined;
}

interface Pending {
  resolve(result: unknown): void;
  reject(error: unknown): void;
  onProgress: ((progress: Progress) => void) | undefined;
}

/**
 * The engine, on a thread of its own. The thread starts with the first call and ends after `idleMs` without one, so
 * that an editor window that takes no backup pays nothing. A thread that dies fails its calls with code `crashed`;
 * the next call starts a new one.
 */
export class EngineClient {
  private worker: Worker | undefined;
  private idleTimer: NodeJS.Timeout | undefined;
  private nextId = 1;
  private readonly pending = new Map<number, Pending>();
  private disposed = false;

  /**
   * @param script absolute path of the bundled worker (`dist/worker.js`)
   * @param background whether its threads give way to everything else that wants a processor
   */
  constructor(
    private readonly script: string,
    private readonly idleMs = 60_000,
    private readonly background = false,
  ) {}

  call<N extends CallName>(name: N, request: Calls[N][0], options: CallOptions = {}): Promise<Calls[N][1]> {
    if (this.disposed) return Promise.reject(new PhlbError('cancelled', phrase`PHLB is shutting down`));
    const { signal } = options;
    if (signal?.aborted) return Promise.reject(PhlbError.cancelled());
    clearTimeout(this.idleTimer);
    const worker = (this.worker ??= this.start());
    const id = this.nextId++;
    const cancel = new SharedArrayBuffer(4);
    const abort = (): void => void Atomics.store(new Int32Array(cancel), 0, 1);
    signal?.addEventListener('abort', abort, { once: true });
    const answer = new Promise<unknown>((resolve, reject) => {
      this.pending.set(id, { resolve, reject, onProgress: options.onProgress });
    });
    worker.postMessage({ id, name, request, cancel } satisfies CallMessage);
    return (answer as Promise<Calls[N][1]>).finally(() => {
      signal?.removeEventListener('abort', abort);
      this.rest();
    });
  }

  /** Ends the thread. What it was doing is left as a crash would leave it: nothing half is ever published. */
  async dispose(): Promise<void> {
    this.disposed = true;
    clearTimeout(this.idleTimer);
    await this.worker?.terminate();
  }

  private start(): Worker {
    const worker = new Worker(this.script, {
      stdout: false,
      stderr: false,
      workerData: { background: this.background },
      // Its messages are small. What Node would allow stays resident once it has been used.
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
    worker.unref();
    worker.on('message', (message: ReplyMessage) => this.receive(message));
    worker.on('error', error => this.lost(worker, error));
    worker.on('exit', () => this.lost(worker, undefined));
    return worker;
  }

  private receive(message: ReplyMessage): void {
    const call = this.pending.get(message.id);
    if (!call) return;
    if ('progress' in message) return call.onProgress?.(message.progress);
    this.pending.delete(message.id);
    if ('error' in message) call.reject(fromErrorData(message.error));
    else call.resolve(message.result);
  }

  private lost(worker: Worker, cause: unknown): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    for (const call of this.pending.values()) {
      call.reject(new PhlbError('crashed', phrase`The backup thread ended unexpectedly`, { cause }));
    }
    this.pending.clear();
  }

  private rest(): void {
    if (this.pending.size > 0) return;
    this.worker?.unref();
    this.idleTimer = setTimeout(() => {
      const idle = this.worker;
      this.worker = undefined;
      void idle?.terminate();
    }, this.idleMs);
    this.idleTimer.unref();
  }
}
