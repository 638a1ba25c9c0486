import * as vscode from 'vscode';
import { showMessage, type Severity } from './dialogs.js';
import { errorDetail, errorText, isCancelled } from './error-text.js';

/** A button of a message. */
export interface Action {
  title: string;
  run(): PromiseLike<unknown>;
}

/** Tells the user what has happened, in one line, with buttons for what can be done. Never waits for the answer. */
export class Messages {
  /** opens the log */
  readonly showLog: Action;

  constructor(private readonly log: vscode.LogOutputChannel) {
    this.showLog = { title: vscode.l10n.t('Show Log'), run: async () => log.show() };
  }

  /** Logs and shows; a cancellation is only logged. @param intro what was being done, a whole sentence */
  failure(intro: string, error: unknown): void {
    if (isCancelled(error)) {
      this.log.info(`${intro} ${errorText(error)}`);
      return;
    }
    this.log.error(`${intro} ${errorDetail(error)}`);
    this.show('error', `${intro} ${errorText(error)}`, [this.showLog]);
  }

  warning(text: string, actions: readonly Action[] = [this.showLog]): void {
    this.log.warn(text);
    this.show('warning', text, actions);
  }

  info(text: string, actions: readonly Action[] = []): void {
    this.log.info(text);
    this.show('information', text, actions);
  }

  // What goes wrong with the answer is told as well.
  private show(severity: Severity, text: string, actions: readonly Action[]): void {
    const answer = async (): Promise<void> => {
      const titles = actions.map(({ title }) => title);
      const choice = await showMessage(severity, text, titles);
      await actions.find(({ title }) => title === choice)?.run();
    };
    answer().catch((error: unknown) => this.failure(vscode.l10n.t('PHLB could not do this.'), error));
  }
}
