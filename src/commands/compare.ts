import { posix } from 'node:path';
import * as vscode from 'vscode';
import type { SnapshotItem } from '../contributions.js';
import { PhlbError } from '../engine/errors.js';
import type { Catalog } from '../host/catalog.js';
import type { DateFormat } from '../host/dates.js';
import { exists, isFileInSnapshot, resolveFile, todaysFile } from './targets.js';
import { pickVersion } from './versionPick.js';

/** Opening past files and comparing them with those of today. */
export class CompareCommands {
  constructor(
    private readonly catalog: Catalog,
    private readonly dates: DateFormat,
  ) {}

  /** Opens a past file in whatever editor its kind has. */
  async open(target: SnapshotItem | vscode.Uri): Promise<void> {
    const { uri, found } = await resolveFile(this.catalog, target);
    const title = this.title(uri, found.snapshot.startedAt);
    await vscode.commands.executeCommand('vscode.open', uri, { preview: true }, title);
  }

  /** The past file on the left, that of today on the right. */
  async withCurrent(target: SnapshotItem | vscode.Uri): Promise<void> {
    const { uri, found } = await resolveFile(this.catalog, target);
    const current = todaysFile(found);
    if (!(await exists(current))) {
      throw new PhlbError('notFound', vscode.l10n.t('The file is not there any more; the snapshot still has it.'), {
        path: current.fsPath,
      });
    }
    await this.diff(uri, found.snapshot.startedAt, current);
  }

  /** @param snapshotId which one to compare with; asked for when it is not given */
  async fileWithSnapshot(file: vscode.Uri | undefined, snapshotId: string | undefined): Promise<void> {
    const current = file ?? activeFile();
    if (current?.scheme !== 'file') {
      throw new PhlbError('usage', vscode.l10n.t('Open the file that is to be compared with a snapshot first.'));
    }
    const place = await this.catalog.sourceOf(current);
    if (!place) {
      throw new PhlbError('notFound', vscode.l10n.t('No snapshot holds this file. Back up its folder first.'), {
        path: current.fsPath,
      });
    }
    const snapshot =
      snapshotId === undefined
        ? await pickVersion(place.source, place.path, this.dates)
        : place.source.snapshots.find(candidate => candidate.id === snapshotId);
    if (!snapshot) {
      if (snapshotId === undefined) return;
      throw new PhlbError('notFound', vscode.l10n.t('There is no snapshot {0} of this file', snapshotId), {
        path: current.fsPath,
      });
    }
    if (!(await isFileInSnapshot({ snapshot, path: place.path }))) {
      throw new PhlbError('usage', vscode.l10n.t('Only files can be compared.'), { path: current.fsPath });
    }
    const past = this.catalog.address(place.storeId, place.source, snapshot, place.path);
    await this.diff(past, snapshot.startedAt, current);
  }

  private async diff(past: vscode.Uri, takenAt: string, current: vscode.Uri): Promise<void> {
    const title = `${this.title(past, takenAt)} ↔ ${posix.basename(current.path)}`;
    await vscode.commands.executeCommand('vscode.diff', past, current, title);
  }

  // `report.md (Today 21:40)`
  private title(uri: vscode.Uri, takenAt: string): string {
    return `${posix.basename(uri.path)} (${this.dates.short(new Date(takenAt))})`;
  }
}

// Whatever kind of editor shows it: an image or a notebook has no text editor.
function activeFile(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (input instanceof vscode.TabInputTextDiff) return input.modified;
  if (
    input instanceof vscode.TabInputText ||
    input instanceof vscode.TabInputCustom ||
    input instanceof vscode.TabInputNotebook
  ) {
    return input.uri;
  }
  return vscode.window.activeTextEditor?.document.uri;
}
