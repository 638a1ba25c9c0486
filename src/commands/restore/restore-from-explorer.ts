import * as vscode from 'vscode';
import { PhlbError } from '../../engine/words/errors.js';
import type { RestoreResult } from '../../engine/words/model.js';
import { activeFiles } from '../../host/editor/tab-files.js';
import type { Services } from '../../host/backup/services.js';
import { fileInSnapshot, pickVersion } from '../compare/version-pick.js';
import { MovedFiles } from '../compare/moved-files.js';
import { folderInSnapshot } from '../snapshots/snapshot-pick.js';
import type { RestoreCommand } from './restore.js';

/** Restore Folder to…, Restore Version…: from what stands there today to one of its pasts. */
export class RestoreFromExplorerCommands {
  private readonly movedFiles: MovedFiles;

  constructor(
    private readonly services: Services,
    private readonly restore: RestoreCommand,
  ) {
    this.movedFiles = new MovedFiles(services.reader, () => services.configuration.location());
  }

  /** @param snapshotId asked for when it is not given @param ask, tell as of a restore */
  async folder(
    folder: vscode.Uri,
    snapshotId: string | undefined,
    ask: boolean,
    tell: boolean,
  ): Promise<RestoreResult | undefined> {
    const past = await folderInSnapshot(this.services, folder, snapshotId, vscode.l10n.t('Restore Folder to'));
    return past && this.restore.run(past, undefined, ask, tell);
  }

  /** @param file that of the active editor when it is not given */
  async version(
    file: vscode.Uri | undefined,
    snapshotId: string | undefined,
    ask: boolean,
    tell: boolean,
  ): Promise<RestoreResult | undefined> {
    const { catalog, dates } = this.services;
    const current = file ?? activeFiles()[0] ?? vscode.window.activeTextEditor?.document.uri;
    if (current?.scheme !== 'file') {
      throw new PhlbError('usage', vscode.l10n.t('First open the file of which you want an older version.'));
    }
    const found = await catalog.sourceOf(current);
    const snapshot = found?.source.snapshots.find(({ id }) => id === snapshotId);
    if (!found || (snapshotId !== undefined && !snapshot)) {
      throw new PhlbError('notFound', vscode.l10n.t('No snapshot holds this file. Back up its folder first.'), {
        path: current.fsPath,
      });
    }
    const version = snapshot
      ? ((await fileInSnapshot(found, snapshot, this.movedFiles)) ?? { snapshot, path: found.path })
      : await pickVersion(found, this.movedFiles, dates, vscode.l10n.t('Restore Version'));
    if (!version) return undefined;
    const past = catalog.address(found.storeId, found.source, version.snapshot, version.path);
    return this.restore.run(past, undefined, ask, tell);
  }
}
