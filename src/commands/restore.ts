import { posix } from 'node:path';
import * as vscode from 'vscode';
import { SCHEME, type SnapshotItem } from '../contributions.js';
import { PhlbError } from '../engine/errors.js';
import type { RestoreResult } from '../engine/model.js';
import { relativeInside } from '../engine/names.js';
import type { Catalog } from '../host/catalog.js';
import type { Configuration } from '../host/configuration.js';
import type { DateFormat } from '../host/dates.js';
import type { Messages } from '../host/messages.js';
import { withProgress } from '../host/progress.js';
import type { EngineClient } from '../worker/client.js';
import { resolveTarget, todaysFile, type SnapshotTarget } from './targets.js';

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
    const dirty = dirtyDocuments(todaysFile(target.found).fsPath);
    if (ask) {
      const answer = await this.confirm(target, dirty);
      if (answer === undefined) return undefined;
      if (answer === 'save' && !(await saveAll(dirty))) return undefined;
    }
    const result = await this.restore(target);
    if (ask) await revertAll(dirty);
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

  private async confirm(
    { found }: SnapshotTarget,
    dirty: readonly vscode.TextDocument[],
  ): Promise<'save' | 'go' | undefined> {
    const when = this.dates.short(new Date(found.snapshot.startedAt));
    const name = found.path === '' ? found.source.name : posix.basename(found.path);
    const question = vscode.l10n.t('Restore {0} ({1})?', name, when);
    const lines = [todaysFile(found).fsPath, vscode.l10n.t('What is overwritten is kept in a safety snapshot first.')];
    const restore = vscode.l10n.t('Restore');
    const save = vscode.l10n.t('Save and Restore');
    const discard = vscode.l10n.t('Discard Changes and Restore');
    if (dirty.length > 0) {
      const names = dirty.map(document => posix.basename(document.uri.path)).join(', ');
      lines.push(
        vscode.l10n.t(
          'Unsaved changes: {0}. Saved first, they are in the safety snapshot too; discarded, they are lost.',
          names,
        ),
      );
    }
    const choice = await vscode.window.showWarningMessage(
      question,
      { modal: true, detail: lines.join('\n\n') },
      ...(dirty.length > 0 ? [save, discard] : [restore]),
    );
    if (choice === undefined) return undefined;
    return choice === save ? 'save' : 'go';
  }

  private async restore({ found }: SnapshotTarget): Promise<RestoreResult> {
    const { snapshot, path } = found;
    const request = { place: this.configuration.place(), snapshot: snapshot.id, paths: path === '' ? [] : [path] };
    try {
      return await withProgress({ title: vscode.l10n.t('Restoring'), visible: true }, this.dates, call =>
        this.engine.call('restore', request, call),
      );
    } finally {
      this.catalog.invalidate();
    }
  }

  private tell({ found }: SnapshotTarget, result: RestoreResult): void {
    const first = result.errors[0];
    if (first) {
      this.messages.warning(
        vscode.l10n.t(
          '{0} files or folders could not be restored, the first because: {1}',
          this.dates.number(result.errors.length),
          `${first.path}: ${first.message}`,
        ),
      );
      return;
    }
    const name = found.path === '' ? found.source.name : posix.basename(found.path);
    const done = result.created.length + result.overwritten.length + result.deleted.length;
    this.messages.info(
      done === 0
        ? vscode.l10n.t('{0} is already as it was then.', name)
        : result.overwritten.length + result.deleted.length === 0
          ? vscode.l10n.t('Restored {0}.', name)
          : vscode.l10n.t('Restored {0}. What was there before is in the safety snapshot.', name),
    );
  }
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

function dirtyDocuments(restored: string): vscode.TextDocument[] {
  return vscode.workspace.textDocuments.filter(
    document =>
      document.isDirty && document.uri.scheme === 'file' && relativeInside(restored, document.uri.fsPath) !== undefined,
  );
}

async function saveAll(documents: readonly vscode.TextDocument[]): Promise<boolean> {
  for (const document of documents) if (!(await document.save())) return false;
  return true;
}

// An editor that is still dirty would keep showing what the user has just given up.
async function revertAll(documents: readonly vscode.TextDocument[]): Promise<void> {
  for (const document of documents) {
    if (!document.isDirty || document.isClosed) continue;
    await vscode.window.showTextDocument(document, { preview: false });
    await vscode.commands.executeCommand('workbench.action.files.revert');
  }
}
