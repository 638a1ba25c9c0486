import * as vscode from 'vscode';
import type { RestoreResult } from '../../engine/words/model.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { askModally, confirm } from '../../host/editor/dialogs.js';
import { homePath } from '../../host/editor/home-path.js';
import {
  changesOf,
  leftText,
  listing,
  listingOfErrors,
  listingOfRenamed,
  unsavedText,
  type RestorePreview,
} from './restore-preview.js';
import { todaysPath } from '../snapshots/targets.js';
import type { Wanted } from './wanted.js';

/**
 * `choose`: only some of it; `save`, `discard`: what to do with unsaved changes; `remove`: what came later goes as well;
 * `git`: repositories are rewound as well
 */
export type RestoreAnswer = 'restore' | 'choose' | 'save' | 'discard' | 'remove' | 'git';

/** Asks whether to restore, saying what is overwritten, put back and saved first. `undefined`: no. */
export async function confirmRestore(
  wanted: Wanted,
  preview: RestorePreview,
  dirty: readonly vscode.Uri[],
  dates: DateFormat,
): Promise<RestoreAnswer | undefined> {
  const detail = preview.isFile
    ? fileText(wanted, preview.plain, dirty, dates)
    : folderText(wanted, preview.plain, dates);
  const buttons = new Map<string, RestoreAnswer>();
  const choose = (): void => {
    if (changesOf(preview.plain).length > 1) buttons.set(vscode.l10n.t('Choose…'), 'choose');
  };
  if (dirty.length > 0) {
    detail.push(unsavedText(dirty));
    buttons.set(vscode.l10n.t('Save and Restore'), 'save');
    buttons.set(vscode.l10n.t('Discard Changes and Restore'), 'discard');
    choose();
  } else {
    buttons.set(vscode.l10n.t('Restore'), 'restore');
    choose();
    if (preview.newer.length > 0) {
      detail.push(newerText(wanted, preview, dates));
      buttons.set(vscode.l10n.t('Restore and Remove What Is Newer'), 'remove');
    }
  }
  if (preview.plain.left.length > 0) {
    detail.push(leftText(preview.plain, dates));
    buttons.set(vscode.l10n.t('Git History Too'), 'git');
  }
  const question = vscode.l10n.t('Restore {0} ({1})?', wanted.name, wanted.when);
  return askModally(question, detail, buttons);
}

/** Asks whether to remove what came later, where there is nothing else to restore. */
export async function confirmRemoval(
  { name, when, folder }: Wanted,
  { newer }: RestorePreview,
  dates: DateFormat,
): Promise<boolean> {
  const question = vscode.l10n.t('Remove what is newer than {0} ({1})?', name, when);
  const detail = [
    listing(newer, folder, dates),
    vscode.l10n.t('What is overwritten or removed is kept in a safety snapshot first.'),
  ];
  return confirm(question, detail, vscode.l10n.t('Remove What Is Newer'));
}

function fileText(
  { places: [place], folder }: Wanted,
  { overwritten, errors }: RestoreResult,
  dirty: readonly vscode.Uri[],
  dates: DateFormat,
): string[] {
  const path = homePath(todaysPath(place));
  if (errors.length > 0) return [vscode.l10n.t('Cannot be restored: {0}', listingOfErrors(errors, folder, dates))];
  return overwritten.length === 0 && dirty.length === 0
    ? [vscode.l10n.t('{0} will be put back. Nothing will be overwritten.', path)]
    : [vscode.l10n.t('{0} will be overwritten. A safety snapshot of it as it is now is taken first.', path)];
}

function folderText({ source, folder }: Wanted, plain: RestoreResult, dates: DateFormat): string[] {
  const { overwritten, created, deleted, unchanged, errors } = plain;
  const list = (paths: { path: string }[]): string => listing(paths, folder, dates);
  const facts = [vscode.l10n.t('In {0}:', homePath(todaysPath({ source, path: folder })))];
  if (overwritten.length > 0) facts.push(vscode.l10n.t('Overwritten: {0}', list(overwritten)));
  if (deleted.length > 0) facts.push(vscode.l10n.t('Removed, since a file takes their place: {0}', list(deleted)));
  if (created.length > 0) facts.push(vscode.l10n.t('Put back: {0}', list(created)));
  facts.push(vscode.l10n.t('Already as they were: {0}', dates.number(unchanged)));
  if (errors.length > 0) {
    facts.push(vscode.l10n.t('Cannot be restored: {0}', listingOfErrors(errors, folder, dates)));
  }
  return [
    facts.join('\n'),
    overwritten.length + deleted.length > 0
      ? vscode.l10n.t('What is overwritten or removed is kept in a safety snapshot first.')
      : vscode.l10n.t('Nothing will be overwritten.'),
  ];
}

// What only has another name is no newer work, and is not to be taken for it.
function newerText({ folder }: Wanted, { newer, renamed }: RestorePreview, dates: DateFormat): string {
  const later = newer.filter(({ path }) => !renamed.has(path));
  const facts: string[] = [];
  if (renamed.size > 0) {
    facts.push(vscode.l10n.t('Renamed since: {0}', listingOfRenamed(renamed, folder, dates)));
    if (later.length > 0) facts.push(vscode.l10n.t('Newer than this snapshot: {0}', listing(later, folder, dates)));
    facts.push(
      vscode.l10n.t(
        'What is newer or has a new name stays, unless you choose to remove it; then it is saved in the safety snapshot too.',
      ),
    );
    return facts.join('\n');
  }
  return vscode.l10n.t(
    'Newer than this snapshot: {0}. What is newer stays, unless you choose to remove it; then it is saved in the safety snapshot too.',
    listing(later, folder, dates),
  );
}
