import { PhlbError, systemCode, type ErrorCode } from '../../engine/words/errors.js';

/** What can be done when something went wrong, as buttons of the message that tells of it. */
export type Remedy = 'openFolder' | 'changeLocation' | 'cleanUp' | 'tryAgain';

/** What went wrong: `full` is a `store` whose disk, or quota, has no more room. */
export type Trouble = ErrorCode | 'full';

/** What helps against what: the one place that says so. Whatever is in here has a button, everything else only the log. */
const REMEDIES: Readonly<Record<Trouble, readonly Remedy[]>> = {
  unreachable: ['tryAgain', 'changeLocation'],
  full: ['cleanUp', 'changeLocation'],
  store: ['tryAgain', 'changeLocation'],
  source: ['openFolder', 'tryAgain'],
  locked: ['tryAgain'],
  lockLost: ['tryAgain'],
  crashed: ['tryAgain'],
  offsite: ['tryAgain'],
  noRepository: [],
  wrongPassword: [],
  tooManyFiles: ['tryAgain'],
  // Trying the same again is of no use, and the error itself says what is.
  usage: [],
  notFound: [],
  damaged: [],
  cancelled: [],
};

/** @param canTryAgain whether who asks could do the same once more */
export function remediesFor(trouble: Trouble, canTryAgain: boolean): Remedy[] {
  return REMEDIES[trouble].filter(remedy => canTryAgain || remedy !== 'tryAgain');
}

export function troubleOf(error: unknown): Trouble {
  if (!PhlbError.is(error)) return 'crashed';
  const code = systemCode(error);
  return error.code === 'store' && (code === 'ENOSPC' || code === 'EDQUOT') ? 'full' : error.code;
}
