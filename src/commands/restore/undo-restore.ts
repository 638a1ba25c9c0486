import * as vscode from 'vscode';
import { PhlbError } from '../../engine/words/errors.js';
import type { RestoreResult, SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import type { Catalog } from '../../host/catalog/catalog.js';
import { askModally } from '../../host/editor/dialogs.js';
import { withProgress } from '../../host/editor/progress.js';
import type { Services } from '../../host/backup/services.js';
import { saveEditors, unsavedFiles } from '../../host/editor/dirty-editors.js';
import { findSource } from '../snapshots/chosen-snapshots.js';
import { dirtyIn, isIdle, leftText, listing, listingOfErrors, unsavedText } from './restore-preview.js';
import type { RestoreReport } from './restore-report.js';

type Answer = 'undo' | 'save' | 'discard';

interface Undoable {
  source: SourceInfo;
  /** what the restore has replaced */
  safety: SnapshotInfo;
  preview: RestoreResult;
}

/** Undo Last Restore: removes what it has put there and puts back what it has replaced. Undone, it is done again. */
export class UndoRestoreCommand {
  constructor(
    private readonly services: Services,
    private readonly report: RestoreReport,
  ) {}

  /**
   * @param name of a source; default: the one that was restored last
   * @param ask whether to show what will be done and confirm
   */
  async run(name: string | undefined, ask: boolean): Promise<RestoreResult | undefined> {
    if (!ask) return this.takeBack(name);
    if (name !== undefined) await findSource(this.services.catalog, name);
    const undoable = await this.newest(name);
    if (!undoable) {
      this.services.messages.info(vscode.l10n.t('There is no restore to undo.'));
      return undefined;
    }
    const { source, preview } = undoable;
    const dirty = dirtyIn(source, preview);
    if (isIdle(preview) && preview.errors.length === 0) {
      this.services.messages.info(vscode.l10n.t('Nothing is left to undo of the last restore of {0}.', source.name));
      return preview;
    }
    const answer = await this.confirm(undoable, dirty);
    if (answer === undefined) return undefined;
    if (answer === 'save') await saveEditors(dirty);
    const takeBack = (): Promise<RestoreResult> => this.takeBack(source.name, source.source, isUndo(undoable.safety));
    return answer === 'discard' ? this.report.discarding(dirty, source.source, takeBack) : takeBack();
  }

  /** Takes one restore back at once while it is the last one of its source; else shows what would be taken back. */
  async undo(source: string, safetySnapshot: string): Promise<void> {
    const { sources } = await this.services.catalog.listAgain();
    const newest = newestSafety(sources.find(({ name }) => name === source));
    await this.run(source, newest?.id !== safetySnapshot);
  }

  // An undo is a restore with a safety snapshot as well, so the newest of these is of what would be taken back.
  private async newest(name: string | undefined): Promise<Undoable | undefined> {
    const { catalog, reader, configuration, dates } = this.services;
    const { sources } = await catalog.listAgain();
    const candidates = sources
      .filter(source => name === undefined || source.name === name)
      .flatMap(source => {
        const safety = newestSafety(source);
        return safety ? [{ source, safety }] : [];
      })
      .sort((a, b) => Date.parse(b.safety.startedAt) - Date.parse(a.safety.startedAt));
    for (const { source, safety } of candidates) {
      const request = { location: configuration.location(), name: source.name, dryRun: true };
      try {
        const preview = await withProgress(vscode.l10n.t('Checking what would change'), dates, call =>
          reader.call('undo', request, call),
        );
        return { source, safety, preview };
      } catch (error) {
        if (!PhlbError.is(error, 'notFound')) throw error;
      }
    }
    return undefined;
  }

  private async confirm({ source, safety, preview }: Undoable, dirty: vscode.Uri[]): Promise<Answer | undefined> {
    const { dates } = this.services;
    const { overwritten, created, deleted, errors } = preview;
    const list = (paths: { path: string }[]): string => listing(paths, '', dates);
    const facts: string[] = [];
    const again = isUndo(safety);
    if (overwritten.length > 0) {
      facts.push(
        again
          ? vscode.l10n.t('Overwritten: {0}', list(overwritten))
          : vscode.l10n.t('Set back to what it was before: {0}', list(overwritten)),
      );
    }
    if (created.length > 0) facts.push(vscode.l10n.t('Put back: {0}', list(created)));
    if (deleted.length > 0) facts.push(vscode.l10n.t('Removed again: {0}', list(deleted)));
    if (errors.length > 0) facts.push(vscode.l10n.t('Stays as it is: {0}', listingOfErrors(errors, '', dates)));
    const detail = [
      facts.join('\n'),
      vscode.l10n.t('A safety snapshot of what is there now is taken first, so this can be undone as well.'),
    ];
    if (preview.left.length > 0) detail.push(leftText(preview, dates));
    if (dirty.length > 0) detail.push(unsavedText(dirty));
    const when = dates.short(new Date(safety.startedAt));
    const question = again
      ? vscode.l10n.t('Redo the restore of {0}, undone {1}?', source.name, when)
      : vscode.l10n.t('Undo the last restore of {0} ({1})?', source.name, when);
    return askModally(question, detail, answers(again, dirty.length > 0));
  }

  /** @param folder that of the source, where it is known @param again whether it is known to be an undo that is taken back */
  private async takeBack(name: string | undefined, folder?: string, again = false): Promise<RestoreResult> {
    const { engine, configuration, catalog, dates } = this.services;
    const title = again ? vscode.l10n.t('Restoring') : vscode.l10n.t('Undoing a restore');
    const request = { location: configuration.location(), ...(name === undefined ? {} : { name }) };
    try {
      const result = await withProgress(title, dates, call =>
        engine.call('undo', { ...request, unsaved: unsavedFiles() }, call),
      );
      this.report.takenBack(result, this, await isRedo(catalog, result));
      if (folder !== undefined) this.report.dirtyAgain(folder, result);
      return result;
    } finally {
      catalog.invalidate();
    }
  }
}

// What an undo has done, its own safety snapshot tells.
async function isRedo(catalog: Catalog, { safetySnapshot }: RestoreResult): Promise<boolean> {
  const { sources } = await catalog.listAgain();
  const taken = sources.flatMap(({ snapshots }) => snapshots).find(({ id }) => id === safetySnapshot);
  return taken?.restore?.does === 'redo';
}

function isUndo({ restore }: SnapshotInfo): boolean {
  return restore?.does === 'undo';
}

function answers(again: boolean, dirty: boolean): Map<string, Answer> {
  if (!dirty) return new Map([[again ? vscode.l10n.t('Redo Restore') : vscode.l10n.t('Undo Restore'), 'undo']]);
  return new Map<string, Answer>(
    again
      ? [
          [vscode.l10n.t('Save and Redo'), 'save'],
          [vscode.l10n.t('Discard Changes and Redo'), 'discard'],
        ]
      : [
          [vscode.l10n.t('Save and Undo'), 'save'],
          [vscode.l10n.t('Discard Changes and Undo'), 'discard'],
        ],
  );
}

function newestSafety(source: SourceInfo | undefined): SnapshotInfo | undefined {
  return source?.snapshots.findLast(({ kind }) => kind === 'safety');
}
