import type { AutoBackupMode } from '../../contributions.js';

/** Lets an editor finish a "save all", and another program its work, before it is backed up; no longer than an interval. */
const SETTLE_MS = 5000;
/** A window that starts has other things to do than to look for what has changed while there was none. */
const START_MS = 30_000;
/** Without any change that was told, a run looks for what was not told every so many intervals, at the latest after an hour. */
const LOOK_INTERVALS = 6;
const LOOK_MS = 60 * 60_000;

export interface ScheduleInput {
  mode: AutoBackupMode;
  intervalMinutes: number;
  /** milliseconds since the epoch, as are all times here */
  now: number;
  lastRun: number | undefined;
  /** whether something was saved, or told to have changed, that no run has taken yet */
  pending: boolean;
  /** on change: there may be changes that nobody was there to be told of */
  unseen: boolean;
}

/** When the next automatic run is due; `undefined`: not at all. */
export function nextRun({ mode, intervalMinutes, now, lastRun, pending, unseen }: ScheduleInput): number | undefined {
  if (mode === 'off' || (mode === 'onSave' && !pending)) return undefined;
  // A last run in the future means that the clock was set back: it must not hold up the next one.
  const last = lastRun === undefined || lastRun > now ? undefined : lastRun;
  const interval = intervalMinutes * 60_000;
  const waits = mode !== 'onChange' || pending;
  const soonest = now + Math.min(waits ? SETTLE_MS : START_MS, interval);
  const pause = waits || unseen ? interval : lookInterval(interval);
  return last === undefined ? soonest : Math.max(soonest, last + pause);
}

/** What `files.watcherExclude` and a watcher's limits leave untold is found by a run without a reason. Milliseconds. */
function lookInterval(interval: number): number {
  return Math.max(interval, Math.min(LOOK_INTERVALS * interval, LOOK_MS));
}

/**
 * When a run that is due may start: other programs have changed nothing for a moment. Changes without end put it off by an
 * interval, no longer.
 * @param due when it was due first; milliseconds since the epoch, as are all times here
 */
export function quietFrom(due: number, lastChange: number | undefined, intervalMinutes: number): number {
  const interval = intervalMinutes * 60_000;
  return lastChange === undefined ? due : Math.min(lastChange + Math.min(SETTLE_MS, interval), due + interval);
}

/** Whether saves have gone without a backup for so long that the user should know. */
export function isOverdue(pendingSince: number | undefined, intervalMinutes: number, now: number): boolean {
  return pendingSince !== undefined && now - pendingSince > 3 * intervalMinutes * 60_000 + SETTLE_MS;
}
