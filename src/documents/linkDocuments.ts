import { readlink } from 'node:fs/promises';
import * as vscode from 'vscode';

const SCHEME = 'phlb-link';

/** Symbolic links of today as documents that hold their target's text, as those of snapshots do. */
export class LinkDocuments implements vscode.TextDocumentContentProvider {
  register(): vscode.Disposable {
    return vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    return readlink(uri.with({ scheme: 'file' }).fsPath);
  }
}

/** The address under which a link of today is shown, rather than what it leads to. */
export function linkDocument(link: vscode.Uri): vscode.Uri {
  return link.with({ scheme: SCHEME });
}
