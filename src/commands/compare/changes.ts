import * as vscode from 'vscode';
import type { SnapshotArgument } from '../../contributions.js';
import type { DiffResult } from '../../engine/diff.js';
import { PhlbError } from '../../engine/words/errors.js';
import type { AgentTurn } from '../../host/catalog/agent-turns.js';
import { previousSnapshot, type ResolvedPath } from '../../host/catalog/catalog.js';
import { errorCount, fileCount } from '../../host/editor/count-text.js';
import { plainText } from '../../host/editor/plain-text.js';
import { withProgress } from '../../host/editor/progress.js';
import type { Services } from '../../host/backup/services.js';
import { changedFiles, changesBelow, type ChangedFiles } from './changed-files.js';
import { ChangedPages } from './changed-pages.js';
import { folderInSnapshot } from '../snapshots/snapshot-pick.js';
import { resolveTarget } from '../snapshots/targets.js';

/** Show Its Changes, Show Changes Since This Snapshot, Compare Selected Snapshots: many files in the multi-diff editor. */
export class ChangesCommands {
  constructor(private readonly services: Services) {}

  /** From a snapshot (or a folder in one) to the files of today. */
  async since(snapshot: SnapshotArgument): Promise<DiffResult> {
    const { found } = await resolveTarget(this.services.catalog, snapshot);
    if (!found.source.local) {
      throw new PhlbError(
        'usage',
        vscode.l10n.t('This snapshot comes from another computer: compare it with another snapshot.'),
        {
          path: found.source.source,
        },
      );
    }
    const result = changesBelow(found.path, await this.diff(found.snapshot.id));
    await this.show(`${shownPath(found)}: ${this.time(found)} ↔ ${vscode.l10n.t('Now')}`, result, found, undefined);
    return result;
  }

  /**
   * From the snapshot before to this one (or in a folder of it): what it has brought.
   * @param ask whether a person is there to be told that there is none before it
   */
  async of(snapshot: SnapshotArgument, ask: boolean): Promise<DiffResult | undefined> {
    const { found } = await resolveTarget(this.services.catalog, snapshot);
    if (found.snapshot.kind === 'safety') {
      throw new PhlbError(
        'usage',
        vscode.l10n.t('A safety snapshot holds only what a restore has replaced: there is nothing to compare it with.'),
        { path: found.snapshot.id },
      );
    }
    const before = previousSnapshot(found.source, found.snapshot);
    if (!before) {
      const text = vscode.l10n.t(
        'This is the oldest snapshot of {0}: there is none before it that it could differ from.',
        plainText(found.source.name),
      );
      if (!ask) throw new PhlbError('notFound', text, { path: found.snapshot.id });
      this.services.messages.info(text);
      return undefined;
    }
    const older = { ...found, snapshot: before };
    const result = changesBelow(found.path, await this.diff(before.id, found.snapshot.id));
    await this.show(`${shownPath(found)}: ${this.time(older)} ↔ ${this.time(found)}`, result, older, found);
    return result;
  }

  /** What a turn of an agent has changed. */
  async ofTurn({ id, agent, source }: AgentTurn): Promise<DiffResult> {
    const { catalog, reader, configuration, dates } = this.services;
    const request = { location: configuration.location(), turn: id, name: source.name };
    const result = await withProgress(vscode.l10n.t('Comparing'), dates, call =>
      reader.call('turnChanges', request, call),
    );
    const [older, newer] = await Promise.all(
      [result.older, result.newer ?? ''].map(async one => (await resolveTarget(catalog, one)).found),
    );
    if (older && newer) await this.show(`${agent}: ${this.time(older)} ↔ ${this.time(newer)}`, result, older, newer);
    return result;
  }

  /** From a snapshot to a folder of today. @param snapshotId asked for when it is not given */
  async sinceOf(folder: vscode.Uri, snapshotId: string | undefined): Promise<DiffResult | undefined> {
    const past = await folderInSnapshot(this.services, folder, snapshotId, vscode.l10n.t('Show Changes Since'));
    return past && this.since(past);
  }

  /** @param newer a snapshot, or the selected nodes with `older` among them */
  async between(older: SnapshotArgument, newer: unknown): Promise<DiffResult> {
    const { catalog } = this.services;
    const given = Array.isArray(newer) ? newer.filter(isSnapshotArgument) : [older, newer].filter(isSnapshotArgument);
    const found = await Promise.all(given.map(async one => (await resolveTarget(catalog, one)).found));
    const [left, right] = sortByTime(found);
    if (!left || !right || found.length > 2) {
      throw new PhlbError('usage', vscode.l10n.t('Choose two snapshots to compare.'));
    }
    const result = await this.diff(left.snapshot.id, right.snapshot.id);
    const title =
      left.source.name === right.source.name
        ? `${plainText(left.source.name)}: ${this.time(left)} ↔ ${this.time(right)}`
        : `${plainText(left.source.name)}: ${this.time(left)} ↔ ${plainText(right.source.name)}: ${this.time(right)}`;
    await this.show(title, result, left, right);
    return result;
  }

  private diff(snapshot: string, other?: string): Promise<DiffResult> {
    const { reader, configuration, dates } = this.services;
    const request = { location: configuration.location(), snapshot, ...(other === undefined ? {} : { other }) };
    return withProgress(vscode.l10n.t('Comparing'), dates, call => reader.call('diff', request, call));
  }

  /** @param newer `undefined`: the files of today */
  private async show(
    title: string,
    result: DiffResult,
    older: ResolvedPath,
    newer: ResolvedPath | undefined,
  ): Promise<void> {
    const { catalog } = this.services;
    const { storeId } = await catalog.list();
    const changed = changedFiles(result, {
      older: path => catalog.address(storeId, older.source, older.snapshot, path),
      newer: newer && (path => catalog.address(storeId, newer.source, newer.snapshot, path)),
      source: older.source,
      folder: older.path,
    });
    const { files, ofGit } = changed;
    const heading = ofGit.length > 0 ? `${title} · .git: ${fileCount(ofGit.length, this.services.dates)}` : title;
    if (files.length > 0) await this.pages(heading, files).show();
    this.tell(title, result, changed);
  }

  private tell(title: string, result: DiffResult, { files, ofGit, unnamed }: ChangedFiles): void {
    const { dates, messages, log } = this.services;
    const { changes, errors, newer } = result;
    if (files.length === 0 && unnamed === 0 && ofGit.length > 0) {
      const show = { title: vscode.l10n.t('Show Them'), run: () => this.pages(title, ofGit).show() };
      messages.info(
        vscode.l10n.t('Only files of git repositories have changed: {0}.', fileCount(ofGit.length, dates)),
        [show],
      );
    } else if (files.length === 0 && unnamed === 0) {
      messages.info(
        changes.length > 0
          ? vscode.l10n.t('No contents have changed, only folders, permissions or times.')
          : newer === null
            ? vscode.l10n.t('Nothing has changed since then.')
            : vscode.l10n.t('There is no difference between these snapshots.'),
      );
    }
    if (unnamed > 0) {
      messages.info(
        vscode.l10n.t(
          'Changed, but not shown, because the editor cannot open names that are not valid UTF-8: {0}.',
          fileCount(unnamed, dates),
        ),
      );
    }
    if (errors.length === 0) return;
    for (const { path, code, message } of errors) log.warn(`${path}: ${code}: ${message}`);
    messages.warning(
      vscode.l10n.t('Compared, but with {0}: the log lists what could not be read.', errorCount(errors.length, dates)),
    );
  }

  private pages(title: string, files: ChangedFiles['files']): ChangedPages {
    return new ChangedPages(title, files, this.services.dates, this.services.messages);
  }

  private time({ snapshot }: ResolvedPath): string {
    return this.services.dates.short(new Date(snapshot.startedAt));
  }
}

// `documents/notes`
function shownPath({ source, path }: ResolvedPath): string {
  return plainText(path === '' ? source.name : `${source.name}/${path}`);
}

function isSnapshotArgument(item: unknown): item is SnapshotArgument {
  if (typeof item === 'string' || item instanceof vscode.Uri) return true;
  return typeof item === 'object' && item !== null && 'uri' in item && item.uri instanceof vscode.Uri;
}

// Within a source the list has the right order, whatever the clock said.
function sortByTime(found: ResolvedPath[]): ResolvedPath[] {
  const [first, second] = found;
  if (first && second && first.source.name === second.source.name) {
    const at = ({ snapshot }: ResolvedPath): number => first.source.snapshots.findIndex(({ id }) => id === snapshot.id);
    return found.toSorted((a, b) => at(a) - at(b));
  }
  return found.toSorted((a, b) => Date.parse(a.snapshot.startedAt) - Date.parse(b.snapshot.startedAt));
}
