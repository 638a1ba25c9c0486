import * as vscode from 'vscode';
import type { TextOptions } from '../../contributions.js';
import { textOptionNames } from '../../host/catalog/text-options.js';
import type { ShownSearch } from '../../host/catalog/text-search.js';
import { fileCount, snapshotCount } from '../../host/editor/count-text.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { matchCount } from './found-facts.js';

const LONGEST_SHOWN = 60;

/** What the view says beside its title: how the text is looked for, where that is not the usual way. */
export function searchOptions({ query }: ShownSearch): string {
  return Object.entries(textOptionNames())
    .flatMap(([key, name]) => (query[key as keyof TextOptions] ? [name] : []))
    .join(' · ');
}

/** What it says above the tree: what is looked for, how far it has come, and what was left out. Lines. */
export function searchMessage(search: ShownSearch, dates: DateFormat): string {
  return [stateText(search, dates), ...leftOut(search, dates)].filter(line => line !== '').join('\n');
}

function stateText(search: ShownSearch, dates: DateFormat): string {
  const { state, found, progress } = search;
  const what = subject(search);
  const told = vscode.l10n.t('{0} in {1}', matchCount(found.count, dates), fileCount(found.files.length, dates));
  switch (state) {
    case 'running': {
      const { files: done = 0, totalFiles } = progress ?? {};
      if (totalFiles === undefined) return vscode.l10n.t('{0}: searching…', what);
      return vscode.l10n.t('{0}: {1} so far ({2})', what, told, percent(done, totalFiles, dates));
    }
    case 'done':
      return found.count === 0 ? vscode.l10n.t('{0}: nothing found', what) : vscode.l10n.t('{0}: {1}', what, told);
    case 'full':
      return vscode.l10n.t(
        '{0}: {1}, the newest. There are more: look for something rarer, or in a folder.',
        what,
        told,
      );
    case 'cancelled':
      return found.count === 0
        ? vscode.l10n.t('{0}: cancelled, nothing found until then', what)
        : vscode.l10n.t('{0}: {1}, then cancelled', what, told);
    case 'failed':
      return vscode.l10n.t('{0}: the search has failed', what);
  }
}

function subject({ query: { pattern, folder } }: ShownSearch): string {
  const cut = pattern.length > LONGEST_SHOWN ? `${pattern.slice(0, LONGEST_SHOWN)}…` : pattern;
  return folder
    ? vscode.l10n.t('"{0}" in {1}', cut, vscode.workspace.asRelativePath(folder))
    : vscode.l10n.t('"{0}"', cut);
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
