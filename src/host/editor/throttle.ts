/**
 * One run going and at most one queued: whoever asks while one is queued gets that one's result. So a burst of
 * requests costs two runs, and each request is followed by a run that started after it.
 */
export class Throttle<T> {
  private current: Promise<T> | undefined;
  private next: Promise<T> | undefined;

  constructor(private readonly work: () => Promise<T>) {}

  run(): Promise<T> {
    if (!this.current) {
      this.current = this.work().finally(() => (this.current = undefined));
      return this.current;
    }
    this.next ??= this.current
      .catch(() => undefined)
      .then(() => {
        this.next = undefined;
        return this.run();
      });
    return this.next;
  }
}
