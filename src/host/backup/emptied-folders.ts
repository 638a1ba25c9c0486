import * as vscode from 'vscode';
import type { BackupResult } from '../../engine/words/model.js';
import { homePath } from '../editor/home-path.js';

/** Whether the folder was found to hold no files, although an earlier snapshot of it does. */
export function isEmptied({ warnings }: BackupResult): boolean {
  return warnings.some(({ code }) => code === 'emptied');
}

/** @param folders absolute; at least one */
export function emptiedText(folders: readonly string[]): string {
  return vscode.l10n.t(
    'There are no files left to back up, although there were before: {0}. Is the disk there, and do the rules leave everything out?',
    folders.map(homePath).join(', '),
  );
}
