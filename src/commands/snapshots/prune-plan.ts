import * as vscode from 'vscode';
import type { SnapshotInfo } from '../../engine/words/model.js';
import type { PrunedSource } from '../../engine/prune.js';
import { snapshotCount } from '../../host/editor/count-text.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { keepReasonText } from '../../host/catalog/keep-reasons.js';
import { PickList, type PickItem } from '../../host/editor/pick-list.js';

export interface PlannedSource extends PrunedSource {
  /** what is known of its snapshots, by id */
  infos: ReadonlyMap<string, SnapshotInfo>;
}

export interface PrunePlan {
  sources: PlannedSource[];
  /** bytes; more where several sources lose snapshots that share contents */
  freedBytes: number;
}

interface PlanItem extends PickItem {
  goesOn?: true;
}

/**
 * Shows what goes and why the rest stays, newest first, as a list to look through. Resolves to whether the user wants to
 * go on; with nothing to delete there is only the list.
 */
export function showPrunePlan(plan: PrunePlan, dates: DateFormat): Promise<boolean> {
  const shown = new PickList<PlanItem>({ matchOnDescription: true, ignoreFocusOut: true });
  shown.title = vscode.l10n.t('Clean Up Old Snapshots');
  shown.placeholder = vscode.l10n.t('What goes and why the rest stays; type to search');
  shown.items = planItems(plan, dates);
  const { list } = shown;
  return new Promise(resolve => {
    list.onDidAccept(() => {
      // The others are there to be read.
      if (!list.activeItems[0]?.goesOn) return;
      resolve(true);
      shown.dispose();
    });
    list.onDidHide(() => {
      resolve(false);
      shown.dispose();
    });
    list.show();
  });
}

function planItems({ sources, freedBytes }: PrunePlan, dates: DateFormat): PlanItem[] {
  const going = sources.flatMap(source => source.deleted.map(one => ({ source, ...one }))).sort(newestFirst);
  const staying = sources.flatMap(source => source.kept.map(one => ({ source, ...one }))).sort(newestFirst);
  const items: PlanItem[] = [];
  if (going.length > 0) {
    items.push({
      icon: 'trash',
      label: vscode.l10n.t('Delete {0}…', snapshotCount(going.length, dates)),
      description: vscode.l10n.t('{0} will be freed', dates.size(freedBytes)),
      alwaysShow: true,
      goesOn: true,
    });
    items.push(separator(vscode.l10n.t('{0} go', dates.number(going.length))));
    for (const { source, id, startedAt } of going)
      items.push(item('circle-slash', source, id, startedAt, [vscode.l10n.t('no rule keeps it')], dates));
  }
  items.push(separator(vscode.l10n.t('{0} stay', dates.number(staying.length))));
  for (const { source, id, startedAt, reasons } of staying) {
    items.push(item('check', source, id, startedAt, reasons.map(keepReasonText), dates));
  }
  return items;
}

function item(
  icon: string,
  { name, infos }: PlannedSource,
  id: string,
  startedAt: string,
  reasons: readonly string[],
  dates: DateFormat,
): PlanItem {
  const info = infos.get(id);
  const facts = [name, ...(info?.label ? [info.label] : []), ...reasons];
  if (info?.kind === 'safety') facts.push(vscode.l10n.t('what a restore replaced'));
  return { icon, label: dates.short(new Date(startedAt)), description: facts.join(' · ') };
}

function separator(label: string): PlanItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function newestFirst(a: { startedAt: string }, b: { startedAt: string }): number {
  return a.startedAt < b.startedAt ? 1 : -1;
}
