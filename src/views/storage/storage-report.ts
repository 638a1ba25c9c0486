import * as vscode from 'vscode';
import type { ListResult } from '../../engine/words/model.js';
import type { SourceStats, StatsResult } from '../../engine/stats.js';
import { snapshotCount } from '../../host/editor/count-text.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { homePath } from '../../host/editor/home-path.js';
import type { VerifyMemory } from '../../host/catalog/last-verify.js';
import { plainText } from '../../host/editor/plain-text.js';
import { growthOf, type GrowthPoint } from './growth.js';
import type { Figure, SourceReport, StorageReport, VerifyReport } from './messages.js';
import { savedPercent } from './saved.js';
import { offsiteReport, type OffsiteFacts } from './storage-offsite.js';
import { fates, retentionReport, type RetentionPreview } from './storage-retention.js';
import { tableReport } from './storage-table.js';

/** What has been found out, before it is put into words. */
export interface StorageFacts {
  /** absolute path */
  root: string;
  measuredAt: Date;
  stats: StatsResult;
  list: ListResult;
  preview: RetentionPreview;
  /** bytes left on the root's disk; `undefined`: it does not say */
  freeBytes: number | undefined;
  verified: VerifyMemory | undefined;
  offsite: OffsiteFacts;
}

/** Everything that the page shows, as texts and numbers. */
export function storageReport(facts: StorageFacts, number: number, dates: DateFormat): StorageReport {
  const { root, measuredAt, stats, list, preview, verified, offsite } = facts;
  const { locale, timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return {
    number,
    title: vscode.l10n.t('Storage'),
    location: homePath(root),
    measured: vscode.l10n.t('Measured: {0}', dates.short(measuredAt)),
    warning: warning(stats, dates),
    buttons: [
      { action: 'backup', text: vscode.l10n.t('Back Up'), primary: true },
      { action: 'verify', text: vscode.l10n.t('Verify') },
      { action: 'prune', text: vscode.l10n.t('Clean Up…') },
      { action: 'changeLocation', text: vscode.l10n.t('Change Location…') },
      { action: 'refresh', text: vscode.l10n.t('Refresh') },
    ],
    figures: figures(facts, dates),
    language: vscode.env.language,
    locale,
    timeZone,
    sources: stats.perSource
      .filter(({ snapshots }) => snapshots > 0)
      .map(source => sourceReport(source, list.sources.find(({ name }) => name === source.name)?.source ?? '', dates)),
    table: tableReport(stats, list, fates(preview), dates),
    retention: retentionReport(preview, dates),
    verify: verifyReport(verified, dates),
    offsite: offsiteReport(offsite, dates),
  };
}

function figures({ stats, freeBytes }: StorageFacts, dates: DateFormat): Figure[] {
  const { allocatedBytes, apparentBytes, overheadBytes, snapshots, sources, files } = stats;
  const saved = savedPercent(apparentBytes, allocatedBytes);
  return [
    {
      main: true,
      label: vscode.l10n.t('Takes on disk'),
      value: dates.size(allocatedBytes),
      note: vscode.l10n.t('{0} bytes, as du counts', dates.number(allocatedBytes)),
    },
    {
      label: vscode.l10n.t('As full copies'),
      value: dates.size(apparentBytes),
      note:
        saved === undefined
          ? vscode.l10n.t('the files of all snapshots added up')
          : vscode.l10n.t('{0}% of it saved on the disk', dates.number(saved)),
    },
    {
      label: vscode.l10n.t('Snapshots'),
      value: dates.number(snapshots),
      note: sources === 1 ? vscode.l10n.t('of 1 source') : vscode.l10n.t('of {0} sources', dates.number(sources)),
    },
    {
      label: vscode.l10n.t('Files'),
      value: dates.number(files),
      note: vscode.l10n.t('in all snapshots together'),
    },
    {
      label: vscode.l10n.t('Overhead'),
      value: dates.size(overheadBytes),
      note: vscode.l10n.t('of what it takes: folders, and the lists of files'),
    },
    {
      label: vscode.l10n.t('Free on this disk'),
      value: freeBytes === undefined ? '–' : dates.size(freeBytes),
      note: freeBytes === undefined ? vscode.l10n.t('the disk does not say') : '',
    },
  ];
}

function warning({ unreadable }: StatsResult, dates: DateFormat): string {
  const [first] = unreadable;
  if (first === undefined) return '';
  return vscode.l10n.t(
    'Could not be measured, so it is missing from these numbers: {0} ({1})',
    homePath(first),
    dates.number(unreadable.length),
  );
}

function sourceReport(stats: SourceStats, path: string, dates: DateFormat): SourceReport {
  const { name, snapshots, apparentBytes, storedBytes, uniqueBytes } = stats;
  const points = growthOf(stats);
  return {
    name: plainText(name),
    detail: homePath(path),
    facts: vscode.l10n.t(
      '{0}: {1} as full copies, {2} stored. Removing this source frees {3}.',
      snapshotCount(snapshots, dates),
      dates.size(apparentBytes),
      dates.size(storedBytes),
      dates.size(uniqueBytes),
    ),
    chart: {
      description: describe(name, points, dates),
      copiesLabel: vscode.l10n.t('As full copies'),
      storedLabel: vscode.l10n.t('Stored'),
      points: points.map(({ startedAt, copies, stored }) => {
        const at = new Date(startedAt);
        return { at: at.getTime() / 1000, when: dates.short(at), copies, stored };
      }),
      tooFew: vscode.l10n.t('A chart needs two snapshots.'),
    },
  };
}

function describe(name: string, points: readonly GrowthPoint[], dates: DateFormat): string {
  const [first, last] = [points.at(0), points.at(-1)];
  if (!first || !last) return '';
  return vscode.l10n.t(
    'Size of {0} from {1} to {2}: as full copies from {3} to {4}, stored from {5} to {6}. Arrow keys go from snapshot to snapshot.',
    plainText(name),
    dates.short(new Date(first.startedAt)),
    dates.short(new Date(last.startedAt)),
    dates.size(first.copies),
    dates.size(last.copies),
    dates.size(first.stored),
    dates.size(last.stored),
  );
}

function verifyReport(verified: VerifyMemory | undefined, dates: DateFormat): VerifyReport {
  const left = verified?.left ?? 0;
  return {
    title: vscode.l10n.t('Last verify'),
    summary: verified
      ? verifiedText(verified, dates)
      : vscode.l10n.t('The snapshots have not been verified from this computer yet.'),
    alarming: left > 0,
    note: vscode.l10n.t('Each automatic backup also checks a part of them: whatever has gone unchecked the longest.'),
    button: { action: 'verify', text: vscode.l10n.t('Verify') },
  };
}

function verifiedText({ at, snapshots, damaged, left }: VerifyMemory, dates: DateFormat): string {
  const when = dates.short(new Date(at));
  const all = snapshotCount(snapshots, dates);
  if (damaged === 0) return vscode.l10n.t('{0}: {1}, no damage found.', when, all);
  return left > 0
    ? vscode.l10n.t('{0}: {1}, still damaged: {2}.', when, all, dates.number(left))
    : vscode.l10n.t('{0}: {1}, damage found and healed: {2}.', when, all, dates.number(damaged));
}
