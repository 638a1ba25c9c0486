import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { SnapshotArgument } from '../../contributions.js';
import { PhlbError } from '../../engine/words/errors.js';
import type { PathError, RestoreRequest, RestoreResult } from '../../engine/words/model.js';
import { join } from '../../engine/words/names.js';
import type { ResolvedPath } from '../../host/catalog/catalog.js';
import { askFolder, askModally, confirm } from '../../host/editor/dialogs.js';
import { homePath } from '../../host/editor/home-path.js';
import { withProgress } from '../../host/editor/progress.js';
import type { Services } from '../../host/backup/services.js';
import { dirtyEditors, saveEditors, unsavedFiles } from '../../host/editor/dirty-editors.js';
import type { Action } from '../../host/editor/messages.js';
import { listing } from './restore-preview.js';
import type { RestoreReport } from './restore-report.js';
import { resolveTarget, targetName } from '../snapshots/targets.js';
import type { UndoRestoreCommand } from './undo-restore.js';

/** Restore To…: brings files, folders or a whole snapshot back into another folder. */
export class RestoreToCommand {
  constructor(
    private readonly services: Services,
    private readonly undo: UndoRestoreCommand,
    private readonly report: RestoreReport,
  ) {}

  /**
   * @param folder asked for when it is not given. In one that is given, different files stay, and are named in the errors
   * @param ask whether to confirm that something which can run is put into a folder that nobody has chosen
   */
  async run(what: SnapshotArgument, folder: vscode.Uri | undefined, ask: boolean): Promise<RestoreResult | undefined> {
    const { found } = await resolveTarget(this.services.catalog, what);
    const name = targetName(found);
    const chosen = folder ?? (await pickFolder(name));
    if (!chosen) return undefined;
    if (chosen.scheme !== 'file') {
      throw new PhlbError('usage', vscode.l10n.t('Choose a folder on a disk of this computer.'), {
        path: chosen.toString(),
      });
    }
    const request = {
      location: this.services.configuration.location(),
      snapshot: found.snapshot.id,
      paths: found.path === '' ? [] : [found.path],
      to: chosen.fsPath,
    };
    if (folder && ask && !(await this.mayPutWhatRuns(found, request))) return undefined;
    const overwrite = folder ? false : await this.mayOverwrite(request);
    if (overwrite === undefined) return undefined;
    const result = await this.restore({ ...request, overwrite });
    const where = vscode.l10n.t('{0} to {1}', name, homePath(chosen.fsPath));
    const left = result.errors.filter(({ code }) => code === 'EEXIST');
    const leftText = left.length === 0 ? '' : listing(left, '', this.services.dates);
    this.report.restoredTo(where, result, leftText, this.undo, [openAction(chosen)]);
    return result;
  }

  // Nothing is overwritten, but a hook or a start-up file that was not there before is a way to run something.
  private async mayPutWhatRuns(found: ResolvedPath, request: RestoreRequest & { to: string }): Promise<boolean> {
    const { dates } = this.services;
    const { runnable = [] } = await this.preview(request);
    if (runnable.length === 0) return true;
    const when = dates.short(new Date(found.snapshot.startedAt));
    const question = vscode.l10n.t('Restore {0} ({1}) to {2}?', targetName(found), when, homePath(request.to));
    const detail = [
      vscode.l10n.t('Nothing will be overwritten.'),
      vscode.l10n.t(
        'Some of these can run, by themselves or when started: {0}',
        listing(
          runnable.map(path => ({ path })),
          '',
          dates,
        ),
      ),
    ];
    return confirm(question, detail, vscode.l10n.t('Restore'));
  }

  // Only where something different is there already is there anything to ask.
  private async mayOverwrite(request: RestoreRequest & { to: string }): Promise<boolean | undefined> {
    const { dates } = this.services;
    const { errors } = await this.preview(request);
    const different = errors.filter(({ code }: PathError) => code === 'EEXIST');
    if (different.length === 0) return false;
    const dirty = different.flatMap(({ path }) => dirtyEditors(join(request.to, path)));
    const detail = [
      listing(different, '', dates),
      vscode.l10n.t('If they are overwritten, a safety snapshot of them is taken first.'),
      ...(dirty.length > 0 ? [vscode.l10n.t('Files with unsaved changes are saved first.')] : []),
    ];
    const question = vscode.l10n.t(
      '{0} already has different files with the same names. Overwrite them?',
      homePath(request.to),
    );
    const buttons = new Map([
      [vscode.l10n.t('Overwrite'), true],
      [vscode.l10n.t('Leave Them as They Are'), false],
    ]);
    const overwrite = await askModally(question, detail, buttons);
    if (overwrite === true) await saveEditors(dirty);
    return overwrite;
  }

  private preview(request: RestoreRequest): Promise<RestoreResult> {
    const { reader, dates } = this.services;
    return withProgress(vscode.l10n.t('Checking what would change'), dates, call =>
      reader.call('restore', { ...request, dryRun: true }, call),
    );
  }

  private async restore(request: RestoreRequest): Promise<RestoreResult> {
    const { engine, catalog, dates } = this.services;
    try {
      return await withProgress(vscode.l10n.t('Restoring'), dates, call =>
        engine.call('restore', { ...request, unsaved: unsavedFiles() }, call),
      );
    } finally {
      if (request.overwrite) catalog.invalidate();
    }
  }
}

async function pickFolder(name: string): Promise<vscode.Uri | undefined> {
  const title = vscode.l10n.t('Choose the folder to restore {0} to', name);
  return askFolder(title, vscode.l10n.t('Restore Here'), vscode.Uri.file(homedir()));
}

function openAction(folder: vscode.Uri): Action {
  if (vscode.workspace.getWorkspaceFolder(folder)) {
    return {
      title: vscode.l10n.t('Show in Explorer'),
      run: () => vscode.commands.executeCommand('revealInExplorer', folder),
    };
  }
  return {
    title: vscode.l10n.t('Open Folder'),
    run: () => vscode.commands.executeCommand('vscode.openFolder', folder, { forceNewWindow: true }),
  };
}
