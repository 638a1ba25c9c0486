import * as vscode from 'vscode';
import { SCHEME, View, type SnapshotItem } from '../contributions.js';
import { PhlbError } from '../engine/words/errors.js';
import { join, nameOfPath, relativeInside } from '../engine/words/names.js';
import type { VersionsResult } from '../engine/versions.js';
import { setContextKey } from '../host/editor/configuration.js';
import { showProgressInView } from '../host/editor/dialogs.js';
import { Disposables } from '../host/editor/disposables.js';
import { errorDetail, errorText, isCancelled } from '../host/editor/error-text.js';
import type { Services } from '../host/backup/services.js';
import { addressedVersions } from '../host/catalog/past-versions.js';
import type { StoreWatch } from '../host/catalog/store-watch.js';
import { Throttle } from '../host/editor/throttle.js';
import { activeFile } from './active-file.js';
import { breakable } from './breakable.js';
import { CurrentNode } from './nodes/current-node.js';
import { VersionNode } from './nodes/version-node.js';
import { setTooltip, describeView } from './shown.js';
import { TodaysFile } from './todays-file.js';

const DEBOUNCE_MS = 150;

type FileVersionsNode = CurrentNode | VersionNode;

/** The file whose versions are shown; it may be gone by now. */
interface ShownFile {
  /** absolute */
  path: string;
  /** whether it is of this computer */
  isLocal: boolean;
}

/**
 * The File Versions view: the file in the active editor, or the one that was asked for, and every version of it, across renames.
 * Idle while it is not visible.
 */
export class FileVersionsView implements vscode.TreeDataProvider<FileVersionsNode>, vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly changed = this.disposables.add(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly updates = new Throttle(() => this.update());
  private readonly today = this.disposables.add(new TodaysFile());
  private view: vscode.TreeView<FileVersionsNode> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly abort = new AbortController();

  private file: ShownFile | undefined;
  /** what was asked for, as long as the editor that was active then is */
  private wanted: { file: ShownFile; active: string } | undefined;
  private found: VersionsResult | undefined;
  private versions: VersionNode[] = [];
  private nodes: FileVersionsNode[] = [];
  /** the store, the file of today, or what is active, may have changed since the versions were asked for */
  private isStale = true;
  private isStoreStale = true;
  private isTodayStale = false;

  constructor(
    private readonly services: Services,
    private readonly watch: StoreWatch,
  ) {}

  register(): void {
    const { disposables } = this;
    const view = disposables.add(vscode.window.createTreeView(View.fileVersions, { treeDataProvider: this }));
    this.view = view;
    const { tabGroups } = vscode.window;
    disposables.add(tabGroups.onDidChangeTabs(() => this.soon()));
    disposables.add(tabGroups.onDidChangeTabGroups(() => this.soon()));
    disposables.add(view.onDidChangeVisibility(() => this.isStale && this.soon()));
    disposables.add(
      this.services.catalog.onDidChange(() => {
        this.isStoreStale = true;
        this.soon();
      }),
    );
    disposables.add(
      this.today.onDidChange(() => {
        this.isTodayStale = true;
        this.soon();
      }),
    );
    disposables.add({ dispose: () => clearTimeout(this.timer) });
    disposables.add({ dispose: () => this.abort.abort() });
    this.watch.follow(view);
  }

  /**
   * Shows the versions of a file in the view, until another editor comes to the front.
   * @param file today's or a past one; default: that of the active editor
   * @returns `undefined`: no snapshot holds it
   */
  async showVersions(file: SnapshotItem | vscode.Uri | undefined): Promise<VersionsResult | undefined> {
    const active = activeFile();
    const uri = file instanceof vscode.Uri ? file : (file?.uri ?? (typeof active === 'string' ? undefined : active));
    const shown = uri && (await this.fileOf(uri));
    if (!shown) throw new PhlbError('usage', vscode.l10n.t('First open the file whose versions you want to see.'));
    this.wanted = { file: shown, active: active.toString() };
    this.isStale = true;
    await vscode.commands.executeCommand(`${View.fileVersions}.focus`);
    await this.updates.run();
    return this.found;
  }

  getTreeItem(node: FileVersionsNode): vscode.TreeItem {
    return node.getTreeItem();
  }

  /** The tooltip of a version: for its lines files are read, so not before somebody wants to see it. */
  async resolveTreeItem(
    item: vscode.TreeItem,
    node: FileVersionsNode,
    token: vscode.CancellationToken,
  ): Promise<vscode.TreeItem> {
    if (!(node instanceof VersionNode)) return item;
    try {
      const lines = await node.tooltip(() => token.isCancellationRequested);
      if (!token.isCancellationRequested) setTooltip(item, lines);
    } catch (error) {
      this.services.log.warn(`File Versions: ${errorDetail(error)}`);
    }
    return item;
  }

  async getChildren(node?: FileVersionsNode): Promise<FileVersionsNode[]> {
    if (node) return [];
    // Before the first look there is nothing to show, and nothing to say either.
    if (this.isStale) await this.updates.run();
    return this.nodes;
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private soon(): void {
    this.isStale = true;
    clearTimeout(this.timer);
    if (!this.view?.visible) return;
    this.timer = setTimeout(() => void this.updates.run(), DEBOUNCE_MS);
  }

  private async update(): Promise<void> {
    this.isStale = false;
    const before = this.nodes;
    try {
      await this.followActiveFile();
    } catch (error) {
      if (isCancelled(error)) return;
      this.services.log.error(`File Versions: ${errorDetail(error)}`);
      this.show([], breakable(errorText(error)));
    }
    if (this.nodes !== before) this.changed.fire();
  }

  private async followActiveFile(): Promise<void> {
    const file = await this.fileToShow();
    if (file?.path !== this.file?.path || this.isStoreStale) {
      this.isStoreStale = false;
      this.file = file;
      await this.showFile(file);
    } else if (!this.isTodayStale) return;
    await this.lookAtToday();
  }

  private async showFile(file: ShownFile | undefined): Promise<void> {
    this.found = undefined;
    this.today.follow(file?.isLocal ? file.path : undefined);
    if (!file) {
      await setContextKey('phlb.fileVersions', 'noFile');
      this.show([], '');
    } else if (file.isLocal) {
      // Nothing of the file before stays, so neither may what is said of it.
      if (this.nodes.length === 0) {
        await setContextKey('phlb.fileVersions', 'loading');
        this.show([], '');
      }
      await this.load(file.path);
    } else {
      this.show(
        [],
        vscode.l10n.t('This file comes from another computer. The Snapshots view shows what there is of it.'),
      );
    }
  }

  private async fileToShow(): Promise<ShownFile | undefined> {
    const active = activeFile();
    if (this.wanted?.active === active.toString()) return this.wanted.file;
    this.wanted = undefined;
    if (active === 'none') return undefined;
    // A page or the settings change nothing, nor does a look at one of the versions shown.
    if (active === 'other' || this.versions.some(({ uri }) => uri.toString() === active.toString())) return this.file;
    return this.fileOf(active);
  }

  private async fileOf(uri: vscode.Uri): Promise<ShownFile | undefined> {
    if (uri.scheme === 'file') return { path: uri.fsPath, isLocal: true };
    const found = uri.scheme === SCHEME ? await this.services.catalog.resolve(uri) : undefined;
    return found && { path: join(found.source.source, found.path), isLocal: found.source.local };
  }

  private async load(file: string): Promise<void> {
    const found = await this.ask(file);
    this.found = found;
    const nodes = found ? await this.nodesOf(file, found) : [];
    const unreadable = found?.unreadable.length ?? 0;
    await setContextKey('phlb.fileVersions', nodes.length > 0 ? 'some' : 'none');
    const warning = vscode.l10n.t(
      'Snapshots whose list of files cannot be read: {0}. Versions in them are not shown.',
      this.services.dates.number(unreadable),
    );
    this.show(nodes, unreadable > 0 ? warning : '');
  }

  /** `undefined` where no snapshot holds the file. */
  private async ask(file: string): Promise<VersionsResult | undefined> {
    const { reader, configuration } = this.services;
    const { signal } = this.abort;
    const asking = reader.call('versions', { location: configuration.location(), file }, { signal });
    void showProgressInView(View.fileVersions, () => settled(asking));
    try {
      return await asking;
    } catch (error) {
      if (PhlbError.is(error, 'notFound')) return undefined;
      throw error;
    }
  }

  private async nodesOf(file: string, { versions }: VersionsResult): Promise<VersionNode[]> {
    const { catalog, dates } = this.services;
    const nodes: VersionNode[] = [];
    for (const past of (await addressedVersions(catalog, versions)).reverse()) {
      const path = relativeInside(past.source.source, file) ?? past.version.path;
      nodes.push(new VersionNode(past, path, nodes.at(-1), dates));
    }
    return nodes.reverse();
  }

  private async lookAtToday(): Promise<void> {
    this.isTodayStale = false;
    const current = await this.currentNode();
    this.nodes = current ? [current, ...this.versions] : [...this.versions];
  }

  private async currentNode(): Promise<CurrentNode | undefined> {
    const [newest] = this.versions;
    if (!newest) return undefined;
    try {
      const today = await this.today.look(newest.version);
      return today && new CurrentNode(today, newest, this.services.dates);
    } catch (error) {
      this.services.log.warn(`File Versions, ${this.file?.path ?? ''}: ${errorDetail(error)}`);
      return undefined;
    }
  }

  // The name changes with the versions: until others are there, the view is about the file before.
  private show(versions: VersionNode[], message: string): void {
    this.versions = versions;
    this.nodes = versions;
    describeView(this.view, { description: this.file ? nameOfPath(this.file.path) : '', message });
  }
}

async function settled(promise: Promise<unknown>): Promise<void> {
  await Promise.allSettled([promise]);
}
