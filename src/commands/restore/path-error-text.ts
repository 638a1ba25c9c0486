import * as vscode from 'vscode';
import type { PathError } from '../../engine/words/model.js';

/** Why a path was left as it is, for people: the engine's own words name the command line's options. */
export function pathErrorText({ code, message }: PathError): string {
  switch (code) {
    case 'EEXIST':
      return vscode.l10n.t('something different is there');
    case 'ELOOP':
      return vscode.l10n.t('a symbolic link is in its place, and nothing is written through it');
    case 'ESPECIAL':
      return vscode.l10n.t('pipes, sockets and devices are only recorded');
    case 'EBLOCKED':
      return vscode.l10n.t('its folder cannot be restored');
    case 'ECHANGED':
      return vscode.l10n.t('it has changed since the restore');
    case 'ENOTEMPTY':
      return vscode.l10n.t('it holds what was added since the restore');
    case 'EDIRTY':
      return vscode.l10n.t('it has unsaved changes in an editor: save or discard them first');
    case 'EREPOSITORY':
      return vscode.l10n.t('a folder with a git repository is in its place');
    case 'EACCES':
    case 'EPERM':
      return vscode.l10n.t('permission denied');
    case 'ENOSPC':
      return vscode.l10n.t('the disk is full');
    default:
      return message;
  }
}
