import * as vscode from 'vscode';
import { PhlbError } from '../../engine/words/errors.js';
import type { CommandLineHint, Hint, Phrase } from '../../engine/words/phrase.js';

/** One line for a user. */
export function errorText(error: unknown): string {
  if (!PhlbError.is(error)) return error instanceof Error ? error.message : String(error);
  return error.lineIn(hintText);
}

/** What the engine says, in the editor's language. */
export function phraseText({ template, args }: Phrase): string {
  // Its template is one of those that test/unit/contributions.test.ts wants translated.
  return vscode.l10n.t(template, ...args);
}

function hintText(hint: Hint): string {
  return hint.commandLine === undefined ? phraseText(hint) : editorHint(hint.commandLine, hint.args);
}

/** What to do in the editor where the engine's hint is about the command line. */
function editorHint(hint: CommandLineHint, args: readonly string[]): string {
  switch (hint) {
    case 'accept':
    case 'connect':
    case 'root':
      return vscode.l10n.t('connect its drive, or choose the location with Change Backup Location…');
    case 'takeOver':
    case 'listMissing':
      return vscode.l10n.t('choose this folder with Change Backup Location…, which adopts them');
    case 'makeRepository':
      return vscode.l10n.t('check its address, and whether its disk or server is there');
    case 'otherRoot':
      return vscode.l10n.t('choose another folder with Change Backup Location…');
    case 'rehash':
      return vscode.l10n.t('run "phlb rebuild --rehash" in a terminal of this editor to rebuild it from the files');
    case 'find':
      return vscode.l10n.t('look for it with Find File in Snapshots…');
    case 'list':
      return vscode.l10n.t('the Snapshots view shows which there are');
    case 'restoreTo':
    case 'otherTarget':
      return vscode.l10n.t('choose another folder with Restore To…');
    case 'folderByFolder':
      return vscode.l10n.t('restore folder by folder, or into an empty folder with Restore To…');
    case 'undo':
      return vscode.l10n.t('part of it was done; Undo Last Restore takes that back');
    case 'newRestic':
      return vscode.l10n.t('install restic {0} or newer, or name it in the setting phlb.offsite.resticPath', ...args);
    case 'repository':
    case 'repositoryPassword':
      return vscode.l10n.t('Copy Off This Machine Now asks for it');
    case 'offsiteStatus':
      return vscode.l10n.t('the storage page shows which there are');
    case 'offsiteStore':
    case 'adopt':
    case 'endTurn':
    case 'wholeHashes':
    case 'withoutDelete':
      // Options that the editor does not set, and marks that agents' hooks make.
      return '';
  }
}

/** Everything for the log. */
export function errorDetail(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `\ncaused by: ${error.cause.stack ?? error.cause.message}` : '';
  return `${PhlbError.is(error) ? `[${error.code}] ${error.line}\n` : ''}${error.stack ?? error.message}${cause}`;
}

export function isCancelled(error: unknown): boolean {
  return PhlbError.is(error, 'cancelled') || error instanceof vscode.CancellationError;
}
