import type { AutoBackupMode } from '../../contributions.js';

/** Lets an editor finish a "save all" before it is backed up. */
const SETTLE_MS = 5000;

export interface ScheduleInput {
  mode: AutoBackupMode;
  intervalMinutes: number;
  /** milliseconds since the epoch, as are all times here */
  now: number;
  lastRun: number | undefined;
  /** whether something was saved that no run has taken yet */
  pending: boolean;
}

/** When the next automatic run is due; `undefined`: not at all. */
export function nextRun({ mode, intervalMinutes, now, lastRun, pending }: ScheduleInput): number | undefined {
  if (mode === 'off' || (mode === 'onSave' && !pending)) return undefined;
  // A last run in the future means that the clock was set back: it must not hold up the next one.
  const last = lastRun === undefined || lastRun > now ? undefined : lastRun;
  const soonest = now + SETTLE_MS;
  return last === undefined ? soonest : Math.max(soonest, last + intervalMinutes * 60_000);
}

/** Whether saves have gone without a backup for so long that the user should know. */
export function isOverdue(pendingSince: number | undefined, intervalMinutes: number, now: number): boolean {
  return pendingSince !== undefined && now - pendingSince > 3 * intervalMinutes * 60_000 + SETTLE_MS;
}
