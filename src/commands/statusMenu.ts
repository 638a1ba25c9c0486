import * as vscode from 'vscode';
import { Command, View, type CommandId } from '../contributions.js';
import type { AutoBackup } from '../host/autoBackup.js';
import type { BackupService } from '../host/backupService.js';

interface MenuItem extends vscode.QuickPickItem {
  run(): Thenable<unknown>;
}

/** What a click on the status bar item offers. */
export async function showStatusMenu(backups: BackupService, autoBackup: AutoBackup): Promise<void> {
  const items = [
    backups.state.running
      ? { label: `$(debug-stop) ${vscode.l10n.t('Cancel Backup')}`, run: async () => backups.cancel() }
      : item('save-all', vscode.l10n.t('Backup Workspace'), Command.backupWorkspace),
    { label: `$(history) ${vscode.l10n.t('Show Snapshots')}`, run: () => run(`${View.snapshots}.focus`) },
    ...pauseOrResume(autoBackup),
    item('folder', vscode.l10n.t('Change Backup Location…'), Command.changeLocation),
    {
      label: `$(gear) ${vscode.l10n.t('Settings')}`,
      run: () => vscode.commands.executeCommand('workbench.action.openSettings', '@ext:phlb.phlb'),
    },
    item('output', vscode.l10n.t('Show Log'), Command.showLog),
  ];
  const picked = await vscode.window.showQuickPick<MenuItem>(items, { title: 'PHLB' });
  await picked?.run();
}

function pauseOrResume(autoBackup: AutoBackup): MenuItem[] {
  if (autoBackup.mode === 'off') return [];
  return autoBackup.stopped
    ? [item('debug-start', vscode.l10n.t('Resume Auto-Backup'), Command.resumeAutoBackup)]
    : [item('debug-pause', vscode.l10n.t('Pause Auto-Backup'), Command.pauseAutoBackup)];
}

function item(icon: string, label: string, command: CommandId): MenuItem {
  return { label: `$(${icon}) ${label}`, run: () => run(command) };
}

function run(command: string): Thenable<unknown> {
  return vscode.commands.executeCommand(command);
}
