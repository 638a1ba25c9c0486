import * as vscode from 'vscode';
import type { PlaceInText } from '../../contributions.js';

/** How far from its number a line is looked for: the editor also ends lines where only a carriage return stands. */
const LOOKED_AT = 1000;

/** Where a match is in a document; `undefined` where the editor makes no text of it. */
export async function selectionAt(uri: vscode.Uri, place: PlaceInText): Promise<vscode.Range | undefined> {
  const document = await vscode.workspace.openTextDocument(uri).then(
    opened => opened,
    () => undefined,
  );
  return document && rangeIn(document, place);
}

function rangeIn(document: vscode.TextDocument, { line, text, match }: PlaceInText): vscode.Range {
  const last = document.lineCount - 1;
  const expected = Math.min(line - 1, last);
  for (let at = expected; at <= Math.min(expected + LOOKED_AT, last); at++) {
    // A long line was cut around the match.
    const start = document.lineAt(at).text.indexOf(text);
    if (start >= 0) return new vscode.Range(at, start + match.from, at, start + match.to);
  }
  return document.lineAt(expected).range;
}
