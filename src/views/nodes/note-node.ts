import * as vscode from 'vscode';
import { treeItem } from '../shown.js';
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
    const { text } = this;
    // As a description: it is not the name of anything.
    const item = treeItem(
      { label: '', description: text, tooltip: [text], spoken: [text] },
      vscode.TreeItemCollapsibleState.None,
    );
    item.id = `note:${this.key}`;
    item.iconPath = new vscode.ThemeIcon(this.icon);
    return item;
  }
}
