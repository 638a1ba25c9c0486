/** Work that is done one after the other. Of what is done, nothing is kept. */
export class OneAtATime {
  private tail: Promise<void> = Promise.resolve();

  /** @param work begins at once, and waits for `before`, which never rejects, as soon as it has to be alone */
  take<T>(work: (before: Promise<void>) => Promise<T>): Promise<T> {
    const before = this.tail;
    const done = work(before);
    // Not the results: each would hold the one before it, for as long as the window is open.
    this.tail = Promise.allSettled([before, done]).then(() => undefined);
    return done;
  }
}
