import * as vscode from 'vscode';
import { NodeKind, type SnapshotItem } from '../../contributions.js';
import { basename } from '../../engine/names.js';
import { markedUri, markText, shownMark } from '../changeMarks.js';
import { treeItem } from '../shown.js';
import { changedNodes, childNodes } from './contents.js';
import { Node } from './node.js';
import type { SnapshotPath } from './openSnapshot.js';

/** A folder in a snapshot. */
export class FolderNode extends Node implements SnapshotItem {
  readonly uri: vscode.Uri;

  /** @param changesOnly whether it shows what has changed rather than all that it holds */
  constructor(
    private readonly at: SnapshotPath,
    private readonly changesOnly: boolean,
  ) {
    super();
    this.uri = at.in.address(at.path);
  }

  override getTreeItem(): vscode.TreeItem {
    const { Collapsed, None } = vscode.TreeItemCollapsibleState;
    const name = basename(this.at.path);
    const change = this.at.in.changes?.find(this.at.path);
    const words = (change && markText(change)) ?? '';
    const item = treeItem(
      {
        label: name,
        tooltip: [this.at.path, words],
        spoken: [vscode.l10n.t('{0}, folder', name), words],
      },
      this.changesOnly && change?.hasBelow !== true ? None : Collapsed,
    );
    item.id = this.uri.toString();
    item.contextValue = NodeKind.folder;
    item.resourceUri = markedUri(this.uri, change && shownMark(change));
    item.iconPath = vscode.ThemeIcon.Folder;
    return item;
  }

  override getChildren(): Promise<Node[]> {
    return this.changesOnly ? changedNodes(this.at) : childNodes(this.at);
  }
}
