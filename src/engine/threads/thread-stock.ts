import { Worker } from 'node:worker_threads';
import { PhlbError } from '../words/errors.js';
import { phrase } from '../words/phrase.js';
import type { JobName, Jobs } from './jobs.js';
import { ThreadCalls, type Answer } from './thread-calls.js';

/** To a thread. */
export interface JobMessage {
  id: number;
  name: JobName;
  request: unknown;
}

// What lives for one file or one message only. More would not be collected less often to any effect, but stay resident.
const YOUNG_MB = 16;
/** How long one waits for the next call, ms: somebody has read what a restore would do, and says yes. */
const IDLE_MS = 30_000;

/**
 * The threads of an engine. One that a call is done with waits some time for the next call, which so need not wait for
 * threads to start: each costs some 0.1 s of a processor (docs/design.md).
 */
export class ThreadStock {
  private readonly all = new Set<StartedThread>();
  private readonly waiting: StartedThread[] = [];
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  /** @param script of its threads: it must call `servePool` */
  constructor(
    private readonly script: string,
    private readonly idleMs = IDLE_MS,
  ) {}

  /** One that waits, or a new one. */
  take(): StartedThread {
    for (let thread = this.waiting.pop(); thread; thread = this.waiting.pop()) if (!thread.isOver) return thread;
    if (this.isClosed) throw endedEarly();
    const thread = new StartedThread(this.script);
    this.all.add(thread);
    void thread.gone.then(() => this.all.delete(thread));
    return thread;
  }

  /** Resolves when it has let go of all that it held. One that still works, or is gone, is not kept. */
  async giveBack(thread: StartedThread): Promise<void> {
    if (!(await thread.letsGo()) || this.isClosed) return thread.end();
    this.waiting.push(thread);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.endWaiting(), this.idleMs);
    this.timer.unref();
  }

  /** Ends all its threads, also those that work. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearTimeout(this.timer);
    await Promise.all([...this.all].map(thread => thread.end()));
  }

  private async endWaiting(): Promise<void> {
    await Promise.all(this.waiting.splice(0).map(thread => thread.end()));
  }
}

/** A thread and its calls. */
export class StartedThread {
  /** resolves when it has ended */
  readonly gone: Promise<void>;
  private readonly worker: Worker;
  private readonly calls: ThreadCalls;

  constructor(script: string) {
    this.worker = new Worker(script, { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } });
    this.worker.on('message', (answer: Answer) => this.calls.settle(answer));
    this.calls = new ThreadCalls(this.worker);
    this.gone = new Promise(resolve => this.worker.once('exit', () => resolve()));
  }

  /** Whether it takes no calls any more. */
  get isOver(): boolean {
    return this.calls.isOver;
  }

  async send<N extends JobName>(name: N, request: Jobs[N][0]): Promise<Jobs[N][1]> {
    const { answer } = this.calls.send(id => ({ id, name, request }) satisfies JobMessage);
    return (await answer) as Jobs[N][1];
  }

  /** Has it forget what it was set up for; `false` where it cannot, since it works or is gone. */
  async letsGo(): Promise<boolean> {
    if (this.calls.size > 0) return false;
    return this.send('letGo', null).then(
      () => true,
      () => false,
    );
  }

  /** What is under way is given up. */
  async end(): Promise<void> {
    this.calls.end(endedEarly());
    await this.worker.terminate();
  }
}

/** What a job is told whose thread was ended by PHLB itself. */
export function endedEarly(): PhlbError {
  return new PhlbError('crashed', phrase`A thread was ended before its work was done`);
}
