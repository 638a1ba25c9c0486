import * as vscode from 'vscode';
import type { SourceInfo } from '../../engine/words/model.js';
import { treeItem } from '../shown.js';
import { Node } from './node.js';
import type { NodeServices } from './services.js';
import { SourceNode } from './source-node.js';

/** The sources that are no open folder, out of the way of those that are. */
export class OtherFoldersNode extends Node {
  /** @param sources at least one, in their order */
  constructor(
    private readonly services: NodeServices,
    private readonly storeId: string,
    private readonly sources: readonly SourceInfo[],
  ) {
    super();
  }

  override getTreeItem(): vscode.TreeItem {
    const label = vscode.l10n.t('Other Folders');
    const count = this.services.dates.number(this.sources.length);
    const item = treeItem(
      { label, description: count, spoken: [label, count] },
      vscode.TreeItemCollapsibleState.Collapsed,
    );
    item.id = `others:${this.storeId}`;
    item.iconPath = new vscode.ThemeIcon('folder-library');
    return item;
  }

  override getChildren(): Node[] {
    return this.sources.map(source => new SourceNode(this.services, this.storeId, source, false));
  }
}
