import * as vscode from 'vscode';
import { NodeKind, type SnapshotItem } from '../../contributions.js';
import { basename } from '../../engine/words/names.js';
import { markedUri, markText, shownMark } from '../change-marks.js';
import { placeOf, treeItem } from '../shown.js';
import { Node } from './node.js';
import type { NodesOf, SnapshotPath } from './open-snapshot.js';

/** A folder in a snapshot. */
export class FolderNode extends Node implements SnapshotItem {
  readonly uri: vscode.Uri;

  /**
   * @param nodesOf what it shows of itself
   * @param changesOnly whether that is what has changed rather than all that it holds
   */
  constructor(
    private readonly at: SnapshotPath,
    private readonly nodesOf: NodesOf,
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
        tooltip: [words, placeOf(this.at.path)],
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
    return this.nodesOf(this.at);
  }
}
