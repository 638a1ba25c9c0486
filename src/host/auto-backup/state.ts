import type { AutoBackupMode, AutoBackupState } from '../../contributions.js';
import type { Answer } from './consent-memory.js';

/** How the question whether backups may run by themselves stands. `unknown`: what store is there has still to be seen. */
export type Consent = 'unknown' | 'given' | 'declined' | 'unanswered';

export interface AnswerFacts {
  /** as remembered, of this workspace or of all */
  answer: Answer | undefined;
  /** the folders are large or no project: a yes to all workspaces does not count for them */
  extraordinary: boolean;
  /** the answer in this window was "Not Now" */
  putOff: boolean;
}

export function consentOf({ answer, extraordinary, putOff }: AnswerFacts): Exclude<Consent, 'unknown'> {
  if (answer === 'here' || (answer === 'all' && !extraordinary)) return 'given';
  return answer === 'never' || putOff ? 'declined' : 'unanswered';
}

export interface StateFacts {
  mode: AutoBackupMode;
  /** the workspace is trusted, and has a folder on a disk of this host */
  possible: boolean;
  consent: Consent;
  paused: boolean;
}

/** What it is to be called, wherever it is named. Who has paused what nobody has agreed to is still to be asked. */
export function autoBackupState({ mode, possible, consent, paused }: StateFacts): AutoBackupState {
  if (!possible || mode === 'off') return 'off';
  if (consent === 'unknown') return 'unknown';
  if (consent !== 'given') return 'off';
  return paused ? 'paused' : 'on';
}

/** Whether there is a question that the user has not answered yet. */
export function isUnanswered({ mode, possible, consent }: StateFacts): boolean {
  return possible && mode !== 'off' && consent === 'unanswered';
}
