import * as vscode from 'vscode';
import { Command } from '../../contributions.js';
import { showMessage, type Severity } from './dialogs.js';
import { errorDetail, errorText, isCancelled } from './error-text.js';
import { remediesFor, troubleOf, type Remedy, type Trouble } from './remedies.js';

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

  /** What helps against some trouble, and the log. @param again does once more what has failed */
  against(trouble: Trouble, again?: () => PromiseLike<unknown>): Action[] {
    const remedies = remediesFor(trouble, again !== undefined).map(remedy => actionOf(remedy, again));
    return [...remedies, this.showLog];
  }

  /**
   * Logs and shows, with what helps; a cancellation is only logged.
   * @param intro what was being done, a whole sentence
   * @param again does it once more
   */
  failure(intro: string, error: unknown, again?: () => PromiseLike<unknown>): void {
    if (isCancelled(error)) {
      this.log.info(`${intro} ${errorText(error)}`);
      return;
    }
    this.log.error(`${intro} ${errorDetail(error)}`);
    this.show('error', `${intro} ${errorText(error)}`, this.against(troubleOf(error), again));
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

function actionOf(remedy: Remedy, again: () => PromiseLike<unknown> = async () => undefined): Action {
  const command = (title: string, id: string): Action => ({ title, run: () => vscode.commands.executeCommand(id) });
  switch (remedy) {
    case 'tryAgain':
      return { title: vscode.l10n.t('Try Again'), run: again };
    case 'changeLocation':
      return command(vscode.l10n.t('Change Location…'), Command.changeLocation);
    case 'cleanUp':
      return command(vscode.l10n.t('Clean Up…'), Command.prune);
    case 'openFolder':
      return command(vscode.l10n.t('Open Folder…'), 'vscode.openFolder');
  }
}
