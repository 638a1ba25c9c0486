import * as vscode from 'vscode';
import type { AutoBackupMode } from '../../contributions.js';
import { hasRules, type RetentionRules } from '../../engine/words/retention.js';
import type { FolderSize } from '../backup/consent-facts.js';
import { fileCount } from '../editor/count-text.js';
import type { DateFormat } from '../editor/dates.js';
import { homePath } from '../editor/home-path.js';

export interface ConsentFacts {
  mode: AutoBackupMode;
  root: string;
  size: FolderSize;
  retention: RetentionRules;
  /** a folder is the home folder or a whole drive */
  noProject: boolean;
  sameDisk: boolean;
  /** the location is lost together with the container */
  goesWithContainer: boolean;
}

/** The question whether backups may run by themselves, and a sentence about where to, and how much. */
export function consentText({ mode, root, size, noProject }: ConsentFacts, dates: DateFormat): [string, string] {
  const [amount, place] = [amountText(size, dates), homePath(root)];
  const backedUp = noProject
    ? vscode.l10n.t('This one is your home folder or a whole drive, with {0}; its snapshots go to {1}.', amount, place)
    : vscode.l10n.t('This one has {0}; its snapshots go to {1}.', amount, place);
  return [questionText(mode), backedUp];
}

/** What else there is to know before one agrees, in paragraphs. */
export function consentDetail(facts: ConsentFacts, dates: DateFormat): string[] {
  return [
    vscode.l10n.t('A backup copies only what is not in an earlier one.'),
    keptText(facts.retention, dates),
    facts.goesWithContainer
      ? vscode.l10n.t('This is a container, and the backups are in it: they are lost when it is removed or rebuilt.')
      : '',
    // In a container that is the lesser worry.
    facts.sameDisk && !facts.goesWithContainer ? vscode.l10n.t('The backups are on the same disk as your work.') : '',
    vscode.l10n.t('“Turn On” is for every workspace that is backed up to this location. You can pause it at any time.'),
  ].filter(text => text !== '');
}

function questionText(mode: AutoBackupMode): string {
  if (mode === 'interval') {
    return vscode.l10n.t('Back up this workspace automatically at intervals, and others that you open?');
  }
  return mode === 'onSave'
    ? vscode.l10n.t('Back up this workspace automatically when files are saved, and others that you open?')
    : vscode.l10n.t('Back up this workspace automatically when files change, and others that you open?');
}

function amountText(size: FolderSize, dates: DateFormat): string {
  const [files, bytes] = [fileCount(size.files, dates), dates.size(size.bytes)];
  if (!size.more) return vscode.l10n.t('{0} ({1})', files, bytes);
  // Nothing counted in all that time: something keeps the folder or the store busy.
  return size.files === 0
    ? vscode.l10n.t('an unknown number of files')
    : vscode.l10n.t('more than {0} ({1})', files, bytes);
}

/** How much history is kept: `Snapshots that are kept: the 6 newest, then hourly for 12 hours.` */
export function keptText(rules: RetentionRules, dates: DateFormat): string {
  if (!hasRules(rules)) return vscode.l10n.t('Snapshots are kept until you delete them.');
  const newest = (count: number): string =>
    count === 1 ? vscode.l10n.t('the newest') : vscode.l10n.t('the {0} newest', dates.number(count));
  const parts = [
    part(rules.keepLast, newest),
    part(rules.keepHourly, n =>
      n === 1 ? vscode.l10n.t('hourly for 1 hour') : vscode.l10n.t('hourly for {0} hours', dates.number(n)),
    ),
    part(rules.keepDaily, n =>
      n === 1 ? vscode.l10n.t('daily for 1 day') : vscode.l10n.t('daily for {0} days', dates.number(n)),
    ),
    part(rules.keepWeekly, n =>
      n === 1 ? vscode.l10n.t('weekly for 1 week') : vscode.l10n.t('weekly for {0} weeks', dates.number(n)),
    ),
    part(rules.keepMonthly, n =>
      n === 1 ? vscode.l10n.t('monthly for 1 month') : vscode.l10n.t('monthly for {0} months', dates.number(n)),
    ),
    part(rules.keepYearly, n =>
      n === 1 ? vscode.l10n.t('yearly for 1 year') : vscode.l10n.t('yearly for {0} years', dates.number(n)),
    ),
  ].filter(text => text !== undefined);
  const [first = '', ...others] = parts;
  const list =
    rules.keepLast && others.length > 0 ? vscode.l10n.t('{0}, then {1}', first, others.join(', ')) : parts.join(', ');
  return vscode.l10n.t('Snapshots that are kept: {0}.', list);
}

function part(count: number | undefined, words: (count: number) => string): string | undefined {
  return count ? words(count) : undefined;
}
