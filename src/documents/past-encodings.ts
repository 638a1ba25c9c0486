import * as vscode from 'vscode';
import { SCHEME } from '../contributions.js';
import { Disposables } from '../host/editor/disposables.js';

/**
 * Reads past files in the encoding that the editor has for the file of today, whether by the settings of its folder or chosen by
 * hand: else a comparison shows differences that there are none of. Wherever a past file is opened, this sees it.
 */
export class PastEncodings implements vscode.Disposable {
  private readonly disposables = new Disposables();
  /** what was asked for already, by address: the editor may know no encoding of that name */
  private readonly asked = new Map<string, string>();
  /** as last seen */
  private readonly encodings = new WeakMap<vscode.TextDocument, string>();

  constructor(private readonly log: vscode.LogOutputChannel) {}

  register(): vscode.Disposable {
    const { workspace } = vscode;
    this.disposables.add(workspace.onDidOpenTextDocument(document => void this.seen(document)));
    // Another encoding, chosen by hand, is told as a change.
    this.disposables.add(workspace.onDidChangeTextDocument(({ document }) => void this.seen(document)));
    this.disposables.add(workspace.onDidCloseTextDocument(({ uri }) => this.asked.delete(uri.toString())));
    for (const document of workspace.textDocuments) void this.seen(document);
    return this;
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private async seen(document: vscode.TextDocument): Promise<void> {
    if (this.encodings.get(document) === document.encoding) return;
    this.encodings.set(document, document.encoding);
    if (isPast(document)) await this.adapt(document);
    else if (document.uri.scheme === 'file') {
      for (const past of vscode.workspace.textDocuments.filter(isPast)) await this.adapt(past);
    }
  }

  private async adapt(past: vscode.TextDocument): Promise<void> {
    const key = past.uri.toString();
    const encoding = encodingOfToday(past);
    // A mark at the beginning of a file is right, whatever the file of today has.
    const isMarked = hasMark(past) && !this.asked.has(key);
    if (encoding === past.encoding || isMarked || this.asked.get(key) === encoding) return;
    this.asked.set(key, encoding);
    try {
      await vscode.workspace.openTextDocument(past.uri, { encoding });
    } catch (error) {
      this.log.debug(`${past.uri.path} cannot be read as ${encoding}: ${String(error)}`);
    }
  }
}

function encodingOfToday(past: vscode.TextDocument): string {
  const today = comparedWith(past.uri) ?? past.uri.with({ scheme: 'file', authority: '', query: '' });
  const open = vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === today.toString());
  const setting = (): string | undefined =>
    vscode.workspace.getConfiguration('files', { uri: today, languageId: past.languageId }).get<string>('encoding');
  return open?.encoding ?? setting() ?? past.encoding;
}

// The file of today may have another name.
function comparedWith(past: vscode.Uri): vscode.Uri | undefined {
  for (const { input } of vscode.window.tabGroups.all.flatMap(group => group.tabs)) {
    if (!(input instanceof vscode.TabInputTextDiff) || input.modified.scheme !== 'file') continue;
    if (input.original.toString() === past.toString()) return input.modified;
  }
  return undefined;
}

function isPast({ uri }: vscode.TextDocument): boolean {
  return uri.scheme === SCHEME;
}

function hasMark({ encoding }: vscode.TextDocument): boolean {
  return ['utf8bom', 'utf16le', 'utf16be'].includes(encoding);
}
