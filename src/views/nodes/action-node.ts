import * as vscode from 'vscode';
import type { CommandId } from '../../contributions.js';
import { treeItem } from '../shown.js';
import { Node } from './node.js';

/** A line that does something when it is clicked. */
export class ActionNode extends Node {
  /** @param icon of the editor's, `refresh` */
  constructor(
    private readonly command: CommandId,
    private readonly title: string,
    private readonly icon: string,
  ) {
    super();
  }

  override getTreeItem(): vscode.TreeItem {
    const { title, command } = this;
    const item = treeItem({ label: title, tooltip: [title], spoken: [title] }, vscode.TreeItemCollapsibleState.None);
    item.id = `action:${command}`;
    item.iconPath = new vscode.ThemeIcon(this.icon);
    item.command = { command, title };
    return item;
  }
}
