import * as vscode from 'vscode';
import { Command, View, type CommandId } from '../contributions.js';
import type { AutoBackup } from '../host/autoBackup.js';

interface MenuItem extends vscode.QuickPickItem {
  run(): Thenable<unknown>;
}

/** What a click on the status bar item offers. */
export async function showStatusMenu(autoBackup: AutoBackup): Promise<void> {
  const items = [
    item('save-all', vscode.l10n.t('Backup Workspace'), Command.backupWorkspace),
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
  return autoBackup.paused
    ? [item('debug-start', vscode.l10n.t('Resume Auto-Backup'), Command.resumeAutoBackup)]
    : [item('debug-pause', vscode.l10n.t('Pause Auto-Backup'), Command.pauseAutoBackup)];
}

function item(icon: string, label: string, command: CommandId): MenuItem {
  return { label: `$(${icon}) ${label}`, run: () => run(command) };
}

function run(command: string): Thenable<unknown> {
  return vscode.commands.executeCommand(command);
}
