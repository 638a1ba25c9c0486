import * as vscode from 'vscode';
import { errorDetail, errorText, isCancelled } from './errorText.js';

/** Tells the user what went wrong, with the way to the log. Never waits for the answer. */
export class Messages {
  constructor(private readonly log: vscode.LogOutputChannel) {}

  /** Logs and shows; a cancellation is only logged. @param intro what was being done, a whole sentence */
  failure(intro: string, error: unknown): void {
    if (isCancelled(error)) {
      this.log.info(`${intro} ${errorText(error)}`);
      return;
    }
    this.log.error(`${intro} ${errorDetail(error)}`);
    this.offerLog(vscode.window.showErrorMessage, `${intro} ${errorText(error)}`);
  }

  warning(text: string): void {
    this.log.warn(text);
    this.offerLog(vscode.window.showWarningMessage, text);
  }

  info(text: string): void {
    this.log.info(text);
    void vscode.window.showInformationMessage(text);
  }

  private offerLog(show: (text: string, ...items: string[]) => Thenable<string | undefined>, text: string): void {
    const showLog = vscode.l10n.t('Show Log');
    void show(text, showLog).then(choice => {
      if (choice === showLog) this.log.show();
    });
  }
}
