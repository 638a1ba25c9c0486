import * as vscode from 'vscode';
import { PhlbError } from '../../engine/words/errors.js';
import { readConfig, unsetConfig, type Configuration } from '../editor/configuration.js';
import type { Messages } from '../editor/messages.js';
import type { AutoBackup } from './auto-backup.js';
import type { AutoBackupConsent } from './consent.js';

/** Turn On Auto-Backup…: asks for consent, and puts away what else keeps it off. */
export class TurnOnAutoBackup {
  constructor(
    private readonly configuration: Configuration,
    private readonly consent: AutoBackupConsent,
    private readonly autoBackup: AutoBackup,
    private readonly messages: Messages,
  ) {}

  /**
   * Resolves to whether it is on now.
   * @param ask whether the user is asked first, and told what is in the way; else it counts as agreed to, in this workspace
   */
  async run(ask: boolean): Promise<boolean> {
    if (this.configuration.workspaceFolders().length === 0) {
      throw new PhlbError(
        'usage',
        vscode.l10n.t('There is no folder to back up. Open a folder on this computer first.'),
      );
    }
    if (ask && !vscode.workspace.isTrusted) return this.tellOfTrust();
    const { state } = this.autoBackup;
    if (state === 'on') {
      if (ask) this.messages.info(vscode.l10n.t('Auto-backup is on already.'));
    } else if (state === 'paused') {
      await this.autoBackup.resume();
    } else if ((await this.agreed(ask)) && (await this.allowedBySetting())) {
      await this.autoBackup.turnedOn();
    }
    return this.autoBackup.state === 'on';
  }

  private async agreed(ask: boolean): Promise<boolean> {
    if (ask) return this.consent.ask();
    await this.consent.accept();
    return true;
  }

  // Whoever agrees means more than a setting that says "off"; a policy, say, means more than them.
  private async allowedBySetting(): Promise<boolean> {
    const id = 'phlb.autoBackup.mode';
    if (readConfig(id) === 'off') await unsetConfig(id, 'off');
    if (readConfig(id) !== 'off') return true;
    const open = async (): Promise<unknown> => vscode.commands.executeCommand('workbench.action.openSettings', id);
    const openSettings = { title: vscode.l10n.t('Open Settings'), run: open };
    this.messages.warning(vscode.l10n.t('The setting {0} keeps auto-backup off.', id), [openSettings]);
    return false;
  }

  private tellOfTrust(): false {
    const manage = async (): Promise<unknown> => vscode.commands.executeCommand('workbench.trust.manage');
    this.messages.warning(
      vscode.l10n.t('In Restricted Mode nothing is backed up automatically. Trust this workspace first.'),
      [{ title: vscode.l10n.t('Manage Workspace Trust'), run: manage }],
    );
    return false;
  }
}
