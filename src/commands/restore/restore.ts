import * as vscode from 'vscode';
import { Command, SCHEME, type SnapshotArgument } from '../../contributions.js';
import { PhlbError } from '../../engine/words/errors.js';
import type { RestoreRequest, RestoreResult } from '../../engine/words/model.js';
import { relativeInside } from '../../engine/words/names.js';
import type { ResolvedPath } from '../../host/catalog/catalog.js';
import { errorDetail, isCancelled } from '../../host/editor/error-text.js';
import type { Action } from '../../host/editor/messages.js';
import { withProgress } from '../../host/editor/progress.js';
import { activeFiles } from '../../host/editor/tab-files.js';
import type { Services } from '../../host/backup/services.js';
import { findInTree } from '../../host/catalog/snapshot-tree.js';
import { dirtyEditors, saveEditors, unsavedFiles } from '../../host/editor/dirty-editors.js';
import type { CallOptions } from '../../worker/client.js';
import { chooseChanges } from './restore-choice.js';
import { confirmRemoval, confirmRestore } from './restore-confirm.js';
import { changesOf, isIdle, listing, partRemovals, withLeft, type RestorePreview } from './restore-preview.js';
import type { RestoreReport } from './restore-report.js';
import { addressOf, findTodaysFile, kindToday, resolveTarget, todaysPath } from '../snapshots/targets.js';
import type { UndoRestoreCommand } from './undo-restore.js';
import { partOf, requestOf, wantedOf, type Wanted } from './wanted.js';

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
   * @param more the selected nodes, when there are several
   * @param ask whether to show what will be done and confirm. Without it, a file with unsaved changes in an editor stays, and
   *   is named in the errors.
   * @param tell whether a person is there to be told what else can be done where there is no place to restore to
   */
  async run(
    what: SnapshotArgument | undefined,
    more: unknown,
    ask: boolean,
    tell: boolean,
  ): Promise<RestoreResult | undefined> {
    const { catalog, dates } = this.services;
    const chosen = what ?? activeSnapshotFile();
    if (!chosen) throw new PhlbError('usage', vscode.l10n.t('Choose a file in a snapshot to restore.'));
    const { uri, found } = await resolveTarget(catalog, chosen);
    if (!found.source.local) return this.elsewhere(uri, found, tell);
    const wanted = wantedOf([found, ...(await this.others(more, uri))], dates);
    return ask ? this.interactively(wanted) : this.restore(wanted);
  }

  /** Restores what is gone. With `ask` it asks where something would be overwritten all the same, or is open with changes. */
  async putBack(wanted: Wanted, ask: boolean): Promise<RestoreResult | undefined> {
    if (!ask) return this.restore(wanted);
    const { plain } = await this.preview(wanted, false);
    const dirty = await this.dirtyEditors(wanted, plain);
    const isHarmless = plain.overwritten.length + plain.deleted.length + dirty.length === 0;
    return isHarmless ? this.restore(wanted) : this.interactively(wanted);
  }

  /** @param git whether git repositories that are there are rewound too */
  async interactively(wanted: Wanted, git = false): Promise<RestoreResult | undefined> {
    const { dates } = this.services;
    const preview = await this.preview(wanted, git);
    const dirty = await this.dirtyEditors(wanted, preview.plain);
    if (isIdle(preview.plain) && dirty.length === 0) {
      this.tellNothing(wanted, preview);
      return preview.plain;
    }
    const answer = await confirmRestore(wanted, preview, dirty, dates);
    if (answer === undefined) return undefined;
    if (answer === 'choose') return this.choosing(wanted, preview, git);
    // What becomes of unsaved changes has not been said yet.
    if (answer === 'git' && dirty.length > 0) return this.interactively(wanted, true);
    if (answer === 'save') await saveEditors(dirty);
    const options = { git: git || answer === 'git', delete: answer === 'remove' };
    const restore = (): Promise<RestoreResult> => this.restore(wanted, options);
    return answer === 'discard' ? this.report.discarding(dirty, wanted.source.source, restore) : restore();
  }

  private async choosing(wanted: Wanted, preview: RestorePreview, git: boolean): Promise<RestoreResult | undefined> {
    const { dates } = this.services;
    const chosen = await chooseChanges(wanted, preview.plain, this.services);
    if (!chosen) return undefined;
    const part = partOf(wanted, chosen, dates);
    const dirty = await this.dirtyEditors(part, { deleted: [] });
    // What becomes of unsaved changes has not been said yet.
    return dirty.length > 0 ? this.interactively(part, git) : this.restore(part, { git });
  }

  // The other selected ones; days, sources and notes are nothing to restore.
  private async others(more: unknown, first: vscode.Uri): Promise<ResolvedPath[]> {
    const addresses = Array.isArray(more) ? more.map(addressOf).filter(uri => uri?.scheme === SCHEME) : [];
    const byText = new Map(addresses.flatMap(uri => (uri ? [[uri.toString(), uri] as const] : [])));
    byText.delete(first.toString());
    const found = await Promise.all([...byText.values()].map(uri => this.services.catalog.resolve(uri)));
    return found.filter(one => one !== undefined);
  }

  private gitToo(wanted: Wanted, { left }: RestoreResult): Action[] {
    if (left.length === 0) return [];
    return [{ title: vscode.l10n.t('Git History Too…'), run: () => this.interactively(wanted, true) }];
  }

  private tellNothing(wanted: Wanted, preview: RestorePreview): void {
    const { dates, messages } = this.services;
    const { plain, newer } = preview;
    const more = this.gitToo(wanted, plain);
    if (newer.length === 0 || plain.errors.length > 0) {
      return this.report.restored(wanted.name, plain, { undo: this.undo, more });
    }
    const text = vscode.l10n.t(
      '{0} is already as it was then. Newer than this snapshot: {1}.',
      wanted.name,
      listing(newer, wanted.folder, dates),
    );
    const remove = {
      title: vscode.l10n.t('Remove What Is Newer…'),
      run: async () => (await confirmRemoval(wanted, preview, dates)) && this.restore(wanted, { delete: true }),
    };
    messages.info(withLeft(text, plain, dates), [remove, ...more]);
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

  private async preview(wanted: Wanted, git: boolean): Promise<RestorePreview> {
    const { reader, dates } = this.services;
    const areFiles = (await Promise.all(wanted.places.map(isFile))).every(one => one);
    const isOne = areFiles && wanted.places.length === 1;
    const request = { ...this.request(wanted, { git }), dryRun: true };
    return withProgress(vscode.l10n.t('Checking what would change'), dates, async call => {
      if (!areFiles && !request.also && wanted.places[0].snapshot.kind === 'snapshot') {
        try {
          const all = await reader.call('restore', { ...request, delete: true }, call);
          const { plain, newer } = partRemovals(all);
          return { plain, newer, renamed: await this.renamed(request, plain, newer, call), isFile: false };
        } catch (error) {
          // Where the rules of the snapshot are not known, nothing can be said to be newer.
          if (!PhlbError.is(error, 'usage')) throw error;
        }
      }
      return { plain: await reader.call('restore', request, call), newer: [], renamed: new Map(), isFile: isOne };
    });
  }

  // Which of what is newer are files that are missing under the names that they had.
  private async renamed(
    { location, snapshot }: RestoreRequest,
    { created }: RestoreResult,
    newer: readonly { path: string }[],
    call: CallOptions,
  ): Promise<Map<string, string>> {
    if (created.length === 0 || newer.length === 0) return new Map();
    const [missing, come] = [created, newer].map(paths => new Set(paths.map(({ path }) => path)));
    try {
      const { changes } = await this.services.reader.call('diff', { location, snapshot }, call);
      return new Map(
        changes.flatMap(({ change, path, from }) =>
          change === 'moved' && from !== undefined && come?.has(path) && missing?.has(from)
            ? [[path, from] as const]
            : [],
        ),
      );
    } catch (error) {
      if (isCancelled(error) || !PhlbError.is(error)) throw error;
      this.services.log.warn(`Renamed since ${snapshot}: ${errorDetail(error)}`);
      return new Map();
    }
  }

  // Those of files that the restore is about: not of what came later.
  private async dirtyEditors(
    { source, places }: Wanted,
    { deleted }: Pick<RestoreResult, 'deleted'>,
  ): Promise<vscode.Uri[]> {
    const going = new Set(deleted.map(({ path }) => path));
    const affected = new Map<string, vscode.Uri>();
    if (dirtyEditors(source.source).length === 0) return [];
    for (const place of places) {
      for (const uri of dirtyEditors(todaysPath(place))) {
        const path = relativeInside(source.source, uri.fsPath);
        if (path === undefined) continue;
        if (going.has(path) || (await findInTree(place.snapshot.path, path))) affected.set(uri.toString(), uri);
      }
    }
    return [...affected.values()];
  }

  private async restore(wanted: Wanted, options: RestoreOptions = {}): Promise<RestoreResult> {
    const { engine, catalog, dates } = this.services;
    try {
      const result = await withProgress(vscode.l10n.t('Restoring'), dates, call =>
        engine.call('restore', { ...this.request(wanted, options), unsaved: unsavedFiles() }, call),
      );
      const [open, more] = [await this.openIt(wanted, result), this.gitToo(wanted, result)];
      this.report.restored(wanted.name, result, { open, undo: this.undo, more });
      this.report.dirtyAgain(wanted.source.source, result);
      return result;
    } finally {
      catalog.invalidate();
    }
  }

  // Of several there is none that somebody wants to see first.
  private async openIt({ source }: Wanted, result: RestoreResult): Promise<Action[]> {
    const [path, ...others] = changesOf(result);
    const file = path === undefined || others.length > 0 ? undefined : findTodaysFile({ source, path });
    if (!file || (await kindToday(file)) !== 'file') return [];
    const open = { title: vscode.l10n.t('Open'), run: () => vscode.commands.executeCommand('vscode.open', file) };
    return [open];
  }

  private request(wanted: Wanted, options: RestoreOptions): RestoreRequest {
    return {
      ...requestOf(wanted, this.services.configuration.location()),
      ...(options.git ? { git: true } : {}),
      ...(options.delete ? { delete: true } : {}),
    };
  }
}

async function isFile({ snapshot, path }: ResolvedPath): Promise<boolean> {
  const stat = await findInTree(snapshot.path, path);
  return stat !== undefined && stat.type !== 'dir';
}

// Of a comparison of two snapshots the left side: the older one.
function activeSnapshotFile(): vscode.Uri | undefined {
  return activeFiles().findLast(({ scheme }) => scheme === SCHEME);
}
