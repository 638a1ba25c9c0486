import type { Pool, PoolThread } from './pool.js';

export interface Job {
  run: (thread: PoolThread) => Promise<void>;
  /** it may take longer than a moment: no other than a thread of the pool may do it */
  isLong: boolean;
}

/**
 * Gets jobs done as long as there are any, or jobs under way of which others may come: by this thread while it is a moment's
 * work, and from then on by all threads of the pool.
 */
export class Lanes {
  private readonly lanes: Promise<unknown>[] = [];
  /** the first job of the other threads */
  private handedOver: Job | undefined;
  private busy = 0;
  private isStopped = false;
  private failure: { error: unknown } | undefined;
  private wake: (() => void)[] = [];

  /**
   * @param next the next job; `undefined`: there is none at the moment. What it throws ends them all
   * @param onFailure called at once when a job fails, while others are still under way
   * @param perThread jobs of each thread at a time: one under way, the others at hand
   */
  constructor(
    private readonly pool: Pool,
    private readonly next: () => Job | undefined,
    private readonly onFailure: () => void,
    private readonly perThread: number,
  ) {}

  /** Ends when all are done. @throws what a job or `next` has thrown first */
  async run(): Promise<void> {
    if (this.pool.pays) this.openAll();
    else this.open(() => this.ownLane());
    // There may come others meanwhile.
    for (const lane of this.lanes) await lane;
    if (this.failure) throw this.failure.error;
  }

  /** No job is begun any more. */
  stop(): void {
    this.isStopped = true;
  }

  private openAll(): void {
    const { pool, perThread } = this;
    for (const thread of pool.threads) {
      for (let i = 0; i < perThread; i++) this.open(() => this.laneOf(thread));
    }
  }

  private open(work: () => Promise<void>): void {
    this.lanes.push(Promise.allSettled([this.lane(work)]));
  }

  private async ownLane(): Promise<void> {
    while (!this.isStopped) {
      const job = this.next();
      if (job && (job.isLong || this.pool.pays)) {
        this.handedOver = job;
        return this.openAll();
      }
      if (job) await this.do(job, this.pool.own);
      else if (!(await this.othersCome())) break;
    }
  }

  private async laneOf(thread: PoolThread): Promise<void> {
    while (!this.isStopped) {
      const job = this.handedOver ?? this.next();
      this.handedOver = undefined;
      if (job) await this.do(job, thread);
      else if (!(await this.othersCome())) break;
    }
  }

  private async lane(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.failure ??= { error };
      this.stop();
      this.onFailure();
      throw error;
    } finally {
      this.wakeAll();
    }
  }

  private async do(job: Job, thread: PoolThread): Promise<void> {
    this.busy++;
    try {
      await job.run(thread);
    } finally {
      this.busy--;
      this.wakeAll();
    }
  }

  // Whether there may be a job, by now.
  private async othersCome(): Promise<boolean> {
    if (this.busy === 0) return false;
    await new Promise<void>(resolve => this.wake.push(resolve));
    return true;
  }

  private wakeAll(): void {
    for (const wake of this.wake.splice(0)) wake();
  }
}
