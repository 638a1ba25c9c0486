import * as vscode from 'vscode';
import type { SnapshotArgument, SourceItem } from '../../contributions.js';
import type { DeleteResult } from '../../engine/delete.js';
import { PhlbError } from '../../engine/words/errors.js';
import type { SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import { pathKey } from '../../engine/words/names.js';
import { snapshotCount, snapshotCounts } from '../../host/editor/count-text.js';
import { confirm } from '../../host/editor/dialogs.js';
import { homePath } from '../../host/editor/home-path.js';
import { plainText } from '../../host/editor/plain-text.js';
import { withProgress } from '../../host/editor/progress.js';
import type { Services } from '../../host/backup/services.js';
import { escapeName } from '../../host/catalog/snapshot-address.js';
import type { CallOptions } from '../../worker/client.js';
import { findSnapshots, findSource, snapshotNames, type ChosenSnapshot } from './chosen-snapshots.js';
import { tellNotDeleted } from './not-deleted.js';
import { exists } from './targets.js';

const MOST_LISTED = 10;

/** Delete Snapshot…, Remove Source and Its Snapshots… */
export class DeletionCommands {
  constructor(private readonly services: Services) {}

  /** @param more further ids, or the selected nodes @param ask whether to confirm, and to tell what was done */
  async snapshots(snapshot: SnapshotArgument, more: unknown, ask: boolean): Promise<DeleteResult | undefined> {
    const { catalog, engine, configuration } = this.services;
    const snapshots = await snapshotNames(catalog, snapshot, more);
    if (ask && !(await this.confirmSnapshots(await findSnapshots(catalog, snapshots)))) return undefined;
    const location = configuration.location();
    return this.remove(ask, call => engine.call('delete', { location, snapshots }, call));
  }

  /** @param ask as above */
  async source(argument: SourceItem | string, ask: boolean): Promise<DeleteResult | undefined> {
    const { catalog, engine, configuration } = this.services;
    const name = typeof argument === 'string' ? argument : argument.sourceName;
    if (ask && !(await this.confirmSource(await findSource(catalog, name)))) return undefined;
    const location = configuration.location();
    return this.remove(ask, call => engine.call('forget', { location, name }, call));
  }

  private async remove(tell: boolean, work: (call: CallOptions) => Promise<DeleteResult>): Promise<DeleteResult> {
    const { catalog, dates, messages, log } = this.services;
    try {
      const result = await withProgress(vscode.l10n.t('Deleting'), dates, work);
      const { deleted, freedBytes, errors, notes } = result;
      log.info(`Deleted ${deleted.join(', ')}: ${freedBytes} bytes freed`);
      for (const note of notes) log.info(note);
      const count = snapshotCount(deleted.length, dates);
      if (tell) messages.info(vscode.l10n.t('{0} deleted, {1} freed.', count, dates.size(freedBytes)));
      tellNotDeleted(this.services, errors);
      return result;
    } finally {
      catalog.invalidate();
    }
  }

  private async confirmSnapshots(chosen: readonly ChosenSnapshot[]): Promise<boolean> {
    refusePinned(chosen.map(({ snapshot }) => snapshot));
    const [first] = chosen;
    if (!first) return false;
    const freed = await this.freedBy(chosen.map(({ snapshot }) => snapshot));
    const one = chosen.length === 1;
    const detail = [
      one ? '' : this.enumerate(chosen),
      ...lastOnes(chosen),
      chosen.some(({ snapshot }) => snapshot.kind === 'safety')
        ? vscode.l10n.t('A restore whose safety snapshot is deleted can no longer be undone.')
        : '',
      freed,
      vscode.l10n.t('All other snapshots stay whole. What is stored nowhere else is lost; this cannot be undone.'),
    ];
    const question = one
      ? vscode.l10n.t('Delete the snapshot {0}?', this.describe(first))
      : vscode.l10n.t('Delete {0}?', snapshotCount(chosen.length, this.services.dates));
    return confirm(question, detail, vscode.l10n.t('Delete'));
  }

  private async confirmSource(source: SourceInfo): Promise<boolean> {
    const { configuration, dates } = this.services;
    refusePinned(source.snapshots);
    const freed = await this.freedBy(source.snapshots);
    const times = source.snapshots
      .map(({ startedAt }) => new Date(startedAt))
      .sort((a, b) => a.getTime() - b.getTime());
    const [oldest, newest] = [times[0], times.at(-1)];
    const path = escapeName(source.source);
    const facts = [homePath(source.source), snapshotCounts(source.snapshots, dates)];
    if (oldest && newest) facts.push(`${dates.short(oldest)} – ${dates.short(newest)}`);
    const folder = vscode.Uri.file(path);
    const isOpen =
      source.local && configuration.folders().some(({ fsPath }) => pathKey(fsPath) === pathKey(folder.fsPath));
    const detail = [
      facts.join('\n'),
      source.local && !(await exists(folder))
        ? vscode.l10n.t('The folder itself no longer exists: these snapshots are all that is left of it.')
        : vscode.l10n.t('The folder itself is not touched.'),
      isOpen ? vscode.l10n.t('It is backed up from here: the next backup begins a new history.') : '',
      source.snapshots.length === 0 ? '' : freed,
      source.local ? '' : vscode.l10n.t('It belongs to another computer, whose next backup begins a new history.'),
      vscode.l10n.t('Snapshots of other sources stay whole. This cannot be undone.'),
    ];
    const question = vscode.l10n.t('Remove {0} and all of its snapshots?', source.name);
    return confirm(question, detail, vscode.l10n.t('Remove'));
  }

  /** How much space deleting them all would free, as a sentence. */
  private async freedBy(snapshots: readonly SnapshotInfo[]): Promise<string> {
    const { reader, configuration, dates } = this.services;
    const request = { location: configuration.location(), snapshots: snapshots.map(({ id }) => id), dryRun: true };
    const { freedBytes } = await withProgress(vscode.l10n.t('Checking the snapshots'), dates, call =>
      reader.call('delete', request, call),
    );
    return freedBytes > 0
      ? vscode.l10n.t('{0} will be freed.', dates.size(freedBytes))
      : vscode.l10n.t('Hardly any space will be freed: other snapshots hold the same contents.');
  }

  private enumerate(chosen: readonly ChosenSnapshot[]): string {
    const lines = chosen.slice(0, MOST_LISTED).map(one => this.describe(one));
    const rest = chosen.length - lines.length;
    if (rest > 0) lines.push(vscode.l10n.t('and {0} more', this.services.dates.number(rest)));
    return lines.join('\n');
  }

  // `documents, Today 21:40, before the move`
  private describe({ source, snapshot }: ChosenSnapshot): string {
    const when = this.services.dates.short(new Date(snapshot.startedAt));
    return [source.name, when, ...(snapshot.label === null ? [] : [snapshot.label])].map(plainText).join(', ');
  }
}

/** @throws PhlbError `usage` */
function refusePinned(snapshots: readonly SnapshotInfo[]): void {
  const pinned = snapshots.flatMap(({ id, pinned: isPinned }) => (isPinned ? [id] : []));
  if (pinned.length === 0) return;
  throw new PhlbError('usage', vscode.l10n.t('Pinned, so nothing was deleted: {0}', pinned.join(', ')), {
    hint: vscode.l10n.t('unpin first'),
  });
}

/** Says of which sources no snapshot would be left. */
function lastOnes(chosen: readonly ChosenSnapshot[]): string[] {
  const going = new Set(chosen.map(({ snapshot }) => snapshot.id));
  const sources = [...new Set(chosen.map(({ source }) => source))];
  return sources
    .filter(({ snapshots }) => snapshots.every(({ id, kind }) => kind === 'safety' || going.has(id)))
    .filter(({ snapshots }) => snapshots.some(({ id, kind }) => kind === 'snapshot' && going.has(id)))
    .map(({ name }) => vscode.l10n.t('No snapshot of {0} will be left.', plainText(name)));
}
