import type { Pool, PoolThread } from '../threads/pool.js';

export type Job = (thread: PoolThread) => Promise<void>;

// Two jobs a thread: one under way, one at hand.
const PER_THREAD = 2;

/** Keeps all threads of a pool at work as long as there are jobs, or jobs under way of which others may come. */
export class Lanes {
  private busy = 0;
  private isStopped = false;
  private wake: (() => void)[] = [];

  /**
   * @param next the next job; `undefined`: there is none at the moment. What it throws ends them all
   * @param onFailure called at once when a job fails, while others are still under way
   */
  constructor(
    private readonly pool: Pool,
    private readonly next: () => Job | undefined,
    private readonly onFailure: () => void,
  ) {}

  /** Ends when all are done. @throws what a job or `next` has thrown */
  async run(): Promise<void> {
    const lanes = this.pool.threads.flatMap(thread => Array.from({ length: PER_THREAD }, () => this.lane(thread)));
    for (const lane of await Promise.allSettled(lanes)) if (lane.status === 'rejected') throw lane.reason;
  }

  /** No job is begun any more. */
  stop(): void {
    this.isStopped = true;
  }

  private async lane(thread: PoolThread): Promise<void> {
    try {
      while (!this.isStopped) {
        const job = this.next();
        if (!job) {
          if (this.busy === 0) break;
          await new Promise<void>(resolve => this.wake.push(resolve));
          continue;
        }
        this.busy++;
        try {
          await job(thread);
        } finally {
          this.busy--;
          this.wakeAll();
        }
      }
      this.wakeAll();
    } catch (error) {
      this.stop();
      this.wakeAll();
      this.onFailure();
      throw error;
    }
  }

  private wakeAll(): void {
    for (const wake of this.wake.splice(0)) wake();
  }
}
