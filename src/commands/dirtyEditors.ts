import * as vscode from 'vscode';
import { relativeInside } from '../engine/names.js';

/** The files at or below a path that are open with unsaved changes, in whatever kind of editor. */
export function dirtyEditors(path: string): vscode.Uri[] {
  const documents = [...vscode.workspace.textDocuments, ...vscode.workspace.notebookDocuments];
  const open = [
    ...documents.filter(document => document.isDirty).map(document => document.uri),
    ...vscode.window.tabGroups.all.flatMap(group => group.tabs).flatMap(dirtyCustomEditor),
  ];
  const inside = open.filter(uri => uri.scheme === 'file' && relativeInside(path, uri.fsPath) !== undefined);
  return [...new Map(inside.map(uri => [uri.toString(), uri])).values()];
}

/** Whether all of them could be saved. */
export async function saveEditors(uris: readonly vscode.Uri[]): Promise<boolean> {
  for (const uri of uris) if (!(await vscode.workspace.save(uri))) return false;
  return true;
}

/** Shows what is on disk again: an editor that stays dirty would keep what the user has just given up. */
export async function revertEditors(uris: readonly vscode.Uri[]): Promise<void> {
  for (const uri of uris) {
    await vscode.commands.executeCommand('vscode.open', uri, { preview: false });
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }
}

function dirtyCustomEditor(tab: vscode.Tab): vscode.Uri[] {
  return tab.isDirty && tab.input instanceof vscode.TabInputCustom ? [tab.input.uri] : [];
}
