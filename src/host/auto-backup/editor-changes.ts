/** Events of the file system come so much later than what they tell of, at most. */
const DELAY_MS = 5000;
/** Nobody asks about what is longer ago. */
const KEPT_MS = 5 * 60_000;
const TRIMMED_FROM = 1000;

/** What the editor itself has done to files lately: saved, renamed, deleted. That is no accident of another program's. */
export class EditorChanges {
  /** by path, oldest first; milliseconds since the epoch */
  private readonly times = new Map<string, number>();

  /** @param path of a file or a folder, absolute, with `/` between its names */
  note(path: string, at: number): void {
    this.times.delete(path);
    this.times.set(path, at);
    if (this.times.size > TRIMMED_FROM) this.trim(at);
  }

  /** Whether a change that was told at `at` or later may be one of these: of the path itself, or of a folder above it. */
  has(path: string, at: number): boolean {
    if (this.times.size === 0) return false;
    for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
      const time = this.times.get(path.slice(0, end));
      if (time !== undefined && time >= at - DELAY_MS) return true;
    }
    return false;
  }

  private trim(now: number): void {
    for (const [path, at] of this.times) {
      if (now - at < KEPT_MS) return;
      this.times.delete(path);
    }
  }
}
