/** Who does the jobs of one call: this thread, as long as there is little to do, and then others. */
import { availableParallelism } from 'node:os';
import { setImmediate as afterWhatWaits } from 'node:timers/promises';
import type { FolderId } from '../files/held-folder.js';
import { fromErrorData, toErrorData } from '../words/errors.js';
import { Executor } from './executor.js';
import type { JobName, Jobs, ThreadSetup } from './jobs.js';
import { MOMENT_MS } from './moment.js';
import { endedEarly, type StartedThread, type ThreadStock } from './thread-stock.js';

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

/** How many threads pay: the disk's queue and the kernel's locks leave little to more than four. */
export function poolSize(): number {
  return Math.max(1, Math.min(4, availableParallelism()));
}

/** @param stock what its threads are taken from, and given back to */
export function openPool(stock: ThreadStock, size: number): Pool {
  return new ThreadPool(stock, size);
}

class ThreadPool implements Pool {
  readonly own = new OwnThread();
  readonly threads: readonly WorkerThread[];

  constructor(stock: ThreadStock, size: number) {
    this.threads = Array.from({ length: size }, () => new WorkerThread(stock));
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
  private started: StartedThread | undefined;
  /** it has not been told yet */
  private setup: ThreadSetup | undefined;
  private isClosed = false;

  constructor(private readonly stock: ThreadStock) {}

  get isStarted(): boolean {
    return this.started !== undefined;
  }

  setUp(setup: ThreadSetup): void {
    this.setup = setup;
  }

  async run<N extends JobName>(name: N, request: Jobs[N][0]): Promise<Jobs[N][1]> {
    const thread = this.start();
    const { setup } = this;
    if (!setup) return thread.send(name, request);
    this.setup = undefined;
    const [, result] = await Promise.all([thread.send('setup', setup), thread.send(name, request)]);
    return result;
  }

  start(): StartedThread {
    if (this.isClosed) throw endedEarly();
    return (this.started ??= this.stock.take());
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    if (this.started) await this.stock.giveBack(this.started);
  }
}
