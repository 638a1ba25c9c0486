import { posix } from 'node:path';
import * as vscode from 'vscode';
import { SCHEME, type SnapshotItem } from '../contributions.js';
import { PhlbError } from '../engine/errors.js';
import type { RestoreResult } from '../engine/model.js';
import type { Catalog, ResolvedPath } from '../host/catalog.js';
import type { Configuration } from '../host/configuration.js';
import type { DateFormat } from '../host/dates.js';
import { homePath } from '../host/homePath.js';
import type { Messages } from '../host/messages.js';
import { withProgress } from '../host/progress.js';
import { escapeName } from '../host/snapshotAddress.js';
import type { EngineClient } from '../worker/client.js';
import { dirtyEditors, revertEditors, saveEditors } from './dirtyEditors.js';
import { exists, isFileInSnapshot, resolveTarget, todaysFile, type SnapshotTarget } from './targets.js';

/** What to do with unsaved changes; `go`: there are none, or they are left alone */
type Answer = 'save' | 'discard' | 'go';

/** Restore…: puts a past file back in its place. */
export class RestoreCommand {
  constructor(
    private readonly engine: EngineClient,
    private readonly configuration: Configuration,
    private readonly catalog: Catalog,
    private readonly dates: DateFormat,
    private readonly messages: Messages,
  ) {}

  /**
   * @param what a tree node, an address or a snapshot's id; the active editor's file when it is not given
   * @param ask whether to confirm. Without it, unsaved changes of open editors are left to them.
   */
  async run(what: SnapshotItem | vscode.Uri | string | undefined, ask: boolean): Promise<RestoreResult | undefined> {
    const target = await this.target(what);
    const path = todaysFile(target.found).fsPath;
    const answer = ask ? await this.confirm(target, dirtyEditors(path)) : 'go';
    if (answer === undefined) return undefined;
    if (answer === 'save') await saveEditors(path);
    const result = await this.restore(target);
    // What could not be restored is not given up either.
    if (answer === 'discard' && result.errors.length === 0) await revertEditors(path);
    this.tell(target, result);
    return result;
  }

  private async target(what: SnapshotItem | vscode.Uri | string | undefined): Promise<SnapshotTarget> {
    const chosen = typeof what === 'string' ? await this.catalog.snapshotAddress(what) : (what ?? activeSnapshotFile());
    if (!chosen) throw new PhlbError('usage', vscode.l10n.t('Choose a file of a snapshot to restore.'));
    const target = await resolveTarget(this.catalog, chosen);
    if (!target.found.source.local) {
      throw new PhlbError('usage', vscode.l10n.t('This snapshot comes from another computer and has no place here.'), {
        path: target.found.source.source,
      });
    }
    return target;
  }

  private async confirm({ found }: SnapshotTarget, dirty: readonly vscode.Uri[]): Promise<Answer | undefined> {
    const when = this.dates.short(new Date(found.snapshot.startedAt));
    const question = vscode.l10n.t('Restore {0} ({1})?', targetName(found), when);
    const lines = [await consequence(found)];
    if (dirty.length > 0) {
      const names = dirty.map(uri => posix.basename(uri.path)).join(', ');
      lines.push(
        vscode.l10n.t(
          'Unsaved changes: {0}. Saved first, they are in the safety snapshot too; discarded, they are lost.',
          names,
        ),
      );
    }
    const restore = vscode.l10n.t('Restore');
    const save = vscode.l10n.t('Save and Restore');
    const discard = vscode.l10n.t('Discard Changes and Restore');
    const choice = await vscode.window.showWarningMessage(
      question,
      { modal: true, detail: lines.join('\n\n') },
      ...(dirty.length > 0 ? [save, discard] : [restore]),
    );
    switch (choice) {
      case save:
        return 'save';
      case discard:
        return 'discard';
      case restore:
        return 'go';
      default:
        return undefined;
    }
  }

  private async restore({ found }: SnapshotTarget): Promise<RestoreResult> {
    const { snapshot, path } = found;
    const request = { place: this.configuration.place(), snapshot: snapshot.id, paths: path === '' ? [] : [path] };
    try {
      return await withProgress(vscode.l10n.t('Restoring'), this.dates, call =>
        this.engine.call('restore', request, call),
      );
    } finally {
      this.catalog.invalidate();
    }
  }

  private tell({ found }: SnapshotTarget, result: RestoreResult): void {
    const first = result.errors[0];
    if (first) {
      const why = `${first.path}: ${first.message}`;
      this.messages.warning(
        result.errors.length === 1
          ? vscode.l10n.t('Not restored: {0}', why)
          : vscode.l10n.t('Not restored: {0}, and {1} more', why, this.dates.number(result.errors.length - 1)),
      );
      return;
    }
    const name = targetName(found);
    const done = result.created.length + result.overwritten.length + result.deleted.length;
    this.messages.info(
      done === 0
        ? vscode.l10n.t('{0} is already as it was then.', name)
        : result.safetySnapshot === null
          ? vscode.l10n.t('Restored {0}.', name)
          : vscode.l10n.t('Restored {0}. What was there before is in the safety snapshot.', name),
    );
  }
}

function targetName({ source, path }: ResolvedPath): string {
  return escapeName(path === '' ? source.name : posix.basename(path));
}

// What is overwritten, and what is done for it first.
async function consequence(found: ResolvedPath): Promise<string> {
  const today = todaysFile(found);
  const path = homePath(today.fsPath);
  if (!(await isFileInSnapshot(found))) {
    return vscode.l10n.t(
      'Files in {0} that have changed since are overwritten, missing ones are put back, newer ones stay. A safety snapshot of what is overwritten is taken first.',
      path,
    );
  }
  return (await exists(today))
    ? vscode.l10n.t('{0} is overwritten. A safety snapshot of it as it is now is taken first.', path)
    : vscode.l10n.t('{0} is put back. Nothing is overwritten.', path);
}

function activeSnapshotFile(): vscode.Uri | undefined {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  const candidates =
    input instanceof vscode.TabInputTextDiff
      ? [input.original, input.modified]
      : input instanceof vscode.TabInputText ||
          input instanceof vscode.TabInputCustom ||
          input instanceof vscode.TabInputNotebook
        ? [input.uri]
        : [];
  return candidates.find(uri => uri.scheme === SCHEME);
}
