import * as vscode from 'vscode';
import type { BackupService } from './backup-service.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Configuration } from '../editor/configuration.js';
import { Disposables } from '../editor/disposables.js';
import { errorText } from '../editor/error-text.js';
import { newestOfAll } from '../catalog/newest-snapshots.js';
import { storeIdAt } from '../catalog/store-identity.js';

const AFTER_START_MS = 5000;
const SETTLE_MS = 1000;

/**
 * When the open folders were last backed up, by whomever: this window's memory, or the snapshots that another window or
 * the command line has taken. Starts no thread by itself, but for a window that remembers no backup and has a store.
 */
export class LastBackup implements vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly changed = this.disposables.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.changed.event;
  private timer: NodeJS.Timeout | undefined;
  private listed: Date | undefined;

  constructor(
    private readonly catalog: Catalog,
    private readonly configuration: Configuration,
    private readonly backups: BackupService,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  start(): void {
    this.disposables.add(this.catalog.onDidChange(() => this.lookIn(SETTLE_MS)));
    this.disposables.add(this.configuration.onDidChange(['phlb.backup.location'], () => (this.listed = undefined)));
    if (this.backups.state.lastSuccess === undefined) this.lookIn(AFTER_START_MS);
  }

  get date(): Date | undefined {
    const { lastSuccess } = this.backups.state;
    if (!lastSuccess || !this.listed) return lastSuccess ?? this.listed;
    return lastSuccess > this.listed ? lastSuccess : this.listed;
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.disposables.dispose();
  }

  private lookIn(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), milliseconds);
  }

  private async look(): Promise<void> {
    const folders = this.configuration.folders().map(folder => folder.fsPath);
    if (folders.length === 0 || (await storeIdAt(this.configuration.location().root)) === undefined) return;
    try {
      this.listed = newestOfAll((await this.catalog.list()).sources, folders);
      this.changed.fire();
    } catch (error) {
      this.log.debug(`The last backup cannot be looked up: ${errorText(error)}`);
    }
  }
}
