import { PhlbError } from '../engine/words/errors.js';

/** Lets some calls through at a time, in the order in which they came, and few wait. */
export class Gate {
  private passing = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly most: number,
    private readonly mostWaiting: number,
  ) {}

  /** @throws PhlbError `usage` when too many wait, `cancelled` when `signal` aborts before its turn has come */
  async pass<T>(signal: AbortSignal, act: () => Promise<T>): Promise<T> {
    await this.turn(signal);
    try {
      return await act();
    } finally {
      this.passing--;
      this.waiting.shift()?.();
    }
  }

  private turn(signal: AbortSignal): Promise<void> {
    if (signal.aborted) return Promise.reject(PhlbError.cancelled());
    if (this.passing < this.most) {
      this.passing++;
      return Promise.resolve();
    }
    if (this.waiting.length >= this.mostWaiting) {
      return Promise.reject(new PhlbError('usage', 'Too many calls at once', { hint: 'wait for some of them' }));
    }
    return new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', leave);
        this.passing++;
        resolve();
      };
      const leave = (): void => {
        this.waiting.splice(this.waiting.indexOf(go), 1);
        reject(PhlbError.cancelled());
      };
      this.waiting.push(go);
      signal.addEventListener('abort', leave, { once: true });
    });
  }
}
