/** What a run tells its user although nothing failed. */
import { refusedGlobs, unmatchedGlobs } from '../scan/rules.js';
import { snapshotId, type SnapshotName } from '../store/layout.js';
import type { BackupWarning, RulesInForce } from '../words/model.js';
import type { TreeResult } from './tree-tally.js';

/** Refused rules that are named one by one: a workspace may bring any number of them. */
const MAX_REFUSED = 10;

/** What was done otherwise than one might think: one sentence each. */
export function notesOf(rules: RulesInForce, { refused, retimed }: TreeResult): string[] {
  const notes = refusedRules(rules, refused);
  return retimed > 0 ? [...notes, retimedNote(retimed)] : notes;
}

// The rules that are not taken as they are written.
function refusedRules(rules: RulesInForce, ofIgnoreFiles: readonly string[]): string[] {
  const all = [...refusedGlobs(rules.exclude), ...ofIgnoreFiles];
  const more = all.length - MAX_REFUSED;
  return more > 0 ? [...all.slice(0, MAX_REFUSED), `Not obeyed: ${more} further rules`] : all;
}

// As after a backup location was carried elsewhere by `cp -r` or tar.
function retimedNote(count: number): string {
  const files = count === 1 ? 'One stored file had another time' : `${count} stored files had other times`;
  return `${files} than recorded; the contents are right, and the times were put back as far as they can be kept`;
}

/**
 * Warns of a run without files, although there is a snapshot that holds some.
 * @param filled the newest one: the last snapshot may be as empty as this run, and told already
 */
export function warnOfEmptied(source: string, filled: SnapshotName | null, files: number): BackupWarning[] {
  if (files > 0 || !filled) return [];
  const message =
    `No files of ${source} are stored now, although ${snapshotId(filled)} holds files of it: ` +
    'check whether its disk is mounted and what its rules leave out';
  return [{ code: 'emptied', message }];
}

/** Warns of rules that leave nothing out. */
export function warnOfUnmatched(rules: RulesInForce, { excluded }: TreeResult): BackupWarning[] {
  const met = excluded.map(({ rule }) => rule);
  return unmatchedGlobs(rules.exclude, met).map(glob => ({
    code: 'unmatched',
    message: `Nothing is left out by the rule ${glob}${glob.startsWith('**/') ? '' : ' (from the top of the source; **/… is at any depth)'}`,
  }));
}
