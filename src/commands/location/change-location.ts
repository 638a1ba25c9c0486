import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../../contributions.js';
import { PhlbError } from '../../engine/words/errors.js';
import { relativeInside } from '../../engine/words/names.js';
import type { Catalog } from '../../host/catalog/catalog.js';
import { writeConfig, type Configuration } from '../../host/editor/configuration.js';
import { errorCount, snapshotCount } from '../../host/editor/count-text.js';
import { askFolder, confirm, showMessage } from '../../host/editor/dialogs.js';
import type { LocationMemory } from '../../host/backup/location-memory.js';
import { plainText } from '../../host/editor/plain-text.js';
import { withProgress } from '../../host/editor/progress.js';
import type { Services } from '../../host/backup/services.js';
import { locationContents, type LocationContents } from './location-contents.js';

/** Change Backup Location…: where snapshots go from now on. Those of the old place stay there. */
export class ChangeLocationCommand {
  private readonly configuration: Configuration;
  private readonly locationMemory: LocationMemory;
  private readonly catalog: Catalog;

  constructor(private readonly services: Services) {
    this.configuration = services.configuration;
    this.locationMemory = services.locationMemory;
    this.catalog = services.catalog;
  }

  /**
   * @param folder asked for when it is not given. One that is given by a command was not chosen by anybody yet
   * @param ask whether to say what speaks against it and what becomes of what is there, and confirm
   */
  async run(folder: vscode.Uri | undefined, ask: boolean): Promise<{ location: string } | undefined> {
    const chosen = folder ?? (await this.pick());
    if (!chosen) return undefined;
    if (chosen.scheme !== 'file') {
      throw new PhlbError('usage', vscode.l10n.t('Backups can only be kept in a folder on a disk.'), {
        path: chosen.toString(),
      });
    }
    const root = chosen.fsPath;
    if (!ask) {
      await this.set(root);
      return { location: root };
    }
    const contents = await locationContents(root);
    if (!(await this.confirm(root, contents, folder !== undefined))) return undefined;
    await this.set(root);
    if (contents.kind === 'trees' || (contents.kind === 'store' && (await this.isRefused()))) await this.takeOver();
    void this.offerBackup(root);
    return { location: root };
  }

  private async pick(): Promise<vscode.Uri | undefined> {
    const title = vscode.l10n.t('Choose the folder for the backups');
    return askFolder(title, vscode.l10n.t('Keep Backups Here'), vscode.Uri.file(homedir()));
  }

  // The choice is also what allows a new store to be founded there, should one have gone missing.
  private async set(root: string): Promise<void> {
    await this.locationMemory.choose(root);
    await writeConfig('phlb.backup.location', root);
    this.catalog.invalidate();
    if (this.configuration.location().root === root) return;
    throw new PhlbError('usage', vscode.l10n.t('The setting has not taken effect; set it in the settings editor'), {
      path: 'phlb.backup.location',
    });
  }

  // Another store stands where this host remembers one: the choice is what accepts it.
  private async isRefused(): Promise<boolean> {
    try {
      await this.catalog.list();
      return false;
    } catch (error) {
      if (PhlbError.is(error, 'unreachable')) return true;
      throw error;
    }
  }

  private async takeOver(): Promise<void> {
    const { engine, dates, messages, log } = this.services;
    const request = { location: this.configuration.location(), rehash: true };
    try {
      const { snapshots, errors } = await withProgress(vscode.l10n.t('Adopting the snapshots'), dates, call =>
        engine.call('rebuild', request, call),
      );
      for (const { path, code, message } of errors) log.warn(`${path}: ${code}: ${message}`);
      const count = snapshotCount(snapshots, dates);
      if (errors.length === 0) messages.info(vscode.l10n.t('Adopted: {0}.', count));
      else messages.warning(vscode.l10n.t('Adopted: {0}, with {1}.', count, errorCount(errors.length, dates)));
    } finally {
      this.catalog.invalidate();
    }
  }

  // Who has just chosen a folder is asked only where there is more to say.
  private async confirm(root: string, contents: LocationContents, always: boolean): Promise<boolean> {
    const inside = this.configuration.folders().some(folder => relativeInside(folder.fsPath, root) !== undefined);
    const service = syncedBy(root);
    const doubts = [
      inside ? vscode.l10n.t('It is inside a folder that is backed up, and would be lost along with it.') : '',
      service === undefined
        ? ''
        : vscode.l10n.t(
            'It is synchronised by {0}, which may not keep hardlinks and would upload every snapshot.',
            service,
          ),
    ];
    const detail = [...doubts, this.consequence(contents)].filter(text => text !== '');
    if (detail.length === 0 && !always) return true;
    detail.push(always ? movedText(root) : '');
    const doubtful = doubts.some(text => text !== '');
    const yes = doubtful ? vscode.l10n.t('Use It Anyway') : vscode.l10n.t('Use This Folder');
    const question = doubtful
      ? vscode.l10n.t('Is {0} a good place for backups?', root)
      : vscode.l10n.t('Keep backups in {0}?', root);
    return confirm(question, detail, yes);
  }

  /** What becomes of what is there. */
  private consequence(contents: LocationContents): string {
    const { dates } = this.services;
    switch (contents.kind) {
      case 'store':
        return contents.sources.length === 0
          ? ''
          : vscode.l10n.t(
              'There are already backups here, of {0}. They will be listed from now on, and new ones will join them.',
              shortList(contents.sources),
            );
      case 'trees':
        return vscode.l10n.t(
          'There are snapshots here of an old PyHardLinkBackup, or of a backup location that has lost its list: {0}. They will be adopted: read once, which may take a while, and never altered. New snapshots share what is the same.',
          dates.number(contents.count),
        );
      case 'files':
        return vscode.l10n.t(
          'It is not empty. Each source gets a folder of its own beside what is there, which is not touched.',
        );
      case 'empty':
        return '';
    }
  }

  private async offerBackup(root: string): Promise<void> {
    const backUp = vscode.l10n.t('Back Up Now');
    const actions = this.configuration.folders().length === 0 ? [] : [backUp];
    if ((await showMessage('information', movedText(root), actions)) === backUp) {
      await vscode.commands.executeCommand(Command.backupWorkspace);
    }
  }
}

function movedText(root: string): string {
  return vscode.l10n.t('Backups go to {0} from now on. Snapshots taken so far stay where they are.', plainText(root));
}

function shortList(names: readonly string[]): string {
  const shown = names.slice(0, 5).map(plainText).join(', ');
  return names.length <= 5 ? shown : `${shown}…`;
}

/** The cloud service whose usual folder a path lies in. */
function syncedBy(path: string): string | undefined {
  const folders: [string, string][] = [
    ['Dropbox', 'Dropbox'],
    ['OneDrive', 'OneDrive'],
    ['Google Drive', 'Google Drive'],
    ['Nextcloud', 'Nextcloud'],
    ['iCloud Drive', 'Library/Mobile Documents'],
    ['iCloud Drive', 'iCloudDrive'],
    ['macOS', 'Library/CloudStorage'],
  ];
  const oneDrive = process.env.OneDrive;
  if (oneDrive && relativeInside(oneDrive, path) !== undefined) return 'OneDrive';
  return folders.find(([, folder]) => relativeInside(join(homedir(), folder), path) !== undefined)?.[0];
}
