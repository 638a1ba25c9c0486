import * as vscode from 'vscode';
import type { DateFormat } from '../../host/dates.js';
import { Node } from './node.js';

const PORTION = 1000;

/** The rest of a large folder: opens to its next portion, so that a folder of 100,000 files opens like any other. */
export class MoreNode<T> extends Node {
  private constructor(
    private readonly dates: DateFormat,
    private readonly key: string,
    private readonly rest: readonly T[],
    private readonly toNode: (item: T) => Node,
  ) {
    super();
  }

  /** Nodes for the first items, and one for the rest if there is any. @param key tells this list from others */
  static portion<T>(dates: DateFormat, key: string, items: readonly T[], toNode: (item: T) => Node): Node[] {
    const nodes = items.slice(0, PORTION).map(toNode);
    const rest = items.slice(PORTION);
    return rest.length === 0 ? nodes : [...nodes, new MoreNode(dates, key, rest, toNode)];
  }

  override getTreeItem(): vscode.TreeItem {
    const label = vscode.l10n.t('{0} more…', this.dates.number(this.rest.length));
    const item = new vscode.TreeItem(label, vscode.TreeItemCollapsibleState.Collapsed);
    item.id = `more:${this.rest.length}:${this.key}`;
    item.contextValue = 'more';
    item.accessibilityInformation = { label: vscode.l10n.t('{0} more entries', this.dates.number(this.rest.length)) };
    return item;
  }

  override getChildren(): Node[] {
    return MoreNode.portion(this.dates, this.key, this.rest, this.toNode);
  }
}
