import * as vscode from 'vscode';
import { NodeKind } from '../../contributions.js';
import type { SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import { snapshotCount } from '../../host/editor/count-text.js';
import { treeItem } from '../shown.js';
import { Node } from './node.js';
import type { NodeServices } from './services.js';
import { SnapshotNode } from './snapshot-node.js';

/** The snapshots of one local day, without those before restores. */
export class DayNode extends Node {
  /** @param snapshots newest first, at least one */
  constructor(
    private readonly services: NodeServices,
    private readonly storeId: string,
    private readonly source: SourceInfo,
    private readonly key: string,
    private readonly snapshots: readonly SnapshotInfo[],
    private readonly expanded: boolean,
  ) {
    super();
  }

  override getTreeItem(): vscode.TreeItem {
    const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
    const day = this.services.dates.day(new Date(this.snapshots[0]?.startedAt ?? 0));
    const count = snapshotCount(this.snapshots.length, this.services.dates);
    const item = treeItem(
      { label: day, description: count, spoken: [day, count] },
      this.expanded ? Expanded : Collapsed,
    );
    item.id = `day:${this.storeId}:${this.source.name}:${this.key}`;
    item.contextValue = NodeKind.day;
    item.iconPath = new vscode.ThemeIcon('calendar');
    return item;
  }

  override getChildren(): Node[] {
    return this.snapshots.map(snapshot => new SnapshotNode(this.services, this.storeId, this.source, snapshot));
  }
}
