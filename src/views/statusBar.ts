import * as vscode from 'vscode';
import { STATUS_MENU_COMMAND } from '../contributions.js';
import type { AutoBackup } from '../host/autoBackup.js';
import type { BackupService } from '../host/backupService.js';
import { readConfig, type Configuration } from '../host/configuration.js';
import type { DateFormat } from '../host/dates.js';
import { Disposables } from '../host/disposables.js';

const REFRESH_MS = 20_000;

/** How long ago the last backup was; spinning during one, a warning after a failure. A click opens the menu. */
export class StatusBar implements vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly item: vscode.StatusBarItem;

  constructor(
    private readonly configuration: Configuration,
    private readonly backups: BackupService,
    private readonly autoBackup: AutoBackup,
    private readonly dates: DateFormat,
  ) {
    this.item = this.disposables.add(vscode.window.createStatusBarItem('status', vscode.StatusBarAlignment.Right, 90));
    this.item.name = 'PHLB';
    this.item.command = STATUS_MENU_COMMAND;
  }

  start(): void {
    const { disposables } = this;
    const update = (): void => this.update();
    disposables.add(this.backups.onDidChange(update));
    disposables.add(this.autoBackup.onDidChange(update));
    disposables.add(vscode.workspace.onDidChangeWorkspaceFolders(update));
    disposables.add(
      this.configuration.onDidChange(['phlb.statusBar.enabled', 'phlb.backup.folders', 'phlb.autoBackup.mode'], update),
    );
    const timer = setInterval(update, REFRESH_MS);
    disposables.add({ dispose: () => clearInterval(timer) });
    update();
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private update(): void {
    if (!readConfig('phlb.statusBar.enabled') || this.configuration.folders().length === 0) {
      this.item.hide();
      return;
    }
    const { running, failure, lastSuccess } = this.backups.state;
    const age = lastSuccess === undefined ? vscode.l10n.t('No backup') : this.dates.age(lastSuccess);
    const last =
      lastSuccess === undefined
        ? vscode.l10n.t('No backup of this workspace yet')
        : vscode.l10n.t('Last backup: {0}', this.dates.short(lastSuccess));
    if (running) {
      this.show(`$(sync~spin) ${vscode.l10n.t('Backing up')}`, vscode.l10n.t('A backup is running'), false);
    } else if (failure !== undefined) {
      this.show(`$(warning) ${age}`, `${vscode.l10n.t('The last backup failed: {0}', failure)}\n${last}`, true);
    } else if (this.autoBackup.overdue) {
      const text = vscode.l10n.t('Saved files have waited for a backup for a long time');
      this.show(`$(warning) ${age}`, `${text}\n${last}`, true);
    } else {
      const paused = this.autoBackup.paused ? `\n${vscode.l10n.t('Auto-backup is paused')}` : '';
      this.show(`$(history) ${age}`, last + paused, false);
    }
  }

  private show(text: string, tooltip: string, warning: boolean): void {
    this.item.text = text;
    this.item.tooltip = tooltip;
    this.item.backgroundColor = warning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
    this.item.accessibilityInformation = { label: `PHLB. ${tooltip.replaceAll('\n', '. ')}`, role: 'button' };
    this.item.show();
  }
}
