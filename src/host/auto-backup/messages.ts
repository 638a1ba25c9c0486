import * as vscode from 'vscode';
import { Command } from '../../contributions.js';
import { emptiedText } from '../backup/emptied-folders.js';
import { errorText } from '../editor/error-text.js';
import { homePath } from '../editor/home-path.js';
import type { Messages } from '../editor/messages.js';
import { runCommand } from '../editor/register-commands.js';
import { troubleOf, type Trouble } from '../editor/remedies.js';
import type { Obstacle } from './obstacles.js';

/** What auto-backup says: trouble, once, until it works again or something else is the matter. */
export class AutoBackupMessages {
  private told: string | undefined;
  private toldEmptied: readonly string[] = [];

  constructor(private readonly messages: Messages) {}

  failure(error: unknown): void {
    const trouble = troubleOf(error);
    const message = errorText(error);
    this.once(
      trouble,
      trouble,
      trouble === 'unreachable'
        ? vscode.l10n.t('Automatic backups are paused. {0}', message)
        : vscode.l10n.t('The automatic backup failed. {0}', message),
    );
  }

  obstacle(obstacle: Obstacle, root: string): void {
    this.once(
      obstacle,
      obstacle === 'unreachable' ? obstacle : 'full',
      `${obstacleText(obstacle)} ${vscode.l10n.t('They resume by themselves; you can still back up by hand. Location: {0}', homePath(root))}`,
    );
  }

  /** @param folders all that are empty now; told when one has come to be so */
  emptied(folders: readonly string[]): void {
    const news = folders.filter(folder => !this.toldEmptied.includes(folder));
    this.toldEmptied = folders;
    if (news.length > 0) this.messages.warning(emptiedText(news));
  }

  success(): void {
    this.told = undefined;
  }

  private once(what: string, trouble: Trouble, text: string): void {
    if (this.told === what) return;
    this.told = what;
    this.messages.warning(text, this.messages.against(trouble, backUpByHand));
  }
}

// Not waited for longer: the user wants to see it run.
function backUpByHand(): PromiseLike<unknown> {
  return runCommand(Command.backupWorkspace);
}

/** Why automatic backups wait, as a sentence. */
export function obstacleText(obstacle: Obstacle): string {
  switch (obstacle) {
    case 'unreachable':
      return vscode.l10n.t('The backup location cannot be reached, so automatic backups are paused.');
    case 'space':
      return vscode.l10n.t('The backup location is running out of space, so automatic backups are paused.');
    case 'inodes':
      return vscode.l10n.t('The backup location cannot hold many more files, so automatic backups are paused.');
  }
}
