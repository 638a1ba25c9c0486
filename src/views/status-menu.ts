import * as vscode from 'vscode';
import { Command, View, type CommandId } from '../contributions.js';
import type { AutoBackup } from '../host/auto-backup/auto-backup.js';
import type { BackupService } from '../host/backup/backup-service.js';
import type { Catalog } from '../host/catalog/catalog.js';
import { pick, type PickItem } from '../host/editor/pick-list.js';

interface MenuItem extends PickItem {
  run(): Thenable<unknown>;
}

const RECENT_MS = 24 * 60 * 60_000;

/** What a click on the status bar item offers. */
export async function showStatusMenu(backups: BackupService, autoBackup: AutoBackup, catalog: Catalog): Promise<void> {
  const picked = await pick(menuItems(backups, autoBackup, catalog), { title: 'PHLB' });
  await picked?.run();
}

async function menuItems(backups: BackupService, autoBackup: AutoBackup, catalog: Catalog): Promise<MenuItem[]> {
  return [
    backups.state.running
      ? { icon: 'debug-stop', label: vscode.l10n.t('Cancel Backup'), run: async () => backups.cancel() }
      : item('save-all', vscode.l10n.t('Backup Workspace'), Command.backupWorkspace),
    { icon: 'history', label: vscode.l10n.t('Show Snapshots'), run: () => run(`${View.snapshots}.focus`) },
    item('search', vscode.l10n.t('Find File in Snapshots…'), Command.findFile),
    ...((await hasRestoredLately(catalog))
      ? [item('discard', vscode.l10n.t('Undo Last Restore'), Command.undoRestore)]
      : []),
    autoBackupItem(autoBackup),
    item('graph', vscode.l10n.t('Show Storage Usage'), Command.showStorage),
    item('folder', vscode.l10n.t('Change Backup Location…'), Command.changeLocation),
    {
      icon: 'gear',
      label: vscode.l10n.t('Settings'),
      run: () => vscode.commands.executeCommand('workbench.action.openSettings', '@ext:phlb.phlb'),
    },
    item('output', vscode.l10n.t('Show Log'), Command.showLog),
  ];
}

// Every restore leaves a safety snapshot. Where the snapshots cannot be listed, the menu is for finding out why.
async function hasRestoredLately(catalog: Catalog): Promise<boolean> {
  try {
    const { sources } = await catalog.list();
    const since = new Date(Date.now() - RECENT_MS).toISOString();
    const all = sources.filter(({ local }) => local).flatMap(({ snapshots }) => snapshots);
    return all.some(({ kind, startedAt }) => kind === 'safety' && startedAt > since);
  } catch {
    return false;
  }
}

function autoBackupItem({ state }: AutoBackup): MenuItem {
  switch (state) {
    case 'on':
      return item('debug-pause', vscode.l10n.t('Pause Auto-Backup'), Command.pauseAutoBackup);
    case 'paused':
      return item('debug-continue', vscode.l10n.t('Resume Auto-Backup'), Command.resumeAutoBackup);
    case 'unknown':
    case 'off':
      return item('debug-start', vscode.l10n.t('Turn On Auto-Backup…'), Command.turnOnAutoBackup);
  }
}

function item(icon: string, label: string, command: CommandId): MenuItem {
  return { icon, label, run: () => run(command) };
}

function run(command: string): Thenable<unknown> {
  return vscode.commands.executeCommand(command);
}
