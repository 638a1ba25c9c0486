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
import { globOf } from './find-glob.js';

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
  private search: AbortController | undefined;
  private timer: NodeJS.Timeout | undefined;
  private onlyDeleted = false;

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
      disposables.add(list.onDidAccept(() => finish(list.selectedItems[0]?.file, 'ask')));
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
    this.search?.abort();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.find(), delay);
  }

  private async find(): Promise<void> {
    const { pick } = this;
    // Of deleted files, a list without a word helps as well.
    const glob = globOf(pick.list.value) ?? (this.onlyDeleted ? '*' : undefined);
    if (glob === undefined) {
      pick.items = [];
      pick.busy = false;
      return;
    }
    const search = (this.search = new AbortController());
    pick.busy = true;
    try {
      const { items, result } = await this.ask(glob, search);
      if (search.signal.aborted) return;
      this.result = result;
      pick.items = items;
    } catch (error) {
      if (search.signal.aborted || isCancelled(error)) return;
      this.services.log.error(errorDetail(error));
      pick.items = [note(errorText(error), 'warning')];
    }
    pick.busy = false;
  }

  private async ask(glob: string, search: AbortController): Promise<{ items: FileItem[]; result: FindResult }> {
    const { reader, configuration, dates } = this.services;
    const request = { location: configuration.location(), glob, deleted: this.onlyDeleted, limit: SHOWN_AT_MOST };
    await this.list();
    if (this.storeId === '') return { items: [note(vscode.l10n.t('There is no snapshot yet.'))], result: NOTHING };
    const result = await reader.call('find', request, {
      signal: search.signal,
      onProgress: progress => {
        if (!search.signal.aborted) this.pick.items = [note(progressText(progress, dates), 'sync~spin')];
      },
    });
    const items = result.matches.flatMap(match => this.toItem(match) ?? []);
    if (items.length === 0) items.push(note(vscode.l10n.t('No snapshot holds a file with such a name.')));
    else if (result.total > items.length) {
      items.push(note(vscode.l10n.t('{0} more: type more of the name.', dates.number(result.total - items.length))));
    }
    if (result.unreadable.length > 0) {
      const count = snapshotCount(result.unreadable.length, dates);
      items.push(note(vscode.l10n.t('Could not be searched: {0}', count), 'warning'));
    }
    return { items, result };
  }

  private async list(): Promise<void> {
    if (this.snapshots) return;
    const { storeId, sources } = await this.services.catalog.list();
    this.storeId = storeId;
    this.snapshots = new Map(
      sources.flatMap(source => source.snapshots.map(snapshot => [snapshot.id, { source, snapshot }] as const)),
    );
  }

  private toItem({ path, type, last, deleted }: FindMatch): FileItem | undefined {
    const found = this.snapshots?.get(last);
    // Pipes and devices are recorded only: there is nothing to open.
    if (!found || (type !== 'file' && type !== 'link' && type !== 'dir')) return undefined;
    const { catalog, dates } = this.services;
    const { source, snapshot } = found;
    const isFolder = type === 'dir';
    const when = vscode.l10n.t('last seen {0}', dates.short(new Date(snapshot.startedAt)));
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

function note(label: string, icon?: string): FileItem {
  return { label, alwaysShow: true, ...(icon === undefined ? {} : { icon }) };
}
