import * as vscode from 'vscode';
import { Command, SCHEME, type SnapshotArgument } from '../../contributions.js';
import { PhlbError } from '../../engine/words/errors.js';
import type { RestoreRequest, RestoreResult } from '../../engine/words/model.js';
import { relativeInside } from '../../engine/words/names.js';
import type { ResolvedPath } from '../../host/catalog/catalog.js';
import type { Action } from '../../host/editor/messages.js';
import { withProgress } from '../../host/editor/progress.js';
import { activeFiles } from '../../host/editor/tab-files.js';
import type { Services } from '../../host/backup/services.js';
import { findInTree } from '../../host/catalog/snapshot-tree.js';
import { dirtyEditors, saveEditors, unsavedFiles } from '../../host/editor/dirty-editors.js';
import { confirmRemoval, confirmRestore, type RestorePreview } from './restore-confirm.js';
import { isIdle, listing, partRemovals, withLeft } from './restore-preview.js';
import type { RestoreReport } from './restore-report.js';
import { resolveTarget, targetName, todaysPath } from '../snapshots/targets.js';
import type { UndoRestoreCommand } from './undo-restore.js';

type RestoreOptions = Pick<RestoreRequest, 'git' | 'delete'>;

/** Restore…: puts files, folders or a whole snapshot back in their place. */
export class RestoreCommand {
  constructor(
    private readonly services: Services,
    private readonly undo: UndoRestoreCommand,
    private readonly report: RestoreReport,
  ) {}

  /**
   * @param what a tree node, an address or a snapshot's id; the active editor's file when it is not given
   * @param ask whether to show what will be done and confirm. Without it, a file with unsaved changes in an editor stays, and
   *   is named in the errors.
   * @param tell whether a person is there to be told what else can be done where there is no place to restore to
   */
  async run(what: SnapshotArgument | undefined, ask: boolean, tell: boolean): Promise<RestoreResult | undefined> {
    const chosen = what ?? activeSnapshotFile();
    if (!chosen) throw new PhlbError('usage', vscode.l10n.t('Choose a file in a snapshot to restore.'));
    const { uri, found } = await resolveTarget(this.services.catalog, chosen);
    if (!found.source.local) return this.elsewhere(uri, found, tell);
    return ask ? this.interactively(found) : this.restore(found);
  }

  /** @param git whether git repositories that are there are rewound too */
  private async interactively(found: ResolvedPath, git = false): Promise<RestoreResult | undefined> {
    const { dates } = this.services;
    const preview = await this.preview(found, git);
    const dirty = await this.dirtyEditors(found, preview.plain);
    if (isIdle(preview.plain) && dirty.length === 0) {
      this.tellNothing(found, preview);
      return preview.plain;
    }
    const answer = await confirmRestore(found, preview, dirty, dates);
    if (answer === undefined) return undefined;
    // What becomes of unsaved changes has not been said yet.
    if (answer === 'git' && dirty.length > 0) return this.interactively(found, true);
    if (answer === 'save') await saveEditors(dirty);
    const options = { git: git || answer === 'git', delete: answer === 'remove' };
    const restore = (): Promise<RestoreResult> => this.restore(found, options);
    return answer === 'discard' ? this.report.discarding(dirty, found.source.source, restore) : restore();
  }

  private gitToo(found: ResolvedPath, { left }: RestoreResult): Action[] {
    if (left.length === 0) return [];
    return [{ title: vscode.l10n.t('Git History Too…'), run: () => this.interactively(found, true) }];
  }

  private tellNothing(found: ResolvedPath, preview: RestorePreview): void {
    const { dates, messages } = this.services;
    const { plain, newer } = preview;
    if (newer.length === 0 || plain.errors.length > 0) {
      return this.report.restored(targetName(found), plain, this.undo, this.gitToo(found, plain));
    }
    const text = vscode.l10n.t(
      '{0} is already as it was then. Newer than this snapshot: {1}.',
      targetName(found),
      listing(newer, found.path, dates),
    );
    const remove = {
      title: vscode.l10n.t('Remove What Is Newer…'),
      run: async () => (await confirmRemoval(found, preview, dates)) && this.restore(found, { delete: true }),
    };
    messages.info(withLeft(text, plain, dates), [remove, ...this.gitToo(found, plain)]);
  }

  private async elsewhere(uri: vscode.Uri, found: ResolvedPath, tell: boolean): Promise<undefined> {
    const text = vscode.l10n.t(
      'This snapshot comes from another computer; there is no folder here that it belongs to.',
    );
    if (!tell) throw new PhlbError('usage', text, { path: found.source.source });
    const restoreTo = {
      title: vscode.l10n.t('Restore To…'),
      run: () => vscode.commands.executeCommand(Command.restoreTo, { uri }),
    };
    this.services.messages.warning(text, [restoreTo]);
    return undefined;
  }

  private async preview(found: ResolvedPath, git: boolean): Promise<RestorePreview> {
    const { reader, dates } = this.services;
    const isFile = await this.isFile(found);
    const request = { ...this.request(found, { git }), dryRun: true };
    return withProgress(vscode.l10n.t('Checking what would change'), dates, async call => {
      if (!isFile && found.snapshot.kind === 'snapshot') {
        try {
          const all = await reader.call('restore', { ...request, delete: true }, call);
          return { ...partRemovals(all), isFile };
        } catch (error) {
          // Where the rules of the snapshot are not known, nothing can be said to be newer.
          if (!PhlbError.is(error, 'usage')) throw error;
        }
      }
      return { plain: await reader.call('restore', request, call), newer: [], isFile };
    });
  }

  private async isFile({ snapshot, path }: ResolvedPath): Promise<boolean> {
    const stat = await findInTree(snapshot.path, path);
    return stat !== undefined && stat.type !== 'dir';
  }

  // Those of files that the restore is about: not of what came later.
  private async dirtyEditors(found: ResolvedPath, { deleted }: RestoreResult): Promise<vscode.Uri[]> {
    const going = new Set(deleted.map(({ path }) => path));
    const affected: vscode.Uri[] = [];
    for (const uri of dirtyEditors(todaysPath(found))) {
      const path = relativeInside(found.source.source, uri.fsPath);
      if (path === undefined) continue;
      if (going.has(path) || (await findInTree(found.snapshot.path, path))) affected.push(uri);
    }
    return affected;
  }

  private async restore(found: ResolvedPath, options: RestoreOptions = {}): Promise<RestoreResult> {
    const { engine, catalog, dates } = this.services;
    try {
      const result = await withProgress(vscode.l10n.t('Restoring'), dates, call =>
        engine.call('restore', { ...this.request(found, options), unsaved: unsavedFiles() }, call),
      );
      this.report.restored(targetName(found), result, this.undo, this.gitToo(found, result));
      this.report.dirtyAgain(found.source.source, result);
      return result;
    } finally {
      catalog.invalidate();
    }
  }

  private request({ snapshot, path }: ResolvedPath, options: RestoreOptions): RestoreRequest {
    return {
      location: this.services.configuration.location(),
      snapshot: snapshot.id,
      paths: path === '' ? [] : [path],
      ...(options.git ? { git: true } : {}),
      ...(options.delete ? { delete: true } : {}),
    };
  }
}

// Of a comparison of two snapshots the left side: the older one.
function activeSnapshotFile(): vscode.Uri | undefined {
  return activeFiles().findLast(({ scheme }) => scheme === SCHEME);
}
