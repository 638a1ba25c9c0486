import type { Progress } from '../../engine/words/model.js';

/** Before that nobody asks, and nothing can be said of it. */
const FROM_MS = 10_000;
/** Of a guess at the end nothing is said once it is near: it may be passed. */
const NEAR = 0.95;

/** How long something still takes, told no finer than it can be known: `soon` is less than a minute. */
export type TimeLeft = 'soon' | { minutes: number } | { hours: number };

/** Works out, from how far a call has come since it began, how long it still takes. Each phase is one for itself. */
export class Estimate {
  private begun: { phase: Progress['phase']; at: number; done: number } | undefined;
  private last = 0;

  /** @param now milliseconds */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** `undefined` while nothing can be said */
  after(progress: Progress): TimeLeft | undefined {
    const done = partDone(progress);
    if (done === undefined) return undefined;
    // Back at the beginning: the next folder's turn.
    if (this.begun?.phase !== progress.phase || done < this.last) {
      this.begun = { phase: progress.phase, at: this.now(), done };
    }
    this.last = done;
    const took = this.now() - this.begun.at;
    const came = done - this.begun.done;
    if (took < FROM_MS || came <= 0 || done >= (isGuessed(progress) ? NEAR : 1)) return undefined;
    return coarsely(((1 - done) * took) / came);
  }
}

function partDone({ files, bytes, totalFiles, totalBytes, expectedFiles }: Progress): number | undefined {
  if (totalBytes) return Math.min(1, bytes / totalBytes);
  const total = totalFiles ?? expectedFiles;
  return total ? Math.min(1, files / total) : undefined;
}

function isGuessed({ totalBytes, totalFiles }: Progress): boolean {
  return !totalBytes && totalFiles === undefined;
}

function coarsely(ms: number): TimeLeft | undefined {
  const minutes = ms / 60_000;
  if (minutes < 0.9) return 'soon';
  if (minutes < 9.5) return { minutes: Math.round(minutes) };
  if (minutes < 57) return { minutes: 5 * Math.round(minutes / 5) };
  const hours = Math.round(minutes / 60);
  // What is so far away nobody can know.
  return hours <= 48 ? { hours } : undefined;
}
