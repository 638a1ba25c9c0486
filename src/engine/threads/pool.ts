/** Who does the jobs: this thread, as long as there is little to do, and then others. */
import { availableParallelism } from 'node:os';
import { setImmediate as afterWhatWaits } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import type { FolderId } from '../files/held-folder.js';
import { fromErrorData, PhlbError, toErrorData } from '../words/errors.js';
import { phrase } from '../words/phrase.js';
import { Executor } from './executor.js';
import type { JobName, Jobs, ThreadSetup } from './jobs.js';
import { MOMENT_MS } from './moment.js';
import { ThreadCalls, type Answer } from './thread-calls.js';

/** One thread; it does its jobs in the order of the calls. */
export interface PoolThread {
  run<N extends JobName>(name: N, request: Jobs[N][0]): Promise<Jobs[N][1]>;
}

export interface Pool {
  /** each starts with its first job */
  readonly threads: readonly PoolThread[];
  /** the caller's own thread, for jobs that are done in a moment: what else waits for this thread comes between two of them */
  readonly own: PoolThread;
  /** whether there is, or has been, so much to do that other threads pay */
  readonly pays: boolean;
  /** who does a moment's work now: this thread, or all others once they pay */
  readonly forMoments: readonly PoolThread[];
  /** Starts all threads: for who knows that there will be much to do, and has something else to do meanwhile. */
  start(): void;
  /** What each thread is to know before its next job. @throws PhlbError what a thread cannot do with it */
  setUp(setup: ThreadSetup): void;
  /** What is under way is given up. */
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

/** @param script of its threads: it must call `servePool` */
export function openPool(script: string, size: number): Pool {
  return new ThreadPool(script, size);
}

class ThreadPool implements Pool {
  readonly own = new OwnThread();
  readonly threads: readonly WorkerThread[];

  constructor(script: string, size: number) {
    this.threads = Array.from({ length: size }, () => new WorkerThread(script));
  }

  get pays(): boolean {
    return this.own.worked > MOMENT_MS || this.threads.some(thread => thread.isStarted);
  }

  get forMoments(): readonly PoolThread[] {
    return this.pays ? this.threads : [this.own];
  }

  start(): void {
    for (const thread of this.threads) thread.start();
  }

  setUp(setup: ThreadSetup): void {
    const source = this.own.setUp(setup);
    for (const thread of this.threads) thread.setUp({ ...setup, source });
  }

  async close(): Promise<void> {
    this.own.close();
    await Promise.all(this.threads.map(thread => thread.close()));
  }
}

class OwnThread implements PoolThread {
  /** ms */
  worked = 0;
  private readonly executor = new Executor();
  private isClosed = false;

  setUp(setup: ThreadSetup): FolderId {
    return this.executor.setUp(setup);
  }

  async run<N extends JobName>(name: N, request: Jobs[N][0]): Promise<Jobs[N][1]> {
    await afterWhatWaits();
    if (this.isClosed) throw endedEarly();
    const began = performance.now();
    try {
      return await this.executor.execute(name, request);
    } catch (error) {
      throw fromErrorData(toErrorData(error));
    } finally {
      this.worked += performance.now() - began;
    }
  }

  close(): void {
    this.isClosed = true;
    this.executor.close();
  }
}

class WorkerThread implements PoolThread {
  private started: { worker: Worker; calls: ThreadCalls } | undefined;
  /** it has not been told yet */
  private setup: ThreadSetup | undefined;
  private isClosed = false;

  constructor(private readonly script: string) {}

  get isStarted(): boolean {
    return this.started !== undefined;
  }

  setUp(setup: ThreadSetup): void {
    this.setup = setup;
  }

  async run<N extends JobName>(name: N, request: Jobs[N][0]): Promise<Jobs[N][1]> {
    const { setup } = this;
    if (!setup) return this.send(name, request);
    this.setup = undefined;
    const [, result] = await Promise.all([this.send('setup', setup), this.send(name, request)]);
    return result;
  }

  start(): { worker: Worker; calls: ThreadCalls } {
    if (this.started) return this.started;
    if (this.isClosed) throw endedEarly();
    const worker = new Worker(this.script, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
    worker.on('message', (answer: Answer) => calls.settle(answer));
    const calls = new ThreadCalls(worker);
    return (this.started = { worker, calls });
  }

  async close(): Promise<void> {
    this.isClosed = true;
    this.started?.calls.end(endedEarly());
    await this.started?.worker.terminate();
  }

  private async send<N extends JobName>(name: N, request: Jobs[N][0]): Promise<Jobs[N][1]> {
    const { answer } = this.start().calls.send(id => ({ id, name, request }) satisfies JobMessage);
    return (await answer) as Jobs[N][1];
  }
}

function endedEarly(): PhlbError {
  return new PhlbError('crashed', phrase`A thread was ended before its work was done`);
}
