/**
 * The jobs that are under way in which a thread may be storing a content without asking: those that walk and those that read. It
 * tells of it when the job is done: whoever has the same content waits until all jobs that were under way have told. After that
 * its first file is known.
 */
export class StoringJobs {
  /** whoever waits is called at once: the run has failed */
  isGivenUp = false;
  private readonly underWay = new Set<number>();
  /** each with the number of the first job that it does not wait for; in their order */
  private readonly waiting: { until: number; go: () => void }[] = [];
  private begun = 0;

  /** None is under way. */
  get areIdle(): boolean {
    return this.underWay.size === 0;
  }

  /** Returns the job's number. */
  begin(): number {
    this.underWay.add(this.begun);
    return this.begun++;
  }

  /** The job has told, and all that it told has been taken in. */
  end(number: number): void {
    this.underWay.delete(number);
    this.release();
  }

  giveUp(): void {
    this.isGivenUp = true;
    this.release();
  }

  /** Calls `go` when all jobs of this moment have told. */
  afterThese(go: () => void): void {
    this.waiting.push({ until: this.begun, go });
  }

  /** Resolves when all jobs of this moment have told. */
  told(): Promise<void> {
    return new Promise(resolve => {
      this.afterThese(resolve);
      this.release();
    });
  }

  private release(): void {
    const oldest = this.isGivenUp ? Infinity : Math.min(...this.underWay, this.begun);
    const still = this.waiting.findIndex(({ until }) => until > oldest);
    for (const { go } of this.waiting.splice(0, still < 0 ? Infinity : still)) go();
  }
}
