/** Which snapshots of one source stay. Pure: it is told the time and asks no disk. */
import { PhlbError } from './errors.js';
import type { SnapshotKind } from './model.js';
import { compareNames } from './names.js';
import { phrase } from './phrase.js';

/** How many snapshots are kept by which rule; missing or 0: the rule is not given. */
export interface RetentionRules {
  keepLast?: number;
  keepHourly?: number;
  keepDaily?: number;
  keepWeekly?: number;
  keepMonthly?: number;
  keepYearly?: number;
  keepWithin?: Duration;
}

/** Years, months and days of the calendar, then hours. */
export interface Duration {
  years: number;
  months: number;
  days: number;
  hours: number;
}

/**
 * Why a snapshot stays: a rule, or `oldest` for the oldest one of a rule with counts left; or, whatever the rules say,
 * `pinned`, `future` (dated after now), `unreadable` (no record), `adopted` (of a PyHardLinkBackup), `safety`, `turn` (what an
 * agent did can be taken back by it), `files` (the newest that holds files, where only ones without any follow it: a disk that was not mounted must not wear it away).
 */
export type KeepReason =
  | 'last'
  | 'hourly'
  | 'daily'
  | 'weekly'
  | 'monthly'
  | 'yearly'
  | 'within'
  | 'oldest'
  | 'pinned'
  | 'future'
  | 'unreadable'
  | 'adopted'
  | 'safety'
  | 'turn'
  | 'files';

/** What retention needs to know of a snapshot. */
export interface RetentionSnapshot {
  /** only breaks ties */
  id: string;
  /** ISO-8601 */
  startedAt: string;
  /** the order of one source's snapshots, whatever the clock said */
  sequence: number;
  kind: SnapshotKind;
  /** how many files it holds */
  files: number;
  /** how many paths could not be stored */
  errors: number;
  pinned: boolean;
  adopted: boolean;
  /** ids of the turns of agents that it belongs to */
  turns: readonly string[];
  /** the record could be read; else nothing else here means anything */
  readable: boolean;
}

export interface Verdict<S> {
  snapshot: S;
  goes: boolean;
  /** empty for one that goes, and where no rule is given */
  reasons: KeepReason[];
}

type Period = (time: Date) => string;

// Weeks begin on Monday (ISO 8601). The hour that is there twice when clocks are set back differs in its offset.
const PERIODS: [rule: keyof Omit<RetentionRules, 'keepLast' | 'keepWithin'>, reason: KeepReason, period: Period][] = [
  ['keepHourly', 'hourly', time => [dayOf(time), time.getHours(), time.getTimezoneOffset()].join()],
  ['keepDaily', 'daily', dayOf],
  ['keepWeekly', 'weekly', time => dayOf(mondayOf(time))],
  ['keepMonthly', 'monthly', time => [time.getFullYear(), time.getMonth()].join()],
  ['keepYearly', 'yearly', time => String(time.getFullYear())],
];

const TURN_HOURS = 24;
const TURN_DAYS = 7;
const TURN_COUNT = 20;
const SAFETY_COUNT = 10;
const SAFETY_DAYS = 30;

/**
 * Judges all snapshots of one source, in local time. Each `keepX: N` keeps the newest snapshot of each of the last N
 * periods that have one (one without errors before one with), and the oldest snapshot too while it has counts left, as
 * restic's `forget` has done since 0.16 (https://restic.readthedocs.io/en/stable/060_forget.html). `keepWithin` counts back
 * from the newest. Without any rule all stay. Safety snapshots go by an age and a count of their own.
 * @param snapshots in any order; the verdicts come in the same
 * @throws PhlbError `usage` for a rule that is no number of snapshots: what it would keep is anybody's guess
 */
export function applyRetention<S extends RetentionSnapshot>(
  snapshots: readonly S[],
  rules: RetentionRules,
  now: Date,
): Verdict<S>[] {
  checkCounts(rules);
  const ruled = hasRules(rules);
  const keeping = new Keeping<S>();
  for (const snapshot of snapshots) keepAnyway(snapshot, now, keeping);
  const newestFirst = snapshots
    .filter(s => s.readable && !s.adopted && !isFuture(s, now))
    .sort((a, b) => compareSnapshots(b, a));
  keepByRules(
    newestFirst.filter(s => s.kind === 'snapshot'),
    rules,
    keeping,
  );
  keepFiles(
    snapshots.filter(s => s.readable && s.kind === 'snapshot').sort((a, b) => compareSnapshots(b, a)),
    keeping,
  );
  keepTurns(
    newestFirst.filter(s => s.kind === 'snapshot'),
    now,
    keeping,
  );
  keepSafety(
    newestFirst.filter(s => s.kind === 'safety'),
    now,
    keeping,
  );
  return snapshots.map(snapshot => {
    const reasons = keeping.reasons(snapshot);
    return { snapshot, reasons, goes: ruled && reasons.length === 0 };
  });
}

// Settings may hold anything, and "all but the last two" is what `slice` makes of -2.
function checkCounts(rules: RetentionRules): void {
  for (const [rule, count] of Object.entries(rules) as [string, unknown][]) {
    if (rule === 'keepWithin') continue;
    if (count === undefined || (Number.isSafeInteger(count) && Number(count) >= 0)) continue;
    throw new PhlbError('usage', phrase`Not a number of snapshots to keep: ${String(count)}`, {
      hint: phrase`give 0 or more; 0 turns the rule off`,
    });
  }
}

/** Whether any rule is given that keeps something. */
export function hasRules({ keepWithin, ...counts }: RetentionRules): boolean {
  return Object.values(counts).some(n => n > 0) || isSome(keepWithin);
}

/** `1y2m15d3h`, any of them, in any order. @throws PhlbError `usage` */
export function parseDuration(text: string): Duration {
  const duration: Duration = { years: 0, months: 0, days: 0, hours: 0 };
  const units = { y: 'years', m: 'months', d: 'days', h: 'hours' } as const;
  const parts = [...text.matchAll(/(\d{1,9})([ymdh])/g)];
  const once = new Set(parts.map(([, , unit]) => unit)).size === parts.length;
  if (parts.length === 0 || !once || parts.map(([part]) => part).join('') !== text) {
    throw new PhlbError('usage', phrase`Not a duration: ${text}`, {
      hint: phrase`years, months, days and hours, as in 1y2m15d3h or 30d`,
    });
  }
  for (const [, digits, unit] of parts) duration[units[unit as keyof typeof units]] = Number(digits);
  return duration;
}

/** Collects the reasons, each once, in the order in which they were found. */
class Keeping<S> {
  private readonly found = new Map<S, Set<KeepReason>>();

  keep(snapshot: S | undefined, reason: KeepReason): void {
    if (snapshot === undefined) return;
    this.found.set(snapshot, (this.found.get(snapshot) ?? new Set()).add(reason));
  }

  reasons(snapshot: S): KeepReason[] {
    return [...(this.found.get(snapshot) ?? [])];
  }
}

function keepAnyway<S extends RetentionSnapshot>(snapshot: S, now: Date, keeping: Keeping<S>): void {
  if (!snapshot.readable) return keeping.keep(snapshot, 'unreadable');
  if (snapshot.pinned) keeping.keep(snapshot, 'pinned');
  if (snapshot.adopted) keeping.keep(snapshot, 'adopted');
  if (isFuture(snapshot, now)) keeping.keep(snapshot, 'future');
}

function keepByRules<S extends RetentionSnapshot>(
  newestFirst: readonly S[],
  rules: RetentionRules,
  keeping: Keeping<S>,
): void {
  for (const snapshot of newestFirst.slice(0, rules.keepLast ?? 0)) keeping.keep(snapshot, 'last');
  for (const [rule, reason, period] of PERIODS) {
    const count = rules[rule] ?? 0;
    const periods = groupBy(newestFirst, s => period(new Date(s.startedAt)));
    const picks = periods.slice(0, count).map(group => group.find(s => s.errors === 0) ?? group[0]);
    for (const pick of picks) keeping.keep(pick, reason);
    const oldest = newestFirst.at(-1);
    if (periods.length < count && oldest !== picks.at(-1)) keeping.keep(oldest, 'oldest');
  }
  const [newest] = newestFirst;
  if (newest && rules.keepWithin && isSome(rules.keepWithin)) {
    const cut = before(new Date(newest.startedAt), rules.keepWithin);
    for (const s of newestFirst) if (Date.parse(s.startedAt) > cut) keeping.keep(s, 'within');
  }
}

function keepFiles<S extends RetentionSnapshot>(newestFirst: readonly S[], keeping: Keeping<S>): void {
  const newest = newestFirst.find(s => s.files > 0);
  if (newest !== newestFirst[0]) keeping.keep(newest, 'files');
}

// What turns of the last hours have done, step by step; of the newest turns of the last days the first and the last snapshot.
function keepTurns<S extends RetentionSnapshot>(newestFirst: readonly S[], now: Date, keeping: Keeping<S>): void {
  const turns = new Map<string, S[]>();
  for (const snapshot of newestFirst) {
    for (const id of snapshot.turns) {
      const marked = turns.get(id);
      if (marked) marked.push(snapshot);
      else turns.set(id, [snapshot]);
    }
  }
  const startOf = (snapshot: S | undefined): number => Date.parse(snapshot?.startedAt ?? '');
  // One that has changed nothing yet may have only begun.
  const hoursAgo = before(now, { years: 0, months: 0, days: 0, hours: TURN_HOURS });
  const daysAgo = before(now, { years: 0, months: 0, days: TURN_DAYS, hours: 0 });
  [...turns.values()].forEach((marked, at) => {
    const latest = startOf(marked[0]);
    if (latest >= hoursAgo) for (const snapshot of marked) keeping.keep(snapshot, 'turn');
    else if (latest >= daysAgo && at < TURN_COUNT && marked.length > 1) {
      keeping.keep(marked[0], 'turn');
      keeping.keep(marked.at(-1), 'turn');
    }
  });
}

function keepSafety<S extends RetentionSnapshot>(newestFirst: readonly S[], now: Date, keeping: Keeping<S>): void {
  const cut = before(now, { years: 0, months: 0, days: SAFETY_DAYS, hours: 0 });
  newestFirst.forEach((s, at) => {
    if (at < SAFETY_COUNT || Date.parse(s.startedAt) >= cut) keeping.keep(s, 'safety');
  });
}

// A month before 31 March is the last of February. A time out of all bounds lies before everything.
function before(time: Date, { years, months, days, hours }: Duration): number {
  let day = time;
  // Not for hours alone: made from its parts, the second 02:30 of a night in autumn would become the first.
  if (years > 0 || months > 0 || days > 0) {
    const year = time.getFullYear() - years;
    const month = time.getMonth() - months;
    const lastOfMonth = new Date(year, month + 1, 0).getDate();
    day = new Date(time);
    day.setFullYear(year, month, Math.min(time.getDate(), lastOfMonth) - days);
  }
  const cut = day.getTime() - hours * 3_600_000;
  return Number.isNaN(cut) ? -Infinity : cut;
}

function isFuture(snapshot: RetentionSnapshot, now: Date): boolean {
  return Date.parse(snapshot.startedAt) > now.getTime();
}

function isSome(duration: Duration | undefined): boolean {
  return duration !== undefined && Object.values(duration).some(n => n > 0);
}

function compareSnapshots(a: RetentionSnapshot, b: RetentionSnapshot): number {
  return a.sequence - b.sequence || Date.parse(a.startedAt) - Date.parse(b.startedAt) || compareNames(a.id, b.id);
}

// Groups and members in the order of their first appearance.
function groupBy<S>(snapshots: readonly S[], key: (snapshot: S) => string): S[][] {
  const groups = new Map<string, S[]>();
  for (const snapshot of snapshots) {
    const group = groups.get(key(snapshot));
    if (group) group.push(snapshot);
    else groups.set(key(snapshot), [snapshot]);
  }
  return [...groups.values()];
}

function dayOf(time: Date): string {
  return [time.getFullYear(), time.getMonth(), time.getDate()].join();
}

function mondayOf(time: Date): Date {
  return new Date(time.getFullYear(), time.getMonth(), time.getDate() - ((time.getDay() + 6) % 7));
}
