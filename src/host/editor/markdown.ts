import * as vscode from 'vscode';
import { plainText } from './plain-text.js';

/**
 * The only place that makes Markdown (lint sees to it), of which nothing that comes from outside is taken for markup: it is
 * never trusted, and text is escaped.
 */
export class Markdown {
  readonly text = new vscode.MarkdownString();

  /** Words of PHLB's own, with markup. */
  static of(words: string): vscode.MarkdownString {
    return new vscode.MarkdownString(words);
  }

  /** A text as it is. */
  static plain(text: string): vscode.MarkdownString {
    return new Markdown().add(text).text;
  }

  add(text: string): this {
    if (this.text.value !== '') this.text.appendMarkdown('\n\n');
    this.text.appendText(plainText(text));
    return this;
  }

  /** Names, a line each, in a block where nothing is markup. */
  addNames(names: readonly string[]): this {
    // The last line is ended too: shown as plain text, what follows would go on in it.
    this.text.appendText('\n').appendCodeblock(`${names.map(plainText).join('\n')}\n`, 'text');
    return this;
  }
}
