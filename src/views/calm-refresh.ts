/** A node that is opened while the tree around it is refreshed stays empty in the editor (seen in VS Code 1.139). */
const CALM_MS = 300;
/** A drive that does not answer must not keep the rest of the tree from being shown anew. */
const WAITED_AT_MOST_MS = 5000;

/** Refreshes a tree when none of its nodes is being opened, and once more where that happened all the same. */
export class CalmRefresh<T> {
  /** nodes that are being opened right now */
  private opening = 0;
  private openedAt = Number.NEGATIVE_INFINITY;
  /** how often the roots are being read right now */
  private readingRoots = 0;
  /** whether the editor was told to read them anew, and has not begun to: it lets a moment pass */
  private rootsAwaited = false;
  /** whether a node was opened while the roots were read, or were to be */
  private crossed = false;
  /** what is to be refreshed; `undefined`: all of it */
  private readonly due = new Set<T | undefined>();
  private dueSince = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param fire refreshes a node and what is below it; `undefined`: all of them */
  constructor(private readonly fire: (node: T | undefined) => void) {}

  ask(node?: T): void {
    if (this.due.size === 0) this.dueSince = performance.now();
    this.due.add(node);
    this.timer ??= setTimeout(() => this.fireWhenCalm());
  }

  /** Reads what is below a node; `undefined`: the roots. */
  async read<R>(node: T | undefined, children: () => Promise<R>): Promise<R> {
    const isRoot = node === undefined;
    if (isRoot) {
      this.readingRoots++;
      this.rootsAwaited = false;
    } else this.opening++;
    if ((this.readingRoots > 0 || this.rootsAwaited) && this.opening > 0) this.crossed = true;
    try {
      return await children();
    } finally {
      if (isRoot) this.readingRoots--;
      else {
        this.opening--;
        this.openedAt = performance.now();
      }
      if (this.crossed && !this.rootsAwaited && this.readingRoots === 0 && this.opening === 0) {
        this.crossed = false;
        this.ask();
      }
    }
  }

  dispose(): void {
    clearTimeout(this.timer);
    // Nothing is asked for any more.
    this.timer = undefined;
    this.due.clear();
  }

  private fireWhenCalm(): void {
    const now = performance.now();
    const isCalm = this.opening === 0 && now - this.openedAt > CALM_MS;
    if (!isCalm && now - this.dueSince < WAITED_AT_MOST_MS) {
      this.timer = setTimeout(() => this.fireWhenCalm(), CALM_MS);
      return;
    }
    this.timer = undefined;
    const due = this.due.has(undefined) ? [undefined] : [...this.due];
    this.due.clear();
    this.rootsAwaited ||= due.includes(undefined);
    for (const node of due) this.fire(node);
  }
}
