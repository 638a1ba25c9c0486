import * as vscode from 'vscode';
import type { RestoreResult } from '../../engine/words/model.js';
import type { ResolvedPath } from '../../host/catalog/catalog.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { askModally, confirm } from '../../host/editor/dialogs.js';
import { homePath } from '../../host/editor/home-path.js';
import { leftText, listing, listingOfErrors, unsavedText } from './restore-preview.js';
import { targetName, todaysPath } from '../snapshots/targets.js';

/**
 * `save`, `discard`: what to do with unsaved changes; `remove`: what came later goes as well; `git`: repositories are
 * rewound as well
 */
export type RestoreAnswer = 'restore' | 'save' | 'discard' | 'remove' | 'git';

export interface RestorePreview {
  /** what a plain restore does */
  plain: RestoreResult;
  /** what came later: removed only if the user says so */
  newer: { path: string }[];
  isFile: boolean;
}

/** Asks whether to restore, saying what is overwritten, put back and saved first. `undefined`: no. */
export async function confirmRestore(
  found: ResolvedPath,
  preview: RestorePreview,
  dirty: readonly vscode.Uri[],
  dates: DateFormat,
): Promise<RestoreAnswer | undefined> {
  const detail = preview.isFile
    ? fileText(found, preview.plain, dirty, dates)
    : folderText(found, preview.plain, dates);
  const buttons = new Map<string, RestoreAnswer>();
  if (dirty.length > 0) {
    detail.push(unsavedText(dirty));
    buttons.set(vscode.l10n.t('Save and Restore'), 'save');
    buttons.set(vscode.l10n.t('Discard Changes and Restore'), 'discard');
  } else {
    buttons.set(vscode.l10n.t('Restore'), 'restore');
    if (preview.newer.length > 0) {
      detail.push(newerText(found, preview, dates));
      buttons.set(vscode.l10n.t('Restore and Remove What Is Newer'), 'remove');
    }
  }
  if (preview.plain.left.length > 0) {
    detail.push(leftText(preview.plain, dates));
    buttons.set(vscode.l10n.t('Git History Too'), 'git');
  }
  const question = vscode.l10n.t('Restore {0} ({1})?', targetName(found), timeOf(found, dates));
  return askModally(question, detail, buttons);
}

/** Asks whether to remove what came later, where there is nothing else to restore. */
export async function confirmRemoval(
  found: ResolvedPath,
  { newer }: RestorePreview,
  dates: DateFormat,
): Promise<boolean> {
  const question = vscode.l10n.t('Remove what is newer than {0} ({1})?', targetName(found), timeOf(found, dates));
  const detail = [
    listing(newer, found.path, dates),
    vscode.l10n.t('What is overwritten or removed is kept in a safety snapshot first.'),
  ];
  return confirm(question, detail, vscode.l10n.t('Remove What Is Newer'));
}

function fileText(
  found: ResolvedPath,
  { overwritten, errors }: RestoreResult,
  dirty: readonly vscode.Uri[],
  dates: DateFormat,
): string[] {
  const path = homePath(todaysPath(found));
  if (errors.length > 0) return [vscode.l10n.t('Cannot be restored: {0}', listingOfErrors(errors, found.path, dates))];
  return overwritten.length === 0 && dirty.length === 0
    ? [vscode.l10n.t('{0} will be put back. Nothing will be overwritten.', path)]
    : [vscode.l10n.t('{0} will be overwritten. A safety snapshot of it as it is now is taken first.', path)];
}

function folderText(found: ResolvedPath, plain: RestoreResult, dates: DateFormat): string[] {
  const { overwritten, created, deleted, unchanged, errors } = plain;
  const list = (paths: { path: string }[]): string => listing(paths, found.path, dates);
  const facts = [vscode.l10n.t('In {0}:', homePath(todaysPath(found)))];
  if (overwritten.length > 0) facts.push(vscode.l10n.t('Overwritten: {0}', list(overwritten)));
  if (deleted.length > 0) facts.push(vscode.l10n.t('Removed, since a file takes their place: {0}', list(deleted)));
  if (created.length > 0) facts.push(vscode.l10n.t('Put back: {0}', list(created)));
  facts.push(vscode.l10n.t('Already as they were: {0}', dates.number(unchanged)));
  if (errors.length > 0) {
    facts.push(vscode.l10n.t('Cannot be restored: {0}', listingOfErrors(errors, found.path, dates)));
  }
  return [
    facts.join('\n'),
    overwritten.length + deleted.length > 0
      ? vscode.l10n.t('What is overwritten or removed is kept in a safety snapshot first.')
      : vscode.l10n.t('Nothing will be overwritten.'),
  ];
}

function newerText(found: ResolvedPath, { newer }: RestorePreview, dates: DateFormat): string {
  return vscode.l10n.t(
    'Newer than this snapshot: {0}. What is newer stays, unless you choose to remove it; then it is saved in the safety snapshot too.',
    listing(newer, found.path, dates),
  );
}

function timeOf({ snapshot }: ResolvedPath, dates: DateFormat): string {
  return dates.short(new Date(snapshot.startedAt));
}
