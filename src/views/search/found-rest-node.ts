import * as vscode from 'vscode';
import { Command, NodeKind } from '../../contributions.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { Node } from '../nodes/node.js';
import { treeItem } from '../shown.js';

/** The lines of a version that are not shown, since they are too many. A click opens the past file. */
export class FoundRestNode extends Node {
  constructor(
    private readonly parent: string,
    private readonly uri: vscode.Uri,
    private readonly count: number,
    private readonly dates: DateFormat,
  ) {
    super();
  }

  override getTreeItem(): vscode.TreeItem {
    const label = vscode.l10n.t('{0} more in this file', this.dates.number(this.count));
    const item = treeItem({ label, spoken: [label] }, vscode.TreeItemCollapsibleState.None);
    item.id = `${this.parent}:more`;
    item.contextValue = NodeKind.more;
    item.command = { command: Command.openFile, title: vscode.l10n.t('Open Snapshot File'), arguments: [this.uri] };
    return item;
  }
}
