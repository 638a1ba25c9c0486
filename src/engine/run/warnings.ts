/** What a backup tells its user although nothing failed. */
import type { BackupResult, BackupWarning } from '../words/model.js';
import { refusedGlobs, unmatchedGlobs } from '../scan/rules.js';
import type { Run } from './run.js';
import { snapshotId } from '../store/layout.js';
import type { TreeResult } from './tree-tally.js';

/** Refused rules that are named one by one: a workspace may bring any number of them. */
const MAX_REFUSED = 10;

/** The rules that are not taken as they are written, one sentence each. */
export function refusedRules({ rules }: Run, { refused }: TreeResult): string[] {
  const all = [...refusedGlobs(rules.exclude), ...refused];
  const more = all.length - MAX_REFUSED;
  return more > 0 ? [...all.slice(0, MAX_REFUSED), `Not obeyed: ${more} further rules`] : all;
}

export function warningsOf(run: Run, written: TreeResult): BackupResult['warnings'] {
  return [...emptied(run, written), ...unmatched(run, written)];
}

// Compared with the newest snapshot that holds files: the last one may be as empty as this run, and told already.
function emptied({ kind, request, filled }: Run, { counts }: TreeResult): BackupWarning[] {
  if (kind !== 'snapshot' || counts.files > 0 || !filled) return [];
  const message =
    `No file of ${request.source} is stored any more, although ${snapshotId(filled)} holds files of it: ` +
    'check whether its disk is mounted and what its rules leave out';
  return [{ code: 'emptied', message }];
}

function unmatched({ request, rules }: Run, { excluded }: TreeResult): BackupWarning[] {
  if (request.dryRun !== true) return [];
  const met = excluded.map(({ rule }) => rule);
  return unmatchedGlobs(rules.exclude, met).map(glob => ({
    code: 'unmatched',
    message: `Nothing is left out by the rule ${glob}${glob.startsWith('**/') ? '' : ' (from the top of the source; **/… is at any depth)'}`,
  }));
}
