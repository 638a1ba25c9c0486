import * as vscode from 'vscode';
import type { DateFormat } from './dates.js';

/** `1 file`, `1,200 files` */
export function fileCount(count: number, dates: DateFormat): string {
  return count === 1 ? vscode.l10n.t('1 file') : vscode.l10n.t('{0} files', dates.number(count));
}

export function snapshotCount(count: number, dates: DateFormat): string {
  return count === 1 ? vscode.l10n.t('1 snapshot') : vscode.l10n.t('{0} snapshots', dates.number(count));
}

export function errorCount(count: number, dates: DateFormat): string {
  return count === 1 ? vscode.l10n.t('1 error') : vscode.l10n.t('{0} errors', dates.number(count));
}
