import * as vscode from 'vscode';
import { PhlbError } from '../engine/errors.js';
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

/**
 * Saves which of the files are dirty by now: auto-save may have been faster than the user's answer.
 * @throws PhlbError `usage` when a file stays dirty
 */
export async function saveEditors(files: readonly vscode.Uri[]): Promise<void> {
  for (const uri of stillDirty(files)) await vscode.workspace.save(uri);
  const unsaved = stillDirty(files)[0];
  if (!unsaved) return;
  throw new PhlbError('usage', vscode.l10n.t('It could not be saved, so nothing was restored'), {
    path: unsaved.fsPath,
  });
}

/** Shows what is on disk again: an editor that stays dirty would keep what the user has just given up. */
export async function revertEditors(files: readonly vscode.Uri[]): Promise<void> {
  for (const uri of stillDirty(files)) {
    await vscode.commands.executeCommand('vscode.open', uri, { preview: false });
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }
}

function stillDirty(files: readonly vscode.Uri[]): vscode.Uri[] {
  return files.filter(uri => dirtyEditors(uri.fsPath).some(dirty => dirty.toString() === uri.toString()));
}

function dirtyCustomEditor(tab: vscode.Tab): vscode.Uri[] {
  return tab.isDirty && tab.input instanceof vscode.TabInputCustom ? [tab.input.uri] : [];
}
