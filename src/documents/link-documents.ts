import { readlink } from 'node:fs/promises';
import * as vscode from 'vscode';
import { errorText } from '../host/editor/error-text.js';
import { plainText } from '../host/editor/plain-text.js';

const SCHEME = 'phlb-link';

/** Symbolic links of today as documents that hold their target's text, as those of snapshots do. */
export class LinkDocuments implements vscode.TextDocumentContentProvider {
  register(): vscode.Disposable {
    return vscode.workspace.registerTextDocumentContentProvider(SCHEME, this);
  }

  async provideTextDocumentContent(uri: vscode.Uri): Promise<string> {
    try {
      return await readlink(uri.with({ scheme: 'file' }).fsPath);
    } catch (error) {
      // The editor puts what it says, a path among it, into a message of its own.
      throw new Error(plainText(errorText(error)), { cause: error });
    }
  }
}

/** The address under which a link of today is shown, rather than what it leads to. */
export function linkDocument(link: vscode.Uri): vscode.Uri {
  return link.with({ scheme: SCHEME });
}
