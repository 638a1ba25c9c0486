import * as vscode from 'vscode';
import { MAX_LINES } from '../../host/catalog/found-text.js';
import type { ShownSearch } from '../../host/catalog/text-search.js';
import { fileCount, snapshotCount } from '../../host/editor/count-text.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { matchCount } from './found-facts.js';

/** What the view says beside its title: what was looked for, and where. */
export function searchTitle({ query }: ShownSearch): string {
  const { pattern, folder } = query;
  if (!folder) return pattern;
  return vscode.l10n.t('{0} in {1}', pattern, vscode.workspace.asRelativePath(folder));
}

/** What it says above the tree: how far it has come, and what was left out. Lines. */
export function searchMessage(search: ShownSearch, dates: DateFormat): string {
  return [stateText(search, dates), ...leftOut(search, dates)].filter(line => line !== '').join('\n');
}

function stateText({ state, found, progress }: ShownSearch, dates: DateFormat): string {
  const matches = matchCount(found.count, dates);
  const files = fileCount(found.files.length, dates);
  const told = vscode.l10n.t('{0} in {1}', matches, files);
  switch (state) {
    case 'running': {
      const { files: done = 0, totalFiles } = progress ?? {};
      if (totalFiles === undefined) return vscode.l10n.t('Searching…');
      return vscode.l10n.t('Searching ({0}): {1} so far', percent(done, totalFiles, dates), told);
    }
    case 'done':
      return found.count === 0 ? vscode.l10n.t('Nothing found.') : told;
    case 'full':
      return vscode.l10n.t(
        'Ended at {0} matches, the newest first: look for something rarer, or in a folder.',
        dates.number(MAX_LINES),
      );
    case 'cancelled':
      return vscode.l10n.t('Cancelled: {0} so far', told);
    case 'failed':
      return vscode.l10n.t('The search has failed.');
  }
}

function percent(done: number, total: number, dates: DateFormat): string {
  return `${dates.number(total === 0 ? 100 : Math.floor((100 * done) / total))} %`;
}

function leftOut({ result }: ShownSearch, dates: DateFormat): string[] {
  if (!result) return [];
  const { binary, tooLarge, errors, unreadable } = result;
  const parts = [
    binary > 0 ? vscode.l10n.t('{0} not text', dates.number(binary)) : '',
    tooLarge > 0 ? vscode.l10n.t('{0} larger than {1}', dates.number(tooLarge), dates.size(LARGEST)) : '',
    errors.length > 0 ? vscode.l10n.t('{0} not readable', dates.number(errors.length)) : '',
  ].filter(part => part !== '');
  return [
    parts.length > 0 ? vscode.l10n.t('Left out: {0}', parts.join(', ')) : '',
    unreadable.length > 0 ? vscode.l10n.t('Could not be searched: {0}', snapshotCount(unreadable.length, dates)) : '',
  ];
}

// What `grep` takes when nothing is said, bytes.
const LARGEST = 10 << 20;
