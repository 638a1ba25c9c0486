import * as vscode from 'vscode';
import type { PrunedSource } from '../../engine/prune.js';
import { hasRules, type KeepReason } from '../../engine/words/retention.js';
import { snapshotCount } from '../../host/editor/count-text.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { keepReasonText } from '../../host/catalog/keep-reasons.js';
import type { Services } from '../../host/backup/services.js';
import { plainText } from '../../host/editor/plain-text.js';
import type { CallOptions } from '../../worker/client.js';
import type { RetentionReport, TableCell } from './messages.js';

/** What the next clean-up would do: the sources of this computer only, as the command does. */
export interface RetentionPreview {
  ruled: boolean;
  sources: PrunedSource[];
  /** bytes; at least, where several sources lose snapshots */
  freedBytes: number;
}

const SHOWN = 8;

/** Asks the engine what would go. Deletes nothing. */
export async function previewRetention(
  { reader, catalog, configuration }: Services,
  call: CallOptions,
): Promise<RetentionPreview> {
  const rules = configuration.retention();
  const location = configuration.location();
  const preview: RetentionPreview = { ruled: hasRules(rules), sources: [], freedBytes: 0 };
  for (const { name, local } of (await catalog.list()).sources) {
    if (!local) continue;
    const { sources, freedBytes } = await reader.call('prune', { location, name, rules, dryRun: true }, call);
    preview.sources.push(...sources);
    preview.freedBytes += freedBytes;
  }
  return preview;
}

export function retentionReport({ ruled, sources, freedBytes }: RetentionPreview, dates: DateFormat): RetentionReport {
  const going = sources.flatMap(({ name, deleted }) => deleted.map(one => ({ name, ...one })));
  const kept = sources.flatMap(source => source.kept);
  const newestFirst = going.sort((a, b) => b.startedAt.localeCompare(a.startedAt));
  const settings = { action: 'retentionSettings', text: vscode.l10n.t('Retention Settings') } as const;
  const cleanUp = { action: 'prune', text: vscode.l10n.t('Clean Up…') } as const;
  return {
    title: vscode.l10n.t('Retention'),
    summary: summary(ruled, going.length, kept.length, sources, freedBytes, dates),
    reasons: ruled ? countReasons(kept, dates) : [],
    stayTitle: vscode.l10n.t('Why the rest stays'),
    goTitle: vscode.l10n.t('What would go'),
    going: newestFirst
      .slice(0, SHOWN)
      .map(({ name, startedAt }) => `${plainText(name)} · ${dates.short(new Date(startedAt))}`),
    more: going.length > SHOWN ? vscode.l10n.t('and {0} more', dates.number(going.length - SHOWN)) : '',
    buttons: going.length > 0 ? [cleanUp, settings] : [settings],
  };
}

/** What becomes of each snapshot, for the table. */
export function fates({ ruled, sources }: RetentionPreview): (id: string) => TableCell {
  const known = new Map<string, TableCell>();
  for (const { kept, deleted } of ruled ? sources : []) {
    for (const { id } of deleted) known.set(id, { text: vscode.l10n.t('goes'), order: '' });
    for (const { id, reasons } of kept) {
      const [first, ...others] = reasons.map(keepReasonText);
      if (first === undefined) continue;
      const why = others.length > 0 ? `${first} (+${others.length})` : first;
      const hint = [first, ...others].join(', ');
      known.set(id, { text: vscode.l10n.t('stays: {0}', why), order: first, hint });
    }
  }
  return id => known.get(id) ?? { text: vscode.l10n.t('stays'), order: '\uffff' };
}

function summary(
  ruled: boolean,
  going: number,
  kept: number,
  sources: readonly PrunedSource[],
  freedBytes: number,
  dates: DateFormat,
): string {
  if (!ruled) return vscode.l10n.t('No retention rule is set: every snapshot is kept until you delete it.');
  if (going === 0) return vscode.l10n.t('Nothing would go: the rules keep every snapshot of this computer.');
  const count = snapshotCount(going, dates);
  const size = dates.size(freedBytes);
  const stay = dates.number(kept);
  // What two sources share is freed with both of them only.
  return sources.filter(({ deleted }) => deleted.length > 0).length > 1
    ? vscode.l10n.t('The next clean-up deletes {0} and frees at least {1}; {2} stay.', count, size, stay)
    : vscode.l10n.t('The next clean-up deletes {0} and frees {1}; {2} stay.', count, size, stay);
}

function countReasons(kept: readonly { reasons: KeepReason[] }[], dates: DateFormat): string[] {
  const counts = new Map<KeepReason, number>();
  for (const { reasons } of kept) for (const reason of reasons) counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const byCount = [...counts].sort(([, a], [, b]) => b - a);
  return byCount.map(([reason, count]) => `${dates.number(count)} × ${keepReasonText(reason)}`);
}
