import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { BackupReply, FolderItem, SourceItem } from '../../contributions.js';
import { notPublished } from '../../engine/words/counts.js';
import { PhlbError, toErrorData } from '../../engine/words/errors.js';
import type { BackupResult } from '../../engine/words/model.js';
import type { BackupOptions, BackupOutcome, BackupService, FailedFolder } from '../../host/backup/backup-service.js';
import type { Catalog } from '../../host/catalog/catalog.js';
import type { Configuration } from '../../host/editor/configuration.js';
import { errorCount, fileCount } from '../../host/editor/count-text.js';
import { emptiedText, isEmptied } from '../../host/backup/emptied-folders.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { askFolder, askText } from '../../host/editor/dialogs.js';
import type { Services } from '../../host/backup/services.js';
import { errorText } from '../../host/editor/error-text.js';
import { MovedFolders } from '../../host/backup/moved-folders.js';
import type { Messages } from '../../host/editor/messages.js';
import { findSource } from './chosen-snapshots.js';
import { labelProblem } from './label-problem.js';

type ByHand = Pick<BackupOptions, 'label' | 'adoptions'>;

/** Backup Workspace, with and without a label, Backup Folder…, Back Up Now */
export class BackupCommands {
  private readonly configuration: Configuration;
  private readonly backups: BackupService;
  private readonly catalog: Catalog;
  private readonly dates: DateFormat;
  private readonly messages: Messages;
  private readonly moved: MovedFolders;

  constructor({ configuration, backups, catalog, dates, messages }: Services) {
    this.configuration = configuration;
    this.backups = backups;
    this.catalog = catalog;
    this.dates = dates;
    this.messages = messages;
    this.moved = new MovedFolders(catalog, dates);
  }

  /** Backup Workspace with Label… @param label asked for when it is not given @param ask whether somebody is there to be asked */
  async named(label: string | undefined, ask: boolean): Promise<BackupReply | undefined> {
    const folders = this.workspaceFolders();
    const given = label ?? (await askLabel());
    if (given === undefined) return undefined;
    const name = given.trim();
    return this.run(folders, ask, name === '' ? {} : { label: name });
  }

  /** Back Up Now, of a source of this computer, whether its folder is open or not, or of an open folder that is none yet */
  async source(argument: SourceItem | FolderItem | string, ask: boolean): Promise<BackupReply | undefined> {
    if (typeof argument === 'object' && 'folder' in argument) return this.run([argument.folder], ask);
    const source = await findSource(this.catalog, argument);
    if (!source.local) {
      throw new PhlbError(
        'usage',
        vscode.l10n.t('This source belongs to another computer; only that one can back it up.'),
        {
          path: source.source,
        },
      );
    }
    if (!source.source.isWellFormed()) {
      throw new PhlbError('usage', vscode.l10n.t('The editor cannot open a file whose name is not valid UTF-8.'));
    }
    return this.backUp([vscode.Uri.file(source.source)]);
  }

  /** One snapshot of each open folder and of those in the settings. @param ask whether somebody is there to be asked */
  async workspace(ask: boolean): Promise<BackupReply | undefined> {
    return this.run(this.workspaceFolders(), ask);
  }

  /**
   * @param folder given by the Explorer or a script; otherwise it is asked for
   * @param selected all that is selected in the Explorer, `folder` among it
   * @param ask whether somebody is there to be asked
   */
  async folder(
    folder: vscode.Uri | undefined,
    selected: readonly vscode.Uri[],
    ask: boolean,
  ): Promise<BackupReply | undefined> {
    const given = selected.length > 0 || !folder ? selected : [folder];
    const folders = given.length > 0 ? given : await pickFolder();
    const elsewhere = folders.find(uri => uri.scheme !== 'file');
    if (elsewhere) {
      throw new PhlbError('usage', vscode.l10n.t('Only folders on a disk can be backed up.'), {
        path: elsewhere.toString(),
      });
    }
    return folders.length === 0 ? undefined : this.run(folders, ask);
  }

  private workspaceFolders(): vscode.Uri[] {
    const folders = this.configuration.folders();
    if (folders.length > 0) return folders;
    throw new PhlbError(
      'source',
      vscode.l10n.t('There is no folder to back up. Open a folder on this computer first.'),
    );
  }

  // A script that cannot answer begins anew; asking what becomes of a history overwrites nothing.
  private async run(
    folders: readonly vscode.Uri[],
    ask: boolean,
    options: { label?: string } = {},
  ): Promise<BackupReply | undefined> {
    const adoptions = ask ? await this.moved.ask(folders) : new Map<string, string>();
    return adoptions && this.backUp(folders, { ...options, adoptions });
  }

  private async backUp(folders: readonly vscode.Uri[], options: ByHand = {}): Promise<BackupReply> {
    const run = await this.backups.run(folders, { automatic: false, ...options });
    this.tell(run, options);
    return { snapshots: [...run.snapshots, ...run.failed.map(failed)] };
  }

  private tell({ snapshots, failed }: BackupOutcome, options: ByHand): void {
    for (const { folder, error } of failed) {
      const again = (): Promise<unknown> => this.backUp([folder], options);
      this.messages.failure(vscode.l10n.t('{0} was not backed up.', folder.fsPath), error, again);
    }
    const errors = snapshots.reduce((sum, result) => sum + result.errors.length, 0);
    const damaged = snapshots.reduce((sum, result) => sum + result.damaged.length, 0);
    if (errors > 0) {
      this.messages.warning(
        vscode.l10n.t(
          'Backed up with {0}: the log lists what could not be stored as it is.',
          errorCount(errors, this.dates),
        ),
      );
    }
    if (damaged > 0) {
      this.messages.warning(
        vscode.l10n.t(
          'Damage found in the backups: {0}. The contents have been stored again.',
          fileCount(damaged, this.dates),
        ),
      );
    }
    const emptied = snapshots.filter(isEmptied).map(({ source }) => source);
    if (emptied.length > 0) this.messages.warning(emptiedText(emptied));
    if (errors + damaged + emptied.length > 0 || snapshots.length === 0) return;
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

function failed({ folder, startedAt, error }: FailedFolder): BackupResult {
  const { code, path } = toErrorData(error);
  const run = { name: basename(folder.fsPath), source: folder.fsPath, startedAt };
  return notPublished(run, { path: path ?? '', code, message: errorText(error) });
}

async function pickFolder(): Promise<readonly vscode.Uri[]> {
  const picked = await askFolder(vscode.l10n.t('Choose the folder to back up'), vscode.l10n.t('Back Up'));
  return picked ? [picked] : [];
}

async function askLabel(): Promise<string | undefined> {
  return askText({
    title: vscode.l10n.t('Backup Workspace with Label'),
    prompt: vscode.l10n.t('A name for this snapshot, for instance what you are about to do'),
    placeHolder: vscode.l10n.t('before the big cleanup'),
    problem: labelProblem,
  });
}
