import * as vscode from 'vscode';
import type { RestoreResult } from '../engine/model.js';
import type { Services } from '../host/services.js';
import type { Action } from '../host/messages.js';
import { isIdle, listingOfErrors } from './restorePreview.js';

/** Takes a restore back by its safety snapshot. */
export interface Undo {
  undo(source: string, safetySnapshot: string): Promise<void>;
}

/** Says what a restore has done, with the way back. */
export class RestoreReport {
  constructor(private readonly services: Services) {}

  /** @param name what was restored, for people @param more further buttons */
  restored(name: string, result: RestoreResult, undo: Undo, more: readonly Action[] = []): void {
    if (this.failed(result, undo, more, name)) return;
    if (isIdle(result)) {
      this.services.messages.info(vscode.l10n.t('{0} is already as it was then.', name));
      return;
    }
    const isSaved = result.safetySnapshot !== null && result.overwritten.length + result.deleted.length > 0;
    const text = isSaved
      ? vscode.l10n.t('Restored {0}. What was there before is in the safety snapshot.', name)
      : vscode.l10n.t('Restored {0}.', name);
    this.services.messages.info(text, [...undoActions(result, undo), ...more]);
  }

  /** @param name what was restored, and where to @param left what different files there were left as they are */
  restoredTo(name: string, result: RestoreResult, left: string, undo: Undo, more: readonly Action[]): void {
    const errors = result.errors.filter(({ code }) => code !== 'EEXIST');
    if (left === '' || errors.length > 0) return this.restored(name, result, undo, more);
    this.services.messages.info(
      vscode.l10n.t('Restored {0}. Left as it is, since it is different there: {1}.', name, left),
      more,
    );
  }

  takenBack(result: RestoreResult, undo: Undo): void {
    if (this.failed(result, undo)) return;
    this.services.messages.info(vscode.l10n.t('The restore is taken back.'), undoActions(result, undo));
  }

  private failed(result: RestoreResult, undo: Undo, more: readonly Action[] = [], name?: string): boolean {
    const { errors, notes } = result;
    const { log, dates, messages } = this.services;
    for (const note of notes) log.info(note);
    if (errors.length === 0) return false;
    for (const { path, code, message } of errors) log.warn(`${path}: ${code}: ${message}`);
    const why = listingOfErrors(errors, '', dates);
    const actions = [...undoActions(result, undo), ...more, messages.showLog];
    const text =
      name === undefined || isIdle(result)
        ? vscode.l10n.t('Not restored: {0}', why)
        : vscode.l10n.t('Restored {0}, but not {1}', name, why);
    messages.warning(text, actions);
    return true;
  }
}

function undoActions({ safetySnapshot }: RestoreResult, undo: Undo): Action[] {
  if (safetySnapshot === null) return [];
  const source = safetySnapshot.slice(0, safetySnapshot.lastIndexOf('/'));
  return [{ title: vscode.l10n.t('Undo'), run: () => undo.undo(source, safetySnapshot) }];
}
