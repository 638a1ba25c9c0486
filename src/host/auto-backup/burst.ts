/** No change for so long, and what happened is over. */
const QUIET_MS = 2000;
/** What goes on for longer is looked at in between. */
const LONGEST_MS = 20_000;
/** As many paths are remembered. */
export const PATHS_AT_MOST = 20_000;

/** Paths with whether each was deleted, rather than created or changed. */
export type Paths = ReadonlyMap<string, boolean>;

/** What has changed in one go. */
export interface Happening {
  paths: Paths;
  /** there were more than could be remembered */
  more: boolean;
  /** of the first and of the last change; milliseconds since the epoch, as are all times here */
  began: number;
  ended: number;
}

/** Changes that follow each other within seconds. */
export class Burst {
  private paths = new Map<string, boolean>();
  private more = false;
  private began = 0;
  private last = 0;
  private mutedUntil = 0;

  /** @param began of the first of them @param ended of the last */
  add(paths: Paths, more: boolean, began: number, ended: number): void {
    if (began - this.last > QUIET_MS) this.mutedUntil = 0;
    if (began < this.mutedUntil) {
      this.last = ended;
      return;
    }
    if (this.paths.size === 0) this.began = began;
    this.more ||= more;
    for (const [path, deleted] of paths) {
      // A file that is written to all the time must not put it off.
      if (!this.paths.has(path)) this.last = ended;
      if (this.paths.size < PATHS_AT_MOST || this.paths.has(path)) this.paths.set(path, deleted);
      else this.more = true;
    }
  }

  /** When it is to be looked at; `undefined`: there is nothing. */
  get ripeAt(): number | undefined {
    return this.paths.size === 0 ? undefined : Math.min(this.last + QUIET_MS, this.began + LONGEST_MS);
  }

  /** What has happened since it was last taken. */
  take(): Happening {
    const { paths, more, began, last } = this;
    this.paths = new Map();
    this.more = false;
    return { paths, more, began, ended: last };
  }

  /**
   * All is known that is to be known of it: whatever comes until it has been quiet belongs to it.
   * @param longest milliseconds after which something new may have begun all the same
   */
  mute(longest = Infinity): void {
    this.take();
    this.mutedUntil = this.last + longest;
  }
}
