import * as vscode from 'vscode';
import { Node } from './node.js';

/** A line that says something about its neighbours. */
export class NoteNode extends Node {
  /** @param key tells it from other notes of the tree */
  constructor(
    private readonly key: string,
    private readonly text: string,
    private readonly icon = 'info',
  ) {
    super();
  }

  override getTreeItem(): vscode.TreeItem {
    const item = new vscode.TreeItem('', vscode.TreeItemCollapsibleState.None);
    item.id = `note:${this.key}`;
    // As a description: it is not the name of anything.
    item.description = this.text;
    item.iconPath = new vscode.ThemeIcon(this.icon);
    item.tooltip = this.text;
    item.accessibilityInformation = { label: this.text };
    return item;
  }
}
