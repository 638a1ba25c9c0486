import * as vscode from 'vscode';
import type { SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import { treeItem } from '../shown.js';
import { MoreNode } from './more-node.js';
import { Node } from './node.js';
import type { NodeServices } from './services.js';
import { SnapshotNode } from './snapshot-node.js';

/** The safety snapshots of a source, put away: they are for undoing restores, and no history of the files. */
export class RestoresNode extends Node {
  /** @param snapshots newest first, at least one */
  constructor(
    private readonly services: NodeServices,
    private readonly storeId: string,
    private readonly source: SourceInfo,
    private readonly snapshots: readonly SnapshotInfo[],
  ) {
    super();
  }

  override getTreeItem(): vscode.TreeItem {
    const label = vscode.l10n.t('Before restores');
    const count = this.services.dates.number(this.snapshots.length);
    const tooltip = vscode.l10n.t('What restores replaced, as it was before');
    const item = treeItem(
      { label, description: count, tooltip: [tooltip], spoken: [label, count] },
      vscode.TreeItemCollapsibleState.Collapsed,
    );
    item.id = `restores:${this.storeId}:${this.source.name}`;
    item.iconPath = new vscode.ThemeIcon('shield');
    return item;
  }

  override getChildren(): Node[] {
    const { services, storeId, source } = this;
    const key = `restores:${storeId}:${source.name}`;
    return MoreNode.portion(
      services.dates,
      key,
      this.snapshots,
      one => new SnapshotNode(services, storeId, source, one),
    );
  }
}
