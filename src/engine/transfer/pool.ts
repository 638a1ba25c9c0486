/** The threads that do the jobs. The engine is handed a pool; it does not know how its threads come about. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { fromErrorData, PhlbError, type ErrorData } from '../errors.js';
import { phrase } from '../phrase.js';
import type { JobName, Jobs } from './jobs.js';

/** One thread; it does its jobs in the order of the calls. */
export interface PoolThread {
  run<N extends JobName>(name: N, request: Jobs[N][0]): Promise<Jobs[N][1]>;
}

export interface Pool {
  readonly threads: readonly PoolThread[];
  close(): Promise<void>;
}

/** To a thread. */
export interface JobMessage {
  name: JobName;
  request: unknown;
}
/** From it. */
export type JobAnswer = { result: unknown } | { error: ErrorData };

// What lives for one file or one message only. More would not be collected less often to any effect, but stay resident.
const YOUNG_MB = 16;

/** How many threads pay: the disk's queue and the kernel's locks leave little to more than four. */
export function poolSize(): number {
  return Math.max(1, Math.min(4, availableParallelism()));
}

/** Starts `size` threads of `script`, which must call `servePool`. */
export function startPool(script: string, size: number): Pool {
  const threads = Array.from(
    { length: size },
    () => new WorkerThread(new Worker(script, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } })),
  );
  return {
    threads,
    close: async () => void (await Promise.all(threads.map(thread => thread.close()))),
  };
}

class WorkerThread implements PoolThread {
  // Answers come in the order of the jobs.
  private readonly waiting: { resolve(result: unknown): void; reject(error: unknown): void }[] = [];
  private ended: PhlbError | undefined;

  constructor(private readonly worker: Worker) {
    worker.on('message', (answer: JobAnswer) => {
      const job = this.waiting.shift();
      if ('error' in answer) job?.reject(fromErrorData(answer.error));
      else job?.resolve(answer.result);
    });
    worker.on('error', cause => this.end(cause));
    worker.on('exit', () => this.end(undefined));
  }

  run<N extends JobName>(name: N, request: Jobs[N][0]): Promise<Jobs[N][1]> {
    if (this.ended) return Promise.reject(this.ended);
    return new Promise<unknown>((resolve, reject) => {
      this.waiting.push({ resolve, reject });
      this.worker.postMessage({ name, request } satisfies JobMessage);
    }) as Promise<Jobs[N][1]>;
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private end(cause: unknown): void {
    this.ended ??= new PhlbError('crashed', phrase`A thread ended unexpectedly`, { cause });
    for (const job of this.waiting.splice(0)) job.reject(this.ended);
  }
}
