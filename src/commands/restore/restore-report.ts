import * as vscode from 'vscode';
import type { RestoreResult } from '../../engine/words/model.js';
import { nameOfPath, relativeInside } from '../../engine/words/names.js';
import { setContextKey } from '../../host/editor/configuration.js';
import { dirtyEditors, discarding } from '../../host/editor/dirty-editors.js';
import type { Services } from '../../host/backup/services.js';
import type { Action } from '../../host/editor/messages.js';
import { isIdle, listingOfErrors, withLeft } from './restore-preview.js';

/** Takes a restore back by its safety snapshot. */
export interface Undo {
  undo(source: string, safetySnapshot: string): Promise<void>;
}

/** What a person may do next, as buttons. */
interface NextActions {
  /** shows what was restored */
  open?: readonly Action[];
  undo: Undo;
  /** of the button for that */
  title?: string;
  more?: readonly Action[];
}

/** Says what a restore has done, with the way back. */
export class RestoreReport {
  constructor(private readonly services: Services) {}

  /** @param name what was restored, for people */
  restored(name: string, result: RestoreResult, next: NextActions): void {
    if (this.failed(result, next, name)) return;
    const { open = [], undo, more = [] } = next;
    if (isIdle(result)) {
      const text = vscode.l10n.t('{0} is already as it was then.', name);
      this.services.messages.info(this.withLeft(text, result), more);
      return;
    }
    void setContextKey('phlb.restored', true);
    const isSaved = result.safetySnapshot !== null && result.overwritten.length + result.deleted.length > 0;
    const text = isSaved
      ? vscode.l10n.t('Restored {0}. What was there before is in the safety snapshot.', name)
      : vscode.l10n.t('Restored {0}.', name);
    this.services.messages.info(this.withLeft(text, result), [...open, ...undoActions(result, undo), ...more]);
  }

  /**
   * Gives up unsaved changes for what is restored or taken back.
   * @param folder that the paths of the result are relative to
   */
  async discarding(
    files: readonly vscode.Uri[],
    folder: string,
    work: () => Promise<RestoreResult>,
  ): Promise<RestoreResult> {
    const { result, stale } = await discarding(files, work, ({ errors }, file) => {
      const path = relativeInside(folder, file.fsPath);
      return errors.some(error => error.path === path || path?.startsWith(`${error.path}/`));
    });
    if (stale.length > 0) {
      this.services.messages.warning(
        vscode.l10n.t(
          'Close without saving, because the editor does not show the restored contents: {0}',
          namesOf(stale),
        ),
        [],
      );
    }
    return result;
  }

  /** Tells of files that were changed in an editor while they were restored: it would save them without a question. */
  dirtyAgain(folder: string, { created, overwritten, deleted }: RestoreResult): void {
    const changed = new Set([...created, ...overwritten, ...deleted].map(({ path }) => path));
    const dirty = dirtyEditors(folder).filter(uri => changed.has(relativeInside(folder, uri.fsPath) ?? ''));
    if (dirty.length === 0) return;
    this.services.messages.warning(
      vscode.l10n.t(
        'Changed in an editor in the meantime; saving would overwrite what was restored: {0}',
        namesOf(dirty),
      ),
      [],
    );
  }

  /** @param name what was restored, and where to @param left what different files there were left as they are */
  restoredTo(name: string, result: RestoreResult, left: string, undo: Undo, more: readonly Action[]): void {
    const errors = result.errors.filter(({ code }) => code !== 'EEXIST');
    if (left === '' || errors.length > 0) return this.restored(name, result, { undo, more });
    this.services.messages.info(
      vscode.l10n.t('Restored {0}. Left alone, because something different is there: {1}.', name, left),
      more,
    );
  }

  /** @param again whether it was an undo that has been taken back */
  takenBack(result: RestoreResult, undo: Undo, again: boolean): void {
    const title = again ? vscode.l10n.t('Undo') : vscode.l10n.t('Redo');
    if (this.failed(result, { undo, title })) return;
    const text = again
      ? vscode.l10n.t('What was restored is back again.')
      : vscode.l10n.t('The restore has been undone.');
    this.services.messages.info(this.withLeft(text, result), undoActions(result, undo, title));
  }

  /** @param name what an agent changed, for people */
  turnTakenBack(name: string, result: RestoreResult, undo: Undo): void {
    if (this.failed(result, { undo }, name)) return;
    const text = vscode.l10n.t('Taken back: {0}.', name);
    this.services.messages.info(this.withLeft(text, result), undoActions(result, undo));
  }

  private withLeft(text: string, result: RestoreResult): string {
    return withLeft(text, result, this.services.dates);
  }

  private failed(result: RestoreResult, { undo, title, more = [] }: NextActions, name?: string): boolean {
    const { errors, notes } = result;
    const { log, dates, messages } = this.services;
    for (const note of notes) log.info(note);
    if (errors.length === 0) return false;
    for (const { path, code, message } of errors) log.warn(`${path}: ${code}: ${message}`);
    const why = listingOfErrors(errors, '', dates);
    const actions = [...undoActions(result, undo, title), ...more, messages.showLog];
    const text =
      name === undefined || isIdle(result)
        ? vscode.l10n.t('Not restored: {0}', why)
        : vscode.l10n.t('Restored {0}, but not {1}', name, why);
    messages.warning(this.withLeft(text, result), actions);
    return true;
  }
}

function namesOf(files: readonly vscode.Uri[]): string {
  return files.map(uri => nameOfPath(uri.fsPath)).join(', ');
}

function undoActions({ safetySnapshot }: RestoreResult, undo: Undo, title = vscode.l10n.t('Undo')): Action[] {
  if (safetySnapshot === null) return [];
  const source = safetySnapshot.slice(0, safetySnapshot.lastIndexOf('/'));
  return [{ title, run: () => undo.undo(source, safetySnapshot) }];
}
