import * as vscode from 'vscode';
import { View } from '../../contributions.js';
import type { SearchChange, ShownSearch, TextSearch } from '../../host/catalog/text-search.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { showProgressInView } from '../../host/editor/dialogs.js';
import { Disposables } from '../../host/editor/disposables.js';
import { CalmRefresh } from '../calm-refresh.js';
import type { Node } from '../nodes/node.js';
import { describeView } from '../shown.js';
import { FoundFileNode } from './found-file-node.js';
import { searchMessage, searchOptions } from './search-message.js';

/** What is found between two looks comes at once. */
const BATCH_MS = 200;

/** The Search in Snapshots view: what the last search has found, as it comes. */
export class SearchView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly changed = this.disposables.add(new vscode.EventEmitter<Node | undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly refresh = this.disposables.add(new CalmRefresh<Node>(node => this.changed.fire(node)));
  private view: vscode.TreeView<Node> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private shown: ShownSearch | undefined;
  /** there is something else to show than the tree shows */
  private isTreeDue = false;
  /** ends the moving line of the view */
  private endProgress = (): void => {};

  constructor(
    private readonly search: TextSearch,
    private readonly dates: DateFormat,
  ) {}

  register(): void {
    const { disposables } = this;
    this.view = disposables.add(
      vscode.window.createTreeView(View.search, { treeDataProvider: this, showCollapseAll: true }),
    );
    disposables.add(this.search.onDidChange(what => this.follow(what)));
    disposables.add({ dispose: () => clearTimeout(this.timer) });
    disposables.add({ dispose: () => this.endProgress() });
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return node.getTreeItem();
  }

  async getChildren(node?: Node): Promise<Node[]> {
    return this.refresh.read(node, async () => (node ? node.getChildren() : this.roots()));
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private async roots(): Promise<Node[]> {
    const { search, dates } = this;
    const { current } = search;
    if (!current) return [];
    const nodes = await Promise.all(current.found.files.map(file => FoundFileNode.of(search, current, file, dates)));
    return nodes.flatMap(node => node ?? []);
  }

  // The beginning and the end of a search are told at once, what comes in between in portions.
  private follow(what: SearchChange): void {
    const { current } = this.search;
    this.isTreeDue ||= what === 'results';
    if (current !== this.shown || current?.state !== 'running') this.showNow();
    else this.timer ??= setTimeout(() => this.showNow(), BATCH_MS);
  }

  private showNow(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { current } = this.search;
    if (current !== this.shown || current?.state !== 'running') this.endProgress();
    if (current && current !== this.shown && current.state === 'running') this.beginProgress();
    this.shown = current;
    const message = current ? searchMessage(current, this.dates) : '';
    describeView(this.view, { description: current ? searchOptions(current) : '', message });
    if (this.isTreeDue) this.refresh.ask();
    this.isTreeDue = false;
  }

  private beginProgress(): void {
    void showProgressInView(View.search, () => new Promise<void>(resolve => (this.endProgress = resolve)));
  }
}
