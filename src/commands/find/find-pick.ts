import * as vscode from 'vscode';
import { Command } from '../../contributions.js';
import type { FindMatch, FindResult } from '../../engine/find.js';
import { basename, dirname } from '../../engine/words/names.js';
import type { SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import { snapshotCount } from '../../host/editor/count-text.js';
import { Disposables } from '../../host/editor/disposables.js';
import { errorDetail, errorText, isCancelled } from '../../host/editor/error-text.js';
import { PickList, type PickItem } from '../../host/editor/pick-list.js';
import { progressText } from '../../host/editor/progress.js';
import type { Services } from '../../host/backup/services.js';
import type { CallOptions } from '../../worker/client.js';
import { globOf } from './find-glob.js';
import { findLatest } from './latest.js';

/** A match that can be addressed. */
export interface FoundFile {
  /** in the newest snapshot that holds it */
  uri: vscode.Uri;
  source: SourceInfo;
  path: string;
  deleted: boolean;
  isFolder: boolean;
  /** when the newest snapshot that holds it was taken, for people */
  when: string;
}

export interface FindChoice {
  file: FoundFile;
  result: FindResult;
  /** the command whose button was pressed; `ask`: none was */
  wants: string;
}

interface FileItem extends PickItem {
  file?: FoundFile;
}

interface WantButton extends vscode.QuickInputButton {
  wants: string;
}

const SHOWN_AT_MOST = 200;
/** before anything is typed, with what has changed below them */
const LATEST_DELETED = 30;
const DEBOUNCE_MS = 200;

/** The list that searches while one types. */
export class FindPick {
  private readonly disposables = new Disposables();
  private readonly pick = this.disposables.add(new PickList<FileItem>());
  private readonly restore: WantButton = button('discard', vscode.l10n.t('Restore…'), Command.restore);
  private readonly compare: WantButton = button(
    'git-compare',
    vscode.l10n.t('Compare with Current File'),
    Command.compareWithCurrent,
  );
  private readonly open: WantButton = button('go-to-file', vscode.l10n.t('Open the Newest Version'), Command.openFile);
  private readonly all = button('filter', vscode.l10n.t('Show Deleted Files Only'), '');
  private readonly deletedOnly = button('filter-filled', vscode.l10n.t('Show All Files'), '');
  private result: FindResult | undefined;
  private snapshots: Map<string, { source: SourceInfo; snapshot: SnapshotInfo }> | undefined;
  private storeId = '';
  private sources: readonly SourceInfo[] = [];
  private search: AbortController | undefined;
  private timer: NodeJS.Timeout | undefined;
  private onlyDeleted = false;
  /** whether the answer to what is typed is still to come */
  private searching = false;
  /** whether Enter was pressed before it came */
  private wantsFirst = false;
  private takeFirst = (): void => {};
  private first: FoundFile | undefined;

  constructor(private readonly services: Services) {}

  /** Resolves to what the user has chosen; `undefined`: nothing. */
  choose(): Promise<FindChoice | undefined> {
    const { pick, disposables } = this;
    const { list } = pick;
    pick.title = vscode.l10n.t('Find File in Snapshots');
    pick.placeholder = vscode.l10n.t('Part of a name, or a pattern such as *.md or letters/**');
    pick.buttons = [this.all];
    // Other windows and the command line take snapshots, too.
    this.services.catalog.invalidate();
    return new Promise(resolve => {
      const finish = (file: FoundFile | undefined, wants: string): void => {
        if (!file || !this.result) return;
        resolve({ file, result: this.result, wants });
        list.hide();
      };
      this.takeFirst = () => finish(this.first, 'ask');
      disposables.add(
        list.onDidAccept(() => {
          const chosen = list.selectedItems[0];
          if (this.isMeant(chosen)) finish(chosen?.file, 'ask');
          else if (this.searching) this.wantsFirst = true;
          else if (!chosen) this.takeFirst(); // The list was exchanged at that moment.
        }),
      );
      disposables.add(
        list.onDidTriggerItemButton(({ item, button }) => finish(item.file, (button as WantButton).wants)),
      );
      disposables.add(list.onDidTriggerButton(() => this.toggle()));
      disposables.add(list.onDidChangeValue(() => this.schedule()));
      disposables.add(
        list.onDidHide(() => {
          resolve(undefined);
          this.search?.abort();
          clearTimeout(this.timer);
          disposables.dispose();
        }),
      );
      list.show();
      this.schedule(0);
    });
  }

  private toggle(): void {
    this.onlyDeleted = !this.onlyDeleted;
    this.pick.buttons = [this.onlyDeleted ? this.deletedOnly : this.all];
    this.pick.title = this.onlyDeleted
      ? vscode.l10n.t('Find Deleted File in Snapshots')
      : vscode.l10n.t('Find File in Snapshots');
    this.schedule(0);
  }

  private schedule(delay = DEBOUNCE_MS): void {
    this.searching = true;
    this.wantsFirst = false;
    this.search?.abort();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.find(), delay);
  }

  private async find(): Promise<void> {
    const { pick } = this;
    const glob = globOf(pick.list.value);
    const search = (this.search = new AbortController());
    pick.busy = true;
    try {
      const { items, result } = await (glob === undefined ? this.askLatest(search) : this.ask(glob, search));
      if (search.signal.aborted) return;
      this.result = result;
      pick.items = items;
      this.first = items.find(({ file }) => file)?.file;
      this.searching = false;
      if (this.wantsFirst) this.takeFirst();
    } catch (error) {
      if (search.signal.aborted || isCancelled(error)) return;
      this.services.log.error(errorDetail(error));
      pick.items = [note(errorText(error), 'warning')];
      this.first = undefined;
      this.searching = false;
    }
    pick.busy = false;
  }

  // A name with Enter right behind it means what will be found, not the first of what still stands in the list.
  private isMeant(chosen: FileItem | undefined): boolean {
    if (!chosen?.file) return false;
    const typed = this.pick.list.value.trim().toLowerCase();
    return !this.searching || chosen.file !== this.first || basename(chosen.file.path).toLowerCase().includes(typed);
  }

  private async ask(glob: string, search: AbortController): Promise<{ items: FileItem[]; result: FindResult }> {
    const { reader, configuration, dates } = this.services;
    const request = { location: configuration.location(), glob, deleted: this.onlyDeleted, limit: SHOWN_AT_MOST };
    await this.list();
    if (this.storeId === '') return { items: [note(vscode.l10n.t('There is no snapshot yet.'))], result: NOTHING };
    const result = await reader.call('find', request, this.call(search));
    const items = result.matches.flatMap(match => this.toItem(match) ?? []);
    if (items.length === 0) items.push(note(vscode.l10n.t('No snapshot holds a file with such a name.')));
    else if (result.total > items.length) {
      items.push(note(vscode.l10n.t('{0} more: type more of the name.', dates.number(result.total - items.length))));
    }
    return { items: [...items, ...this.unsearched(result)], result };
  }

  // Before anything is typed: what was deleted or changed last.
  private async askLatest(search: AbortController): Promise<{ items: FileItem[]; result: FindResult }> {
    await this.list();
    if (this.storeId === '') return { items: [note(vscode.l10n.t('There is no snapshot yet.'))], result: NOTHING };
    const { onlyDeleted } = this;
    const limits = { deleted: onlyDeleted ? SHOWN_AT_MOST : LATEST_DELETED, onlyDeleted };
    const { lost, changed } = await findLatest(this.services, this.sources, limits, this.call(search));
    const deleted = lost.files.map(({ path, type, last }) => ({ path, type, first: last, last, deleted: true }));
    const others = changed.map(({ path, type, snapshot: { id } }) => ({
      ...{ path, type, first: id, last: id, deleted: false },
    }));
    const items = deleted.flatMap(match => this.toItem(match) ?? []);
    if (items.length > 0) items.unshift(separator(vscode.l10n.t('Deleted')));
    if (lost.more) items.push(note(vscode.l10n.t('More deleted files: type a part of the name.')));
    if (others.length > 0) items.push(separator(vscode.l10n.t('Changed lately')));
    items.push(...others.flatMap((match, at) => this.toItem(match, changed[at]?.isNew ? 'new' : 'changed') ?? []));
    if (items.length === 0) items.push(note(vscode.l10n.t('Type a part of a name.')));
    const result = {
      matches: [...deleted, ...others],
      total: deleted.length + others.length,
      unreadable: lost.unreadable,
    };
    return { items: [...items, ...this.unsearched(result)], result };
  }

  private unsearched({ unreadable }: FindResult): FileItem[] {
    if (unreadable.length === 0) return [];
    const count = snapshotCount(unreadable.length, this.services.dates);
    return [note(vscode.l10n.t('Could not be searched: {0}', count), 'warning')];
  }

  private call({ signal }: AbortController): CallOptions {
    return {
      signal,
      onProgress: progress => {
        if (!signal.aborted) this.pick.items = [note(progressText(progress, this.services.dates), 'sync~spin')];
      },
    };
  }

  private async list(): Promise<void> {
    if (this.snapshots) return;
    const { storeId, sources } = await this.services.catalog.list();
    this.storeId = storeId;
    this.sources = sources;
    this.snapshots = new Map(
      sources.flatMap(source => source.snapshots.map(snapshot => [snapshot.id, { source, snapshot }] as const)),
    );
  }

  /** @param told what is said of the snapshot: that it was the last to hold the path, or what it did to it */
  private toItem({ path, type, last, deleted }: FindMatch, told: Told = 'seen'): FileItem | undefined {
    const found = this.snapshots?.get(last);
    // Pipes and devices are recorded only: there is nothing to open.
    if (!found || (type !== 'file' && type !== 'link' && type !== 'dir')) return undefined;
    const { catalog, dates } = this.services;
    const { source, snapshot } = found;
    const isFolder = type === 'dir';
    const when = toldText(told, dates.short(new Date(snapshot.startedAt)));
    const file: FoundFile = {
      uri: catalog.address(this.storeId, source, snapshot, path),
      source,
      path,
      deleted,
      isFolder,
      when,
    };
    const folder = dirname(path);
    const folderName = folder === '' ? source.name : `${source.name}/${folder}`;
    const buttons = [...(source.local ? [this.restore] : []), ...(isFolder ? [] : [this.open])];
    if (!isFolder && !deleted) buttons.push(this.compare);
    return {
      icon: deleted ? 'trash' : isFolder ? 'folder' : 'file',
      label: basename(path),
      description: deleted ? `${folderName} · ${vscode.l10n.t('deleted')}` : folderName,
      detail: source.local ? when : `${when} · ${vscode.l10n.t('From another computer')}`,
      alwaysShow: true,
      buttons,
      file,
    };
  }
}

const NOTHING: FindResult = { matches: [], total: 0, unreadable: [] };

function button(icon: string, tooltip: string, wants: string): WantButton {
  return { iconPath: new vscode.ThemeIcon(icon), tooltip, wants };
}

type Told = 'seen' | 'new' | 'changed';

function toldText(told: Told, when: string): string {
  switch (told) {
    case 'seen':
      return vscode.l10n.t('last seen {0}', when);
    case 'new':
      return vscode.l10n.t('new in the snapshot of {0}', when);
    case 'changed':
      return vscode.l10n.t('changed in the snapshot of {0}', when);
  }
}

function separator(label: string): FileItem {
  return { label, kind: vscode.QuickPickItemKind.Separator };
}

function note(label: string, icon?: string): FileItem {
  return { label, alwaysShow: true, ...(icon === undefined ? {} : { icon }) };
}
