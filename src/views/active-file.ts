import * as vscode from 'vscode';
import { SCHEME } from '../contributions.js';

/**
 * What the active editor shows, whatever kind of editor it is: `file:` for a file of today, `phlb:` for a past one. Of a
 * comparison the right side, else the left one. `none`: no editor, or one of no file on a disk. `other`: no file at all
 * (settings, a page, several files), or an editor that the editor does not tell about.
 */
export function activeFile(): vscode.Uri | 'none' | 'other' {
  const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
  if (!tab) return 'none';
  const shown = urisOf(tab.input);
  if (shown.length === 0) return 'other';
  return shown.find(({ scheme }) => scheme === 'file' || scheme === SCHEME) ?? 'none';
}

function urisOf(input: unknown): vscode.Uri[] {
  if (input instanceof vscode.TabInputTextDiff || input instanceof vscode.TabInputNotebookDiff) {
    return [input.modified, input.original];
  }
  const isOne =
    input instanceof vscode.TabInputText ||
    input instanceof vscode.TabInputCustom ||
    input instanceof vscode.TabInputNotebook;
  return isOne ? [input.uri] : [];
}
