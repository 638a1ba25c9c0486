import * as vscode from 'vscode';
import { STATUS_MENU_COMMAND } from '../contributions.js';
import type { AutoBackup } from '../host/auto-backup/auto-backup.js';
import { obstacleText } from '../host/auto-backup/messages.js';
import type { BackupService } from '../host/backup/backup-service.js';
import { readConfig, type Configuration } from '../host/editor/configuration.js';
import type { DateFormat } from '../host/editor/dates.js';
import { Disposables } from '../host/editor/disposables.js';
import { emptiedText } from '../host/backup/emptied-folders.js';
import type { LastBackup, WhenBackedUp } from '../host/backup/last-backup.js';
import type { OffsiteCopies } from '../host/offsite/copies.js';
import { offsiteLines } from '../host/offsite/texts.js';
import { createStatus, showStatus } from './shown.js';

const REFRESH_MS = 20_000;

/** How long ago the last backup was; spinning during one, a warning after a failure. A click opens the menu. */
export class StatusBar implements vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly item: vscode.StatusBarItem;

  constructor(
    private readonly configuration: Configuration,
    private readonly backups: BackupService,
    private readonly autoBackup: AutoBackup,
    private readonly lastBackup: LastBackup,
    private readonly offsite: OffsiteCopies,
    private readonly dates: DateFormat,
  ) {
    this.item = this.disposables.add(createStatus('PHLB', STATUS_MENU_COMMAND));
  }

  start(): void {
    const { disposables } = this;
    const update = (): void => this.update();
    disposables.add(this.backups.onDidChange(update));
    disposables.add(this.autoBackup.onDidChange(update));
    disposables.add(this.lastBackup.onDidChange(update));
    disposables.add(this.offsite.onDidChange(update));
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
    const { running, failure } = this.backups.state;
    const emptied = this.emptied();
    const { obstacle, overdue } = this.autoBackup;
    const { when } = this.lastBackup;
    const loading = !when.known && when.problem === undefined;
    const paused = this.autoBackup.state === 'paused';
    const trouble = [
      obstacle === undefined ? '' : obstacleText(obstacle),
      // That the location was not there is said above, with what comes of it.
      failure === undefined || obstacle === 'unreachable' ? '' : vscode.l10n.t('The last backup failed: {0}', failure),
      emptied.length > 0 ? emptiedText(emptied) : '',
      overdue ? vscode.l10n.t('Changes have been waiting for a backup for a long time') : '',
    ].filter(text => text !== '');
    const tooltip = [
      running ? vscode.l10n.t('A backup is running') : '',
      ...trouble,
      this.lastText(when),
      this.autoBackupText(),
      ...offsiteLines(this.offsite.state, readConfig('phlb.offsite.schedule'), this.dates),
    ];
    const warning = trouble.length > 0 && !running;
    const calm = loading ? 'loading~spin' : paused ? 'debug-pause' : 'history';
    const icon = running ? 'sync~spin' : warning ? 'warning' : calm;
    const text = running ? vscode.l10n.t('Backing up') : this.ageText(when);
    showStatus(this.item, { icon, text, tooltip, warning });
  }

  // Until it is known, and where it cannot be, nothing is said about it.
  private ageText(when: WhenBackedUp): string {
    if (!when.known) return 'PHLB';
    return when.date ? this.dates.age(when.date) : vscode.l10n.t('No backup');
  }

  private lastText(when: WhenBackedUp): string {
    if (!when.known) {
      return when.problem === undefined
        ? vscode.l10n.t('Looking up the last backup…')
        : vscode.l10n.t('The last backup cannot be looked up: {0}', when.problem);
    }
    return when.date
      ? vscode.l10n.t('Last backup: {0}', this.dates.short(when.date))
      : vscode.l10n.t('No backup of this workspace yet');
  }

  private autoBackupText(): string {
    const { state, unanswered } = this.autoBackup;
    switch (state) {
      case 'unknown':
        return '';
      case 'on':
        return vscode.l10n.t('Auto-backup is on');
      case 'paused':
        return vscode.l10n.t('Auto-backup is paused');
      case 'off':
        if (!vscode.workspace.isTrusted) return vscode.l10n.t('No auto-backup in Restricted Mode');
        return unanswered
          ? vscode.l10n.t('Auto-backup is not on yet: click to turn it on, or to say no')
          : vscode.l10n.t('Auto-backup is off');
    }
  }

  // Those of other folders are not this window's.
  private emptied(): string[] {
    const own = new Set(this.configuration.folders().map(({ fsPath }) => fsPath));
    return this.backups.state.emptied.filter(folder => own.has(folder));
  }
}
