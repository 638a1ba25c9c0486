import * as vscode from 'vscode';
import type { DateFormat } from '../../host/editor/dates.js';
import { NodeKind } from '../../contributions.js';
import { treeItem } from '../shown.js';
import { Node } from './node.js';

const PORTION = 1000;

/** The rest of a large folder: opens to its next portion, so that a folder of 100,000 files opens like any other. */
export class MoreNode<T> extends Node {
  private constructor(
    private readonly dates: DateFormat,
    private readonly key: string,
    private readonly items: readonly T[],
    private readonly from: number,
    private readonly toNode: (item: T) => Node,
  ) {
    super();
  }

  /** Nodes for the first items, and one for the rest if there is any. @param key tells this list from others */
  static portion<T>(dates: DateFormat, key: string, items: readonly T[], toNode: (item: T) => Node, from = 0): Node[] {
    const end = from + PORTION;
    const nodes = items.slice(from, end).map(toNode);
    return end < items.length ? [...nodes, new MoreNode(dates, key, items, end, toNode)] : nodes;
  }

  override getTreeItem(): vscode.TreeItem {
    const count = this.dates.number(this.items.length - this.from);
    const label = vscode.l10n.t('{0} more…', count);
    const item = treeItem(
      { label, spoken: [vscode.l10n.t('{0} more entries', count)] },
      vscode.TreeItemCollapsibleState.Collapsed,
    );
    item.id = `more:${this.from}:${this.key}`;
    item.contextValue = NodeKind.more;
    return item;
  }

  override getChildren(): Node[] {
    return MoreNode.portion(this.dates, this.key, this.items, this.toNode, this.from);
  }
}
