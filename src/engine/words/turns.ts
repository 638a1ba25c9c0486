/** What is said of who caused a snapshot, and of the turns of coding agents: texts from outside, in one line. */
import { PhlbError } from './errors.js';
import { phrase } from './phrase.js';
import { fitLine, isPlainLine } from './label.js';

/** Code points. */
const LONGEST_CAUSE = 100;
/** Long enough for two UUIDs. */
const LONGEST_TURN = 120;

/** Who took a snapshot, where it is not an agent by its name. */
export const CAUSES = { person: 'person', autoBackup: 'auto-backup', restore: 'restore' } as const;

/**
 * What a snapshot is of a turn: how things were `before` a part of it, or what has changed since its last mark (`after`),
 * which then is the turn's.
 */
export type TurnPart = 'before' | 'after';

/** A turn that a snapshot begins with, or has changes of. */
export interface TurnInfo {
  id: string;
  part: TurnPart;
  /** whose turn it is; `null`: nobody said */
  cause: string | null;
}

/** @throws PhlbError `usage` */
export function checkCause(cause: string): void {
  if (isCause(cause)) return;
  throw new PhlbError('usage', phrase`A cause is one line of plain text of at most ${LONGEST_CAUSE} characters`, {
    hint: phrase`name the program, as in "Claude Code"`,
  });
}

/** The nearest cause that is fit; `undefined`: nothing of it is. */
export function fitCause(text: string): string | undefined {
  const cause = fitLine(text.slice(0, 20 * LONGEST_CAUSE), LONGEST_CAUSE);
  return cause === '' ? undefined : cause;
}

/** @throws PhlbError `usage` */
export function checkTurn(id: string): void {
  if (isTurn(id)) return;
  throw new PhlbError('usage', phrase`A turn has an id of 1 to ${LONGEST_TURN} characters without blanks`, {
    hint: phrase`take one that no other turn has, such as a UUID`,
  });
}

export function isCause(cause: string): boolean {
  return cause.trim() !== '' && isPlainLine(cause, LONGEST_CAUSE);
}

export function isTurn(id: string): boolean {
  return isPlainLine(id, LONGEST_TURN) && /^\S+$/u.test(id);
}
