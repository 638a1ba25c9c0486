import { homedir } from 'node:os';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Command } from '../contributions.js';
import { PhlbError } from '../engine/errors.js';
import { relativeInside } from '../engine/names.js';
import type { Catalog } from '../host/catalog.js';
import type { Configuration } from '../host/configuration.js';
import type { LocationMemory } from '../host/locationMemory.js';

/** Change Backup Location…: where snapshots go from now on. Those of the old place stay there. */
export class ChangeLocationCommand {
  constructor(
    private readonly configuration: Configuration,
    private readonly location: LocationMemory,
    private readonly catalog: Catalog,
  ) {}

  /** @param folder given by a script, which is asked nothing; otherwise it is asked for */
  async run(folder?: vscode.Uri): Promise<{ location: string } | undefined> {
    const chosen = folder ?? (await this.pick());
    if (!chosen) return undefined;
    if (chosen.scheme !== 'file') {
      throw new PhlbError('usage', vscode.l10n.t('Backups need a folder on a disk.'), { path: chosen.toString() });
    }
    if (!folder && !(await this.confirm(chosen.fsPath))) return undefined;
    await this.set(chosen.fsPath);
    if (!folder) void this.offerBackup(chosen.fsPath);
    return { location: chosen.fsPath };
  }

  private async pick(): Promise<vscode.Uri | undefined> {
    const picked = await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      defaultUri: vscode.Uri.file(homedir()),
      openLabel: vscode.l10n.t('Keep Backups Here'),
      title: vscode.l10n.t('Choose the folder for the backups'),
    });
    return picked?.[0];
  }

  // The choice is also what allows a new store to be founded there, should one have gone missing.
  private async set(root: string): Promise<void> {
    await this.location.choose(root);
    await vscode.workspace.getConfiguration().update('phlb.backup.location', root, vscode.ConfigurationTarget.Global);
    this.catalog.invalidate();
  }

  private async confirm(root: string): Promise<boolean> {
    const inside = this.configuration.folders().some(folder => relativeInside(folder.fsPath, root) !== undefined);
    const service = syncedBy(root);
    const detail = [
      inside ? vscode.l10n.t('It lies in a folder that is backed up, and would be lost together with it.') : '',
      service === undefined
        ? ''
        : vscode.l10n.t(
            'It is synchronised by {0}, which may not keep hardlinks and would upload every snapshot.',
            service,
          ),
    ].filter(text => text !== '');
    if (detail.length === 0) return true;
    const useIt = vscode.l10n.t('Use It Anyway');
    const choice = await vscode.window.showWarningMessage(
      vscode.l10n.t('Is {0} a good place for backups?', root),
      { modal: true, detail: detail.join('\n\n') },
      useIt,
    );
    return choice === useIt;
  }

  private async offerBackup(root: string): Promise<void> {
    if (this.configuration.folders().length === 0) return;
    const backUp = vscode.l10n.t('Back Up Now');
    const text = vscode.l10n.t('Backups go to {0} from now on. Snapshots taken so far stay where they are.', root);
    if ((await vscode.window.showInformationMessage(text, backUp)) === backUp) {
      await vscode.commands.executeCommand(Command.backupWorkspace);
    }
  }
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
