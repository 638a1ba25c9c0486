import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { BackupReply } from '../contributions.js';
import { PhlbError, toErrorData } from '../engine/errors.js';
import type { BackupResult } from '../engine/model.js';
import type { BackupRun, BackupService, FailedFolder } from '../host/backupService.js';
import type { Configuration } from '../host/configuration.js';
import { errorCount, fileCount } from '../host/counts.js';
import type { DateFormat } from '../host/dates.js';
import { errorText } from '../host/errorText.js';
import type { Messages } from '../host/messages.js';

/** Backup Workspace, Backup Folder… */
export class BackupCommands {
  constructor(
    private readonly configuration: Configuration,
    private readonly backups: BackupService,
    private readonly dates: DateFormat,
    private readonly messages: Messages,
  ) {}

  /** One snapshot of each open folder and of those in the settings. */
  async workspace(): Promise<BackupReply> {
    const folders = this.configuration.folders();
    if (folders.length === 0) {
      throw new PhlbError(
        'usage',
        vscode.l10n.t('There is no folder to back up. Open a folder on this computer first.'),
      );
    }
    return this.run(folders);
  }

  /**
   * @param folder given by the Explorer or a script; otherwise it is asked for
   * @param selected all that is selected in the Explorer, `folder` among it
   */
  async folder(folder?: vscode.Uri, selected: readonly vscode.Uri[] = []): Promise<BackupReply | undefined> {
    const given = selected.length > 0 || !folder ? selected : [folder];
    const folders = given.length > 0 ? given : await pickFolder();
    const elsewhere = folders.find(uri => uri.scheme !== 'file');
    if (elsewhere) {
      throw new PhlbError('usage', vscode.l10n.t('Only folders on a disk can be backed up.'), {
        path: elsewhere.toString(),
      });
    }
    return folders.length === 0 ? undefined : this.run(folders);
  }

  private async run(folders: readonly vscode.Uri[]): Promise<BackupReply> {
    const run = await this.backups.run(folders, { automatic: false });
    this.tell(run);
    return { snapshots: [...run.snapshots, ...run.failed.map(notPublished)] };
  }

  private tell({ snapshots, failed }: BackupRun): void {
    for (const { folder, error } of failed) {
      this.messages.failure(vscode.l10n.t('{0} was not backed up.', folder.fsPath), error);
    }
    const errors = snapshots.reduce((sum, result) => sum + result.errors.length, 0);
    const damaged = snapshots.reduce((sum, result) => sum + result.damaged.length, 0);
    if (errors > 0) {
      this.messages.warning(
        vscode.l10n.t(
          'Backed up with {0}: the log names what could not be stored as it is.',
          errorCount(errors, this.dates),
        ),
      );
    }
    if (damaged > 0) {
      this.messages.warning(
        vscode.l10n.t(
          'Found damaged in the backups: {0}. The contents were stored afresh.',
          fileCount(damaged, this.dates),
        ),
      );
    }
    if (errors + damaged > 0 || snapshots.length === 0) return;
    const files = snapshots.reduce((sum, result) => sum + result.files, 0);
    const copied = snapshots.reduce((sum, result) => sum + result.copiedBytes, 0);
    this.messages.info(
      vscode.l10n.t(
        'Backed up {0}: {1}, {2} newly stored.',
        snapshots.map(result => result.name).join(', '),
        fileCount(files, this.dates),
        this.dates.size(copied),
      ),
    );
  }
}

function notPublished({ folder, startedAt, error }: FailedFolder): BackupResult {
  const { code, path } = toErrorData(error);
  return {
    id: null,
    name: basename(folder.fsPath),
    source: folder.fsPath,
    path: null,
    startedAt,
    finishedAt: new Date().toISOString(),
    published: false,
    files: 0,
    directories: 0,
    symlinks: 0,
    bytes: 0,
    unchangedFiles: 0,
    linkedFiles: 0,
    copiedFiles: 0,
    copiedBytes: 0,
    linkedBytes: 0,
    excluded: [],
    damaged: [],
    errors: [{ path: path ?? '', code, message: errorText(error) }],
    notes: [],
  };
}

async function pickFolder(): Promise<readonly vscode.Uri[]> {
  const picked = await vscode.window.showOpenDialog({
    canSelectFiles: false,
    canSelectFolders: true,
    openLabel: vscode.l10n.t('Back Up'),
    title: vscode.l10n.t('Choose the folder to back up'),
  });
  return picked ?? [];
}
