/** What all snapshots of a store were found to take, as remembered. */
export interface StoreSize {
  bytes: number;
  /** when that was measured, in milliseconds */
  at: number;
  /** the limit beyond which the user was told; until it is lower again, or another one is set, there is no more to say */
  warnedFor?: number;
}

const DAY_MS = 24 * 3_600_000;

/** Whether the size has to be measured again. One of the future was measured before the clock was set back. */
export function mustMeasure({ at }: StoreSize, now: number): boolean {
  return now - at >= DAY_MS || at > now;
}

export function mustWarn({ bytes, warnedFor }: StoreSize, limit: number): boolean {
  return bytes > limit && warnedFor !== limit;
}
