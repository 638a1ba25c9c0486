import * as vscode from 'vscode';

/**
 * The files that a tab shows, whatever kind of editor it is: of a comparison the right side, then the left one. None: no
 * file at all (settings, a page), several files, or an editor that VS Code does not tell about.
 */
export function filesOfTab(tab: vscode.Tab | undefined): vscode.Uri[] {
  const input = tab?.input;
  if (input instanceof vscode.TabInputTextDiff || input instanceof vscode.TabInputNotebookDiff) {
    return [input.modified, input.original];
  }
  const isOne =
    input instanceof vscode.TabInputText ||
    input instanceof vscode.TabInputCustom ||
    input instanceof vscode.TabInputNotebook;
  return isOne ? [input.uri] : [];
}

/** Those of the tab in front. */
export function activeFiles(): vscode.Uri[] {
  return filesOfTab(vscode.window.tabGroups.activeTabGroup.activeTab);
}
