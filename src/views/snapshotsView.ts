import * as vscode from 'vscode';
import { View } from '../contributions.js';
import type { SourceInfo } from '../engine/model.js';
import { PhlbError } from '../engine/errors.js';
import type { Configuration } from '../host/configuration.js';
import { Disposables } from '../host/disposables.js';
import { errorDetail, errorText } from '../host/errorText.js';
import type { Node } from './nodes/node.js';
import type { NodeServices } from './nodes/services.js';
import { SourceNode } from './nodes/sourceNode.js';

const STALE_AFTER_MS = 30_000;

/** The Snapshots tree: source, day, snapshot, folders and files. The editor asks for it only while it is visible. */
export class SnapshotsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly changed = this.disposables.add(new vscode.EventEmitter<void>());
  readonly onDidChangeTreeData = this.changed.event;
  private view: vscode.TreeView<Node> | undefined;

  constructor(
    private readonly services: NodeServices,
    private readonly configuration: Configuration,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  register(): void {
    const { disposables } = this;
    const { catalog } = this.services;
    const view = disposables.add(
      vscode.window.createTreeView(View.snapshots, { treeDataProvider: this, showCollapseAll: true }),
    );
    this.view = view;
    const look = (): void => {
      if (view.visible) catalog.invalidateOlderThan(STALE_AFTER_MS);
    };
    disposables.add(catalog.onDidChange(() => this.changed.fire()));
    // Other windows and the command line take snapshots too.
    disposables.add(view.onDidChangeVisibility(look));
    disposables.add(vscode.window.onDidChangeWindowState(state => state.focused && look()));
    disposables.add(vscode.workspace.onDidChangeWorkspaceFolders(() => this.changed.fire()));
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return node.getTreeItem();
  }

  /** Rejects, below a node, with what the editor tells the user. */
  async getChildren(node?: Node): Promise<Node[]> {
    if (!node) return this.rootsOrProblem();
    try {
      return await node.getChildren();
    } catch (error) {
      this.log.error(`Snapshots: ${errorDetail(error)}`);
      throw new Error(errorText(error), { cause: error });
    }
  }

  dispose(): void {
    this.disposables.dispose();
  }

  // Why there is nothing is said in the view itself: a message box would come up at every look.
  private async rootsOrProblem(): Promise<Node[]> {
    try {
      const nodes = await this.roots();
      this.say('');
      return nodes;
    } catch (error) {
      this.log.error(`Snapshots: ${errorDetail(error)}`);
      // Of an unreachable location the welcome contents tell, with what can be done; they show without a message only.
      this.say(PhlbError.is(error, 'unreachable') ? '' : errorText(error));
      return [];
    }
  }

  private say(text: string): void {
    if (this.view) this.view.message = text;
  }

  private async roots(): Promise<Node[]> {
    const { storeId, sources } = await this.services.catalog.list();
    const open = new Set(this.configuration.folders().map(folder => folder.fsPath));
    const isOpen = (source: SourceInfo): boolean => source.local && open.has(source.source);
    return sources
      .filter(source => source.snapshots.length > 0)
      .sort((a, b) => Number(isOpen(b)) - Number(isOpen(a)) || this.services.collator.compare(a.name, b.name))
      .map(source => new SourceNode(this.services, storeId, source, isOpen(source)));
  }
}
