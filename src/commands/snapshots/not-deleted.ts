import * as vscode from 'vscode';
import type { PathError } from '../../engine/words/model.js';
import { snapshotCount } from '../../host/editor/count-text.js';
import type { Services } from '../../host/backup/services.js';

/** Tells which snapshots could not be deleted while others were: the first with its reason, all in the log. */
export function tellNotDeleted({ messages, dates, log }: Services, errors: readonly PathError[]): void {
  const [first] = errors;
  if (!first) return;
  for (const { path, message } of errors) log.warn(`${path} could not be deleted: ${message}`);
  const count = snapshotCount(errors.length, dates);
  messages.warning(vscode.l10n.t('{0} could not be deleted. {1}: {2}', count, first.path, first.message), [
    messages.showLog,
  ]);
}
