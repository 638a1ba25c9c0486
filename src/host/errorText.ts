import * as vscode from 'vscode';
import { PhlbError } from '../engine/errors.js';

/** One line for a user. */
export function errorText(error: unknown): string {
  if (!PhlbError.is(error)) return error instanceof Error ? error.message : String(error);
  // The engine's hint names the command line's options.
  if (error.code !== 'unreachable') return error.line;
  const hint = vscode.l10n.t('connect its drive, or choose it with Change Backup Location…');
  return new PhlbError(error.code, error.message, { path: error.path, hint }).line;
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
