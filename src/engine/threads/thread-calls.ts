import type { Worker } from 'node:worker_threads';
import { fromErrorData, PhlbError, tooManyFiles, type ErrorData } from '../words/errors.js';
import { phrase, type Phrase } from '../words/phrase.js';

/** From a thread; `id`: of the call that it answers. */
export type Answer = { id: number; result: unknown } | { id: number; error: ErrorData };

interface Waiting {
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

/**
 * The calls of one thread. Each is settled: by its answer or, when the thread is gone, whoever ended it and however, by an
 * error. The thread keeps the process alive while it works, and not a moment longer.
 */
export class ThreadCalls {
  private readonly waiting = new Map<number, Waiting>();
  private lastId = 0;
  private over: PhlbError | undefined;

  /**
   * @param worker listened to already: a listener to its messages keeps the process alive again
   * @param lost what a call is told whose thread has ended by itself
   */
  constructor(
    private readonly worker: Worker,
    private readonly lost: Phrase = phrase`A thread ended unexpectedly`,
  ) {
    worker.on('error', cause => this.crash(cause));
    // What cannot be understood may have been any call's answer.
    worker.on('messageerror', cause => {
      this.crash(cause);
      void worker.terminate();
    });
    worker.on('exit', () => this.crash(undefined));
    worker.unref();
  }

  /** How many are not settled. */
  get size(): number {
    return this.waiting.size;
  }

  /** Whether the thread takes no calls any more. */
  get isOver(): boolean {
    return this.over !== undefined;
  }

  /** Sends a message with the call's number in it. The promise rejects with what `postMessage` throws for what cannot be sent. */
  send(message: (id: number) => object): { id: number; answer: Promise<unknown> } {
    const id = ++this.lastId;
    const answer = new Promise<unknown>((resolve, reject) => {
      if (this.over) throw this.over;
      this.worker.postMessage(message(id));
      if (this.waiting.size === 0) this.worker.ref();
      this.waiting.set(id, { resolve, reject });
    });
    return { id, answer };
  }

  settle(answer: Answer): void {
    const call = this.take(answer.id);
    if ('error' in answer) call?.reject(fromErrorData(answer.error));
    else call?.resolve(answer.result);
  }

  /** Gives one call up; its answer, if it still comes, goes nowhere. */
  reject(id: number, error: PhlbError): void {
    this.take(id)?.reject(error);
  }

  /** Gives all calls up; there will be no others. */
  end(error: PhlbError): void {
    this.over ??= error;
    for (const id of [...this.waiting.keys()]) this.reject(id, error);
  }

  private crash(cause: unknown): void {
    this.end(tooManyFiles(cause) ?? new PhlbError('crashed', this.lost, { cause }));
  }

  private take(id: number): Waiting | undefined {
    const call = this.waiting.get(id);
    if (this.waiting.delete(id) && this.waiting.size === 0) this.worker.unref();
    return call;
  }
}
