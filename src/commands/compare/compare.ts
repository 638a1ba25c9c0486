import { posix } from 'node:path';
import * as vscode from 'vscode';
import { Command, type SnapshotItem } from '../../contributions.js';
import { linkDocument } from '../../documents/link-documents.js';
import { PhlbError } from '../../engine/words/errors.js';
import type { Catalog, ResolvedPath } from '../../host/catalog/catalog.js';
import { comparedAddress } from '../../host/catalog/past-image.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { isCancelled } from '../../host/editor/error-text.js';
import type { Messages } from '../../host/editor/messages.js';
import { pastTitle } from '../../host/editor/past-title.js';
import { plainText } from '../../host/editor/plain-text.js';
import { activeFiles } from '../../host/editor/tab-files.js';
import { withProgress } from '../../host/editor/progress.js';
import type { Services } from '../../host/backup/services.js';
import { isFileInSnapshot, kindToday, resolveFile, targetName, todaysFile } from '../snapshots/targets.js';
import { selectionAt } from './place-in-text.js';
import { pickVersion, fileInSnapshot } from './version-pick.js';
import { MovedFiles } from './moved-files.js';

/** Opening past files and comparing them with those of today. */
export class CompareCommands {
  private readonly catalog: Catalog;
  private readonly dates: DateFormat;
  private readonly messages: Messages;
  private readonly movedFiles: MovedFiles;

  constructor({ catalog, dates, messages, reader, configuration }: Services) {
    this.catalog = catalog;
    this.dates = dates;
    this.messages = messages;
    this.movedFiles = new MovedFiles(reader, () => configuration.location());
  }

  /** Opens a past file in whatever editor its kind has, at the place that a search has found. */
  async open(target: SnapshotItem | vscode.Uri): Promise<void> {
    const { uri, found } = await resolveFile(this.catalog, target);
    const title = this.title(uri, found.snapshot.startedAt);
    const place = target instanceof vscode.Uri ? undefined : target.place;
    const selection = place && (await selectionAt(uri, place));
    const options = { preview: true, ...(selection ? { selection } : {}) };
    await vscode.commands.executeCommand('vscode.open', uri, options, title);
  }

  /** The file in the snapshot before on the left, whatever its name was there, the past file on the right. */
  async withPrevious(target: SnapshotItem | vscode.Uri): Promise<void> {
    const { uri, found } = await resolveFile(this.catalog, target);
    const { snapshot, path } = await this.movedFiles.before(found);
    if (!snapshot) {
      throw new PhlbError('notFound', vscode.l10n.t('There is no snapshot before this one to compare with.'), {
        path: found.snapshot.id,
      });
    }
    const now = this.title(uri, found.snapshot.startedAt);
    if (path === undefined) {
      const then = vscode.l10n.t('not there ({0})', this.dates.short(new Date(snapshot.startedAt)));
      return showAdded(uri, `${then} ↔ ${now}`);
    }
    const { storeId } = await this.catalog.list();
    const past = this.catalog.address(storeId, found.source, snapshot, path);
    const [left, right] = [this.side(past, snapshot.startedAt), this.side(uri, found.snapshot.startedAt)];
    await vscode.commands.executeCommand(
      'vscode.diff',
      left,
      right,
      `${this.title(past, snapshot.startedAt)} ↔ ${now}`,
    );
  }

  /**
   * The past file on the left, that of today on the right.
   * @param ask whether a person is there to be told what helps where today has none
   */
  async withCurrent(target: SnapshotItem | vscode.Uri, ask: boolean): Promise<void> {
    const { uri, found } = await resolveFile(this.catalog, target);
    const current = todaysFile(found);
    if (await kindToday(current)) await this.diff(uri, found.snapshot.startedAt, current);
    else if (ask) await this.tellGone(uri, found);
    else {
      throw new PhlbError('notFound', vscode.l10n.t('The file no longer exists; the snapshot still has it.'), {
        path: current.fsPath,
      });
    }
  }

  /** @param snapshotId which one to compare with; asked for when it is not given */
  async fileWithSnapshot(file: vscode.Uri | undefined, snapshotId: string | undefined): Promise<void> {
    const current = file ?? activeFiles()[0] ?? vscode.window.activeTextEditor?.document.uri;
    if (current?.scheme !== 'file') {
      throw new PhlbError('usage', vscode.l10n.t('First open the file that you want to compare with a snapshot.'));
    }
    const sourceFile = await this.catalog.sourceOf(current);
    if (!sourceFile) {
      throw new PhlbError('notFound', vscode.l10n.t('No snapshot holds this file. Back up its folder first.'), {
        path: current.fsPath,
      });
    }
    const snapshot = sourceFile.source.snapshots.find(({ id }) => id === snapshotId);
    if (snapshotId !== undefined && !snapshot) {
      throw new PhlbError('notFound', vscode.l10n.t('There is no snapshot {0} of this file', snapshotId), {
        path: current.fsPath,
      });
    }
    const version = snapshot
      ? ((await fileInSnapshot(sourceFile, snapshot, this.movedFiles)) ?? { snapshot, path: sourceFile.path })
      : await pickVersion(sourceFile, this.movedFiles, this.dates);
    if (!version) return;
    if (!(await isFileInSnapshot(version))) {
      throw new PhlbError('usage', vscode.l10n.t('Only files can be compared.'), { path: current.fsPath });
    }
    const past = this.catalog.address(sourceFile.storeId, sourceFile.source, version.snapshot, version.path);
    if (await kindToday(current)) await this.diff(past, version.snapshot.startedAt, current);
    else await this.open(past);
  }

  private async diff(past: vscode.Uri, takenAt: string, current: vscode.Uri): Promise<void> {
    const kind = await kindToday(current);
    if (kind === 'folder') {
      throw new PhlbError('usage', vscode.l10n.t('There is a folder in its place today.'), { path: current.fsPath });
    }
    const title = `${this.title(past, takenAt)} ↔ ${plainText(posix.basename(current.path))}`;
    const right = kind === 'link' ? linkDocument(current) : current;
    await vscode.commands.executeCommand('vscode.diff', this.side(past, takenAt), right, title);
  }

  private async tellGone(uri: vscode.Uri, found: ResolvedPath): Promise<void> {
    const name = targetName(found);
    const path = await this.searchToday(found);
    const restore = {
      title: vscode.l10n.t('Restore…'),
      run: () => vscode.commands.executeCommand(Command.restore, { uri }),
    };
    if (path === undefined) {
      const text = vscode.l10n.t('{0} no longer exists; the snapshot still has it.', name);
      return this.messages.warning(text, [restore]);
    }
    const compare = {
      title: vscode.l10n.t('Compare'),
      run: () => this.diff(uri, found.snapshot.startedAt, todaysFile({ ...found, path })),
    };
    const text = vscode.l10n.t('{0} is called {1} today.', name, path);
    this.messages.info(text, [compare, restore]);
  }

  private async searchToday(found: ResolvedPath): Promise<string | undefined> {
    if (!found.source.local) return undefined;
    try {
      return await withProgress(vscode.l10n.t('Searching for {0}', targetName(found)), this.dates, call =>
        this.movedFiles.today(found, call),
      );
    } catch (error) {
      if (isCancelled(error) || PhlbError.is(error)) return undefined;
      throw error;
    }
  }

  private side(past: vscode.Uri, takenAt: string): vscode.Uri {
    return comparedAddress(past, takenAt, this.dates);
  }

  private title(uri: vscode.Uri, takenAt: string): string {
    return pastTitle(uri.path, takenAt, this.dates);
  }
}

// An editor of many comparisons can do without one side, but not with images.
async function showAdded(uri: vscode.Uri, title: string): Promise<void> {
  const isText = await vscode.workspace.openTextDocument(uri).then(
    () => true,
    () => false,
  );
  if (isText) await vscode.commands.executeCommand('vscode.changes', title, [[uri, undefined, uri]]);
  else await vscode.commands.executeCommand('vscode.open', uri, { preview: true }, title);
}
