/** The threads that do the jobs. The engine is handed a pool; it does not know how its threads come about. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { PhlbError } from '../words/errors.js';
import { phrase } from '../words/phrase.js';
import type { JobName, Jobs } from './jobs.js';
import { ThreadCalls, type Answer } from './thread-calls.js';

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
  id: number;
  name: JobName;
  request: unknown;
}

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
  private readonly calls: ThreadCalls;

  constructor(private readonly worker: Worker) {
    worker.on('message', (answer: Answer) => this.calls.settle(answer));
    this.calls = new ThreadCalls(worker);
  }

  run<N extends JobName>(name: N, request: Jobs[N][0]): Promise<Jobs[N][1]> {
    const { answer } = this.calls.send(id => ({ id, name, request }) satisfies JobMessage);
    return answer as Promise<Jobs[N][1]>;
  }

  async close(): Promise<void> {
    this.calls.end(new PhlbError('crashed', phrase`A thread was ended before its work was done`));
    await this.worker.terminate();
  }
}
