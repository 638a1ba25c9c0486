import { stat } from 'node:fs/promises';
import * as vscode from 'vscode';
import { rememberedStore } from '../../engine/store/state.js';
import { errno } from '../../engine/words/errors.js';
import type { StoreLocation } from '../../engine/words/model.js';
import type { BackupService } from './backup-service.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Configuration } from '../editor/configuration.js';
import { Disposables } from '../editor/disposables.js';
import { errorText, isCancelled } from '../editor/error-text.js';
import { newestOfAll } from '../catalog/newest-snapshots.js';

const SETTLE_MS = 1000;

/** When that was; `undefined`: never. Nothing is claimed before it has been looked up, nor where it cannot be. */
export type WhenBackedUp = { known: true; date: Date | undefined } | { known: false; problem: string | undefined };

/**
 * When the open folders were last backed up, by whomever: this window's memory, or the snapshots that another window or
 * the command line has taken. Starts no thread by itself, but for a window that remembers no backup and has a store.
 */
export class LastBackup implements vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly changed = this.disposables.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.changed.event;
  private timer: NodeJS.Timeout | undefined;
  /** what the last look has found */
  private found: WhenBackedUp = UNKNOWN;
  private looks = 0;

  constructor(
    private readonly catalog: Catalog,
    private readonly configuration: Configuration,
    private readonly backups: BackupService,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  start(): void {
    const { disposables } = this;
    const forget = (): void => {
      this.found = UNKNOWN;
      this.lookIn(0);
      this.changed.fire();
    };
    disposables.add(this.catalog.onDidChange(() => this.lookIn(SETTLE_MS)));
    disposables.add(this.configuration.onDidChange(['phlb.backup.location', 'phlb.backup.folders'], forget));
    disposables.add(vscode.workspace.onDidChangeWorkspaceFolders(forget));
    if (this.backups.state.lastSuccess === undefined) this.lookIn(0);
  }

  get when(): WhenBackedUp {
    const { lastSuccess } = this.backups.state;
    const listed = this.found.known ? this.found.date : undefined;
    if (!lastSuccess) return this.found;
    return { known: true, date: listed && listed > lastSuccess ? listed : lastSuccess };
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
    const number = ++this.looks;
    const folders = this.configuration.folders().map(folder => folder.fsPath);
    if (folders.length === 0) return;
    const location = this.configuration.location();
    let found: WhenBackedUp;
    try {
      const sources = (await isUntouched(location)) ? [] : (await this.catalog.list()).sources;
      found = { known: true, date: newestOfAll(sources, folders) };
    } catch (error) {
      if (isCancelled(error)) return;
      this.log.debug(`The last backup cannot be looked up: ${errorText(error)}`);
      found = { known: false, problem: errorText(error) };
    }
    // Another location or other folders since then: a later look finds out about those.
    if (number !== this.looks) return;
    this.found = found;
    this.changed.fire();
  }
}

const UNKNOWN: WhenBackedUp = { known: false, problem: undefined };

// As before the first backup: nothing is there, and nothing ever was. No thread has to look.
async function isUntouched({ root, state }: StoreLocation): Promise<boolean> {
  const isMissing = await stat(root).then(
    () => false,
    (error: unknown) => errno(error) === 'ENOENT',
  );
  return isMissing && rememberedStore(state, root) === undefined;
}
