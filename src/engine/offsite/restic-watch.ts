/** How a restic that runs is watched: what it says of its way, and when it is not waited for any longer. */
import { isCancelled, type Call } from '../words/call.js';

const POLL_MS = 100;
/** It removes its lock when it is asked to end, if it can; then it is ended hard. */
const ENDING_MS = 10_000;
const ENDING_UNANSWERED_MS = 1000;

/** A line of what restic prints with `--json`. */
export type ResticMessage = Record<string, unknown>;

/** A number of a message; 0 where it has none. */
export function numberIn(message: ResticMessage, key: string): number {
  const value = message[key];
  return typeof value === 'number' && Number.isFinite(value) ? value : 0;
}

/** Tells whether anything moves on: restic says twice a second how far it is, also when nothing does. */
export class Movement {
  private last = '';

  of(message: ResticMessage): boolean {
    const now = JSON.stringify({ ...message, seconds_elapsed: 0, seconds_remaining: 0 });
    const hasMoved = now !== this.last;
    this.last = now;
    return hasMoved;
  }
}

/** Ends a restic that is not wanted any more, or that waits for a server that has gone. */
export class Watch {
  why: 'cancelled' | 'silent' | undefined;
  private readonly timer: NodeJS.Timeout;
  private movedAt = performance.now();
  private complainedAt: number | undefined;
  private endedAt: number | undefined;

  constructor(
    private readonly child: { kill(signal: 'SIGINT' | 'SIGKILL'): unknown },
    private readonly call: Call,
    private readonly silenceMs: number,
    private readonly patienceMs: number,
  ) {
    this.timer = setInterval(() => this.look(), POLL_MS);
  }

  moved(): void {
    this.movedAt = performance.now();
    this.complainedAt = undefined;
  }

  complained(): void {
    this.complainedAt ??= performance.now();
  }

  end(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    const now = performance.now();
    if (this.endedAt !== undefined) {
      const patience = this.why === 'silent' ? ENDING_UNANSWERED_MS : ENDING_MS;
      if (now - this.endedAt > patience) this.child.kill('SIGKILL');
      return;
    }
    const isSilent =
      now - this.movedAt > this.silenceMs ||
      (this.complainedAt !== undefined && now - this.complainedAt > this.patienceMs);
    if (isCancelled(this.call)) this.why = 'cancelled';
    else if (isSilent) this.why = 'silent';
    else return;
    this.endedAt = now;
    this.child.kill('SIGINT');
  }
}
