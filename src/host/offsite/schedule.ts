import type { OffsiteSchedule } from '../../contributions.js';

/** A window that starts has other things to do. */
const START_MS = 60_000;
/** A server that was away is not asked again sooner. */
const SOONEST_RETRY_MS = 10 * 60_000;
const PERIODS: Readonly<Record<OffsiteSchedule, number | undefined>> = {
  off: undefined,
  hourly: 3_600_000,
  daily: 24 * 3_600_000,
};
/** After so many periods without a copy a user has to know. */
const PATIENCE = 3;

/** What is remembered of the copies to one repository. Milliseconds since the epoch, as are all times here. */
export interface CopyHistory {
  /** when the last push came to its end */
  success?: number;
  /** when the last one failed; none since a success */
  failure?: number;
  /** the first failure since the last success */
  failingSince?: number;
  /** the user was told of it */
  told?: true;
}

/** When the next copy is due; `undefined`: not at all. */
export function nextCopy(schedule: OffsiteSchedule, history: CopyHistory, now: number): number | undefined {
  const period = PERIODS[schedule];
  if (period === undefined) return undefined;
  // What was in the future means that the clock was set back: it must not hold up the next one.
  const past = (time: number | undefined): number | undefined => (time === undefined || time > now ? undefined : time);
  const [success, failure] = [past(history.success), past(history.failure)];
  const due = success === undefined ? 0 : success + period;
  const retry = failure === undefined ? 0 : failure + Math.max(period / 4, SOONEST_RETRY_MS);
  return Math.max(due, retry, now);
}

/** When a window that has just been opened looks first. */
export function firstLook(now: number): number {
  return now + START_MS;
}

/** Whether copies have failed for so long that the user has to know, and was not told yet. */
export function mustWarn(schedule: OffsiteSchedule, { failingSince, told }: CopyHistory, now: number): boolean {
  const period = PERIODS[schedule];
  if (period === undefined || failingSince === undefined || told) return false;
  return now - failingSince >= PATIENCE * period;
}

/** With a push that the command line or another window has brought to its end. */
export function withPush(history: CopyHistory, at: number): CopyHistory {
  const { success = 0, failure = 0, failingSince = at } = history;
  if (!(at > success)) return history;
  return failure > at ? { ...history, success: at, failingSince: Math.max(failingSince, at) } : { success: at };
}

/** With a push that has failed. */
export function afterFailure(history: CopyHistory, now: number): CopyHistory {
  const { failingSince = now } = history;
  return { ...history, failure: now, failingSince: Math.min(failingSince, now) };
}
