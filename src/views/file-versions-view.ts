import * as vscode from 'vscode';
import { View } from '../contributions.js';
import { PhlbError } from '../engine/words/errors.js';
import { join, nameOfPath, relativeInside } from '../engine/words/names.js';
import type { VersionsResult } from '../engine/versions.js';
import { setContextKey } from '../host/editor/configuration.js';
import { showProgressInView } from '../host/editor/dialogs.js';
import { Disposables } from '../host/editor/disposables.js';
import { errorDetail, errorText, isCancelled } from '../host/editor/error-text.js';
import type { Services } from '../host/backup/services.js';
import type { StoreWatch } from '../host/catalog/store-watch.js';
import { Throttle } from '../host/editor/throttle.js';
import { activeFile } from './active-file.js';
import { breakable } from './breakable.js';
import { VersionNode } from './nodes/version-node.js';
import { describeView } from './shown.js';

const DEBOUNCE_MS = 150;

/** The file whose versions are shown; it may be gone by now. */
interface TodaysFile {
  /** absolute */
  path: string;
  /** whether it is of this computer */
  isLocal: boolean;
}

/** The File Versions view: every version of the file in the active editor, across renames. Idle while it is not visible. */
export class FileVersionsView implements vscode.TreeDataProvider<VersionNode>, vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly changed = this.disposables.add(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly updates = new Throttle(() => this.update());
  private view: vscode.TreeView<VersionNode> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private readonly abort = new AbortController();

  private file: TodaysFile | undefined;
  private nodes: VersionNode[] = [];
  /** the store, or what is active, may have changed since the versions were asked for */
  private isStale = true;
  private isStoreStale = true;

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
    disposables.add({ dispose: () => clearTimeout(this.timer) });
    disposables.add({ dispose: () => this.abort.abort() });
    this.watch.follow(view);
  }

  getTreeItem(node: VersionNode): vscode.TreeItem {
    return node.getTreeItem();
  }

  async getChildren(node?: VersionNode): Promise<VersionNode[]> {
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
    if (file?.path === this.file?.path && !this.isStoreStale) return;
    this.isStoreStale = false;
    this.file = file;
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

  private async fileToShow(): Promise<TodaysFile | undefined> {
    const active = activeFile();
    if (active === 'none') return undefined;
    // A page or the settings change nothing, nor does a look at one of the versions shown.
    if (active === 'other' || this.nodes.some(({ uri }) => uri.toString() === active.toString())) return this.file;
    if (active.scheme === 'file') return { path: active.fsPath, isLocal: true };
    const found = await this.services.catalog.resolve(active);
    return found && { path: join(found.source.source, found.path), isLocal: found.source.local };
  }

  private async load(file: string): Promise<void> {
    const found = await this.versions(file);
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
  private async versions(file: string): Promise<VersionsResult | undefined> {
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
    const { storeId, sources } = await this.services.catalog.list();
    const known = new Map(
      sources.flatMap(source => source.snapshots.map(snapshot => [snapshot.id, { source, snapshot }])),
    );
    const nodes: VersionNode[] = [];
    for (const version of versions.toReversed()) {
      const at = known.get(version.snapshot);
      // Taken or removed a moment ago: the list follows soon.
      if (!at) continue;
      const uri = this.services.catalog.address(storeId, at.source, at.snapshot, version.path);
      const path = relativeInside(at.source.source, file) ?? version.path;
      nodes.push(new VersionNode(uri, version, at.snapshot, path, nodes.at(-1), this.services.dates));
    }
    return nodes.reverse();
  }

  // The name changes with the versions: until others are there, the view is about the file before.
  private show(nodes: VersionNode[], message: string): void {
    this.nodes = nodes;
    describeView(this.view, { description: this.file ? nameOfPath(this.file.path) : '', message });
  }
}

async function settled(promise: Promise<unknown>): Promise<void> {
  await Promise.allSettled([promise]);
}
