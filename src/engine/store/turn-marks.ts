/** The marks that turns of coding agents leave in the records of snapshots. */
import { isCause, isTurn, type TurnInfo } from '../words/turns.js';
import { isCount } from './rules.js';

/** A turn's mark in a record. */
export interface TurnMark extends TurnInfo {
  /** counts up within the turn from 0: a number that is missing is of a snapshot that has gone */
  step: number;
}

/** What of a record has them. */
interface Marked {
  turns?: TurnMark[];
}

// So many turns may begin one after another without a change of anything.
const MAX_MARKS = 64;

/** The marks of a record; what makes no sense is passed over. */
export function marksOf({ turns }: Marked): TurnMark[] {
  const marks: unknown = turns;
  return Array.isArray(marks) ? marks.slice(-MAX_MARKS).flatMap(mark => checkedMark(mark) ?? []) : [];
}

/** The record with one more mark. Beyond the number that it may have, turns that have changed nothing are forgotten first. */
export function withMark<R extends Marked>(record: R, mark: TurnMark): R {
  const turns = [...marksOf(record), mark];
  while (turns.length > MAX_MARKS) {
    const idle = turns.findIndex(({ step }) => step === 0);
    turns.splice(Math.max(idle, 0), 1);
  }
  return { ...record, turns };
}

/** Who a record says that took the snapshot. */
export function causeOf({ cause }: { cause?: string }): string | null {
  const said: unknown = cause;
  return typeof said === 'string' && isCause(said) ? said : null;
}

function checkedMark(value: unknown): TurnMark | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, step, part, cause } = value as Partial<Record<keyof TurnMark, unknown>>;
  if (typeof id !== 'string' || !isTurn(id) || !isCount(step)) return undefined;
  if (part !== 'before' && part !== 'after') return undefined;
  return { id, step, part, cause: typeof cause === 'string' && isCause(cause) ? cause : null };
}
