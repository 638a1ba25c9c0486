import { errno, PhlbError, reason, tooManyFiles } from '../words/errors.js';

/**
 * Does what is left to do once there is no way back: the snapshot stands, the tree is out of sight, the files are restored.
 * Whatever goes wrong in it becomes a note, since nothing may call that a failure now (promise P10). An error in PHLB's own
 * code is told as one, not passed over.
 * @param notes of the operation's result
 * @param otherwise what is the case when it fails, the beginning of a sentence
 */
export async function afterwards(notes: string[], otherwise: string, act: () => unknown): Promise<void> {
  try {
    await act();
  } catch (error) {
    notes.push(`${otherwise} (${why(error)})`);
  }
}

function why(error: unknown): string {
  const lack = tooManyFiles(error);
  if (lack !== undefined) return lack.message;
  if (PhlbError.is(error)) return reason(errno(error.cause) === undefined ? error : error.cause);
  if (errno(error) !== undefined) return reason(error);
  return `an error in PHLB itself, please report it: ${String(error)}`;
}
