import * as vscode from 'vscode';
import type { TextOptions } from '../../contributions.js';

/** What people call the options of a search. */
export function textOptionNames(): Record<keyof TextOptions, string> {
  return {
    matchCase: vscode.l10n.t('Match Case'),
    wholeWord: vscode.l10n.t('Match Whole Word'),
    regex: vscode.l10n.t('Use Regular Expression'),
    deletedOnly: vscode.l10n.t('Only What Is Gone Today'),
  };
}
