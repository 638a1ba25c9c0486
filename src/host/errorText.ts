import * as vscode from 'vscode';
import { PhlbError } from '../engine/errors.js';

/** One line for a user. */
export function errorText(error: unknown): string {
  if (PhlbError.is(error)) return error.line;
  return error instanceof Error ? error.message : String(error);
}

/** Everything for the log. */
export function errorDetail(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `\ncaused by: ${error.cause.stack ?? error.cause.message}` : '';
  return `${PhlbError.is(error) ? `[${error.code}] ${error.line}\n` : ''}${error.stack ?? error.message}${cause}`;
}

export function isCancelled(error: unknown): boolean {
  return PhlbError.is(error, 'cancelled') || error instanceof vscode.CancellationError;
}
