import { delimiter, join } from 'node:path';
import * as vscode from 'vscode';
import { installCli } from './cli-scripts.js';
import type { Configuration } from './configuration.js';
import { Disposables } from './disposables.js';
import { errorDetail } from './error-text.js';
import { Markdown } from './markdown.js';

// The start-up files of a shell may set the same variables anew.
const ALWAYS = { applyAtProcessCreation: true, applyAtShellIntegration: true };

/** Lets `phlb` be called in the editor's terminals, on the store that the editor uses. */
export class Terminals implements vscode.Disposable {
  private readonly disposables = new Disposables();

  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly configuration: Configuration,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** What terminals get stays when the window is closed, so that those that come back with the next one have it at once. */
  start(): void {
    const { environmentVariableCollection: environment } = this.context;
    environment.persistent = true;
    environment.description = Markdown.of(
      vscode.l10n.t('Puts the command `phlb` on the PATH, for the same snapshots as in the editor.'),
    );
    this.setLocation();
    this.disposables.add(this.configuration.onDidChange(['phlb.backup.location'], () => this.setLocation()));
    void this.setPath();
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private setLocation(): void {
    const { environmentVariableCollection: environment } = this.context;
    const { root, index } = this.configuration.location();
    environment.replace('PHLB_ROOT', root, ALWAYS);
    environment.replace('PHLB_INDEX', index, ALWAYS);
  }

  private async setPath(): Promise<void> {
    const { environmentVariableCollection: environment, extensionPath, globalStorageUri } = this.context;
    const folder = join(globalStorageUri.fsPath, 'bin');
    try {
      await installCli(folder, { node: process.execPath, cli: join(extensionPath, 'dist', 'cli.js') });
      environment.prepend('PATH', folder + delimiter, ALWAYS);
    } catch (error) {
      this.log.error(`phlb is not on the PATH of terminals: ${errorDetail(error)}`);
    }
  }
}
