import * as vscode from 'vscode';
import type { ListResult, SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import type { StatsResult } from '../../engine/stats.js';
import { errorCount, snapshotCount } from '../../host/editor/count-text.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { plainText } from '../../host/editor/plain-text.js';
import type { RowButton, TableCell, TableReport, TableRow } from './messages.js';

/** Every snapshot that was measured and is listed, newest first. */
export function tableReport(
  { perSnapshot }: StatsResult,
  { sources }: ListResult,
  fate: (id: string) => TableCell,
  dates: DateFormat,
): TableReport {
  const unique = new Map(perSnapshot.map(({ id, uniqueBytes }) => [id, uniqueBytes]));
  const rows = sources.flatMap(source =>
    source.snapshots
      .filter(({ id }) => unique.has(id))
      .map(snapshot => rowOf(source, snapshot, unique.get(snapshot.id) ?? 0, fate(snapshot.id), dates)),
  );
  return {
    title: vscode.l10n.t('Snapshots'),
    note: vscode.l10n.t(
      '“Frees alone” is the space that deleting just that snapshot frees: contents that no other snapshot holds.',
    ),
    columns: [
      { id: 'when', text: vscode.l10n.t('Taken'), hint: '' },
      { id: 'source', text: vscode.l10n.t('Source'), hint: '' },
      { id: 'files', text: vscode.l10n.t('Files'), hint: '' },
      { id: 'size', text: vscode.l10n.t('Size'), hint: vscode.l10n.t('What the snapshot holds') },
      { id: 'added', text: vscode.l10n.t('Added'), hint: vscode.l10n.t('What was newly stored for it') },
      { id: 'unique', text: vscode.l10n.t('Frees alone'), hint: vscode.l10n.t('What deleting just this one frees') },
      { id: 'fate', text: vscode.l10n.t('Next clean-up'), hint: vscode.l10n.t('By the retention settings') },
    ],
    rows: rows.sort((a, b) => Number(b.cells.when.order) - Number(a.cells.when.order)),
    actionsTitle: vscode.l10n.t('What can be done with it'),
    showAll: vscode.l10n.t('Show all: {0}', snapshotCount(rows.length, dates)),
  };
}

function rowOf(
  source: SourceInfo,
  snapshot: SnapshotInfo,
  uniqueBytes: number,
  fate: TableCell,
  dates: DateFormat,
): TableRow {
  const { id, startedAt, files, bytes, copiedBytes, label } = snapshot;
  const at = new Date(startedAt);
  const size = (amount: number): TableCell => ({ text: dates.size(amount), order: amount });
  const name = plainText(source.name);
  return {
    id,
    label: label ?? '',
    marks: marksOf(snapshot, dates),
    cells: {
      when: { text: dates.short(at), order: at.getTime() },
      source: { text: name, order: name },
      files: { text: dates.number(files), order: files },
      size: size(bytes),
      added: size(copiedBytes),
      unique: size(uniqueBytes),
      fate,
    },
    actions: actionsOf(source, snapshot),
  };
}

// As in the menus of the Snapshots view.
function actionsOf({ local }: SourceInfo, { kind, pinned, problem }: SnapshotInfo): RowButton[] {
  const isSound = problem === undefined;
  const isMarkable = isSound && kind === 'snapshot';
  const button = (applies: boolean, action: RowButton['action'], text: string): RowButton[] =>
    applies ? [{ action, text }] : [];
  return [
    ...button(isSound && local, 'changes', vscode.l10n.t('Show Changes Since This Snapshot')),
    ...button(isSound, 'restore', vscode.l10n.t('Restore…')),
    ...button(isMarkable, 'label', vscode.l10n.t('Label…')),
    ...button(isMarkable && !pinned, 'pin', vscode.l10n.t('Pin')),
    ...button(isMarkable && pinned, 'unpin', vscode.l10n.t('Unpin')),
    ...button(true, 'reveal', vscode.l10n.t('Reveal in File Manager')),
    ...button(true, 'verify', vscode.l10n.t('Verify')),
    ...button(!pinned, 'delete', vscode.l10n.t('Delete…')),
  ];
}

function marksOf({ pinned, kind, errors, problem }: SnapshotInfo, dates: DateFormat): string[] {
  return [
    ...(pinned ? [vscode.l10n.t('pinned')] : []),
    ...(kind === 'safety' ? [vscode.l10n.t('what a restore replaced')] : []),
    ...(problem !== undefined
      ? [vscode.l10n.t('its record cannot be read')]
      : errors > 0
        ? [errorCount(errors, dates)]
        : []),
  ];
}
