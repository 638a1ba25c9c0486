import * as vscode from 'vscode';
import { fittingDocument } from '../engine/words/fitting.js';
import { errorText } from '../host/editor/error-text.js';
import { plainText } from '../host/editor/plain-text.js';

/**
 * A tool's result: one JSON document, so that names of files are data. Of `items`, which stand under `key`, there are as
 * many as fit into the text; `omitted` says how many there are besides.
 * @param total how many items there are in all
 */
export function answer(
  facts: object,
  key: string,
  items: readonly unknown[],
  total = items.length,
): vscode.LanguageModelToolResult {
  const text = JSON.stringify(fittingDocument(facts, { [key]: items }, total));
  return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
}

/** Runs a tool's work: cancelled with the token, and failing with one plain line, which the agent is told. */
export async function work<T>(token: vscode.CancellationToken, run: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const abort = new AbortController();
  if (token.isCancellationRequested) abort.abort();
  const listening = token.onCancellationRequested(() => abort.abort());
  try {
    abort.signal.throwIfAborted();
    return await run(abort.signal);
  } catch (error) {
    if (abort.signal.aborted) throw new vscode.CancellationError();
    throw new Error(plainText(errorText(error)), { cause: error });
  } finally {
    listening.dispose();
  }
}

/** A whole number that an agent has given, within bounds; the preset for anything else. */
export function limitOf(value: unknown, preset: number, most: number): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 ? Math.min(value, most) : preset;
}
