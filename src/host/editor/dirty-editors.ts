import * as vscode from 'vscode';
import { PhlbError } from '../../engine/words/errors.js';
import { relativeInside } from '../../engine/words/names.js';
import { filesOfTab } from './tab-files.js';

/** How often an editor is asked to show what is on the disk: it may be about to load something older. */
const TRIES = 2;

/** The files at or below a path that are open with unsaved changes, in whatever kind of editor. */
export function dirtyEditors(path: string): vscode.Uri[] {
  return allDirty().filter(uri => relativeInside(path, uri.fsPath) !== undefined);
}

/** The absolute paths of all files with unsaved changes. Taken right before a restore: they may have come a moment ago. */
export function unsavedFiles(): string[] {
  return allDirty().map(uri => uri.fsPath);
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

/**
 * Gives up unsaved changes while something else is put in the place of their files. First of all, else auto-save would write
 * them over what has just been restored. Where nothing came, a text gets its changes back.
 * @param failed whether nothing was put in the place of a file
 * @returns also the files whose editors do not show what is on the disk
 */
export async function discarding<T>(
  files: readonly vscode.Uri[],
  work: () => Promise<T>,
  failed: (result: T, file: vscode.Uri) => boolean,
): Promise<{ result: T; stale: vscode.Uri[] }> {
  const texts = new Map(stillDirty(files).flatMap(uri => (textOf(uri) ? [[uri, textOf(uri)?.getText() ?? '']] : [])));
  await revert(stillDirty(files));
  try {
    const result = await work();
    const lost = [...texts].filter(([uri]) => failed(result, uri));
    await putBack(lost);
    const given = files.filter(uri => !lost.some(([other]) => other === uri));
    return { result, stale: await showDisk(given) };
  } catch (error) {
    await putBack([...texts]);
    throw error;
  }
}

async function showDisk(files: readonly vscode.Uri[]): Promise<vscode.Uri[]> {
  for (let tried = 0; ; tried++) {
    const shown = await Promise.all(files.map(showsDisk));
    const stale = files.filter((_, at) => !shown[at]);
    if (stale.length === 0 || tried === TRIES) return stale;
    await revert(stale);
  }
}

async function revert(files: readonly vscode.Uri[]): Promise<void> {
  for (const uri of files) {
    await vscode.commands.executeCommand('vscode.open', uri, { preview: false });
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }
}

async function showsDisk(uri: vscode.Uri): Promise<boolean> {
  if (stillDirty([uri]).length > 0) return false;
  const document = textOf(uri);
  if (!document) return true;
  try {
    const bytes = await vscode.workspace.fs.readFile(uri);
    const text = await vscode.workspace.decode(bytes, { encoding: document.encoding });
    const lines = (one: string): string => one.replace(/^\ufeff/, '').replace(/\r\n?/g, '\n');
    return lines(text) === lines(document.getText());
  } catch {
    // It is gone, as it may have been then: the editor says so.
    return true;
  }
}

async function putBack(texts: readonly [vscode.Uri, string][]): Promise<void> {
  for (const [uri, text] of texts) {
    const document = textOf(uri);
    if (!document) continue;
    const edit = new vscode.WorkspaceEdit();
    edit.replace(uri, new vscode.Range(0, 0, document.lineCount, 0), text);
    await vscode.workspace.applyEdit(edit);
  }
}

function textOf(uri: vscode.Uri): vscode.TextDocument | undefined {
  return vscode.workspace.textDocuments.find(document => document.uri.toString() === uri.toString());
}

function stillDirty(files: readonly vscode.Uri[]): vscode.Uri[] {
  const dirty = new Set(allDirty().map(uri => uri.toString()));
  return files.filter(uri => dirty.has(uri.toString()));
}

// A tab in the background may have no document yet, after the window was opened again; an editor of its own kind has none.
function allDirty(): vscode.Uri[] {
  const documents = [...vscode.workspace.textDocuments, ...vscode.workspace.notebookDocuments];
  const tabs = vscode.window.tabGroups.all.flatMap(group => group.tabs);
  const open = [
    ...documents.filter(document => document.isDirty).map(document => document.uri),
    ...tabs.filter(tab => tab.isDirty).flatMap(tab => filesOfTab(tab).slice(0, 1)),
  ].filter(({ scheme }) => scheme === 'file');
  return [...new Map(open.map(uri => [uri.toString(), uri])).values()];
}
