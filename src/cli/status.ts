import { PhlbError } from '../engine/words/errors.js';

/** What the process says to its caller when it ends (CLI.md). */
export const ExitStatus = {
  done: 0,
  failed: 1,
  usage: 2,
  /** done, but some files could not be read, stored or restored, or damage is left */
  incomplete: 3,
  cancelled: 130,
} as const;
export type ExitStatus = (typeof ExitStatus)[keyof typeof ExitStatus];

/** The status of a request that ended with `error`. */
export function exitStatus(error: unknown): ExitStatus {
  if (PhlbError.is(error, 'cancelled')) return ExitStatus.cancelled;
  return PhlbError.is(error, 'usage') ? ExitStatus.usage : ExitStatus.failed;
}

/** The status of several requests: cancelled outweighs failed, failed wrong usage, and that what was left incomplete. */
export function worstStatus(statuses: ExitStatus[]): ExitStatus {
  const { cancelled, failed, usage, incomplete, done } = ExitStatus;
  return [cancelled, failed, usage, incomplete].find(status => statuses.includes(status)) ?? done;
}
