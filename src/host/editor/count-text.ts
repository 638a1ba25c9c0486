import * as vscode from 'vscode';
import type { SnapshotInfo } from '../../engine/words/model.js';
import type { DateFormat } from './dates.js';

/** `1 file`, `1,200 files` */
export function fileCount(count: number, dates: DateFormat): string {
  return count === 1 ? vscode.l10n.t('1 file') : vscode.l10n.t('{0} files', dates.number(count));
}

export function snapshotCount(count: number, dates: DateFormat): string {
  return count === 1 ? vscode.l10n.t('1 snapshot') : vscode.l10n.t('{0} snapshots', dates.number(count));
}

/** `3 snapshots, 2 before restores` */
export function snapshotCounts(snapshots: readonly SnapshotInfo[], dates: DateFormat): string {
  const saved = snapshots.filter(({ kind }) => kind === 'safety').length;
  const count = snapshotCount(snapshots.length - saved, dates);
  return saved === 0 ? count : vscode.l10n.t('{0}, {1} before restores', count, dates.number(saved));
}

export function errorCount(count: number, dates: DateFormat): string {
  return count === 1 ? vscode.l10n.t('1 error') : vscode.l10n.t('{0} errors', dates.number(count));
}
