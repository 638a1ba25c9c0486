import * as vscode from 'vscode';
import { NodeKind, type SourceItem } from '../../contributions.js';
import type { SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import { snapshotCounts } from '../../host/editor/count-text.js';
import { dayKey } from '../../host/editor/dates.js';
import { homePath } from '../../host/editor/home-path.js';
import { treeItem } from '../shown.js';
import { DayNode } from './day-node.js';
import { Node } from './node.js';
import { RestoresNode } from './restores-node.js';
import type { NodeServices } from './services.js';

/** A folder that has snapshots. */
export class SourceNode extends Node implements SourceItem {
  readonly sourceName: string;

  /** @param expanded whether it opens by itself, as that of the open workspace does */
  constructor(
    private readonly services: NodeServices,
    private readonly storeId: string,
    private readonly source: SourceInfo,
    private readonly expanded: boolean,
  ) {
    super();
    this.sourceName = source.name;
  }

  override getTreeItem(): vscode.TreeItem {
    const { Expanded, Collapsed } = vscode.TreeItemCollapsibleState;
    const { name, source, local, snapshots } = this.source;
    const count = snapshotCounts(snapshots, this.services.dates);
    const facts = [source, count, local ? '' : vscode.l10n.t('From another computer')];
    const item = treeItem(
      { label: name, description: homePath(source), tooltip: facts, spoken: [name, ...facts] },
      this.expanded ? Expanded : Collapsed,
    );
    item.id = `source:${this.storeId}:${name}`;
    item.contextValue = local ? NodeKind.source : NodeKind.remoteSource;
    item.iconPath = new vscode.ThemeIcon(local ? 'root-folder' : 'remote');
    return item;
  }

  override getChildren(): Node[] {
    const days = new Map<string, SnapshotInfo[]>();
    const newestFirst = this.source.snapshots.toReversed();
    const saved = newestFirst.filter(({ kind }) => kind === 'safety');
    for (const snapshot of newestFirst.filter(({ kind }) => kind === 'snapshot')) {
      const key = dayKey(new Date(snapshot.startedAt));
      const day = days.get(key);
      if (day) day.push(snapshot);
      else days.set(key, [snapshot]);
    }
    const { services, storeId, source } = this;
    const nodes: Node[] = [...days].map(
      ([key, snapshots], index) => new DayNode(services, storeId, source, key, snapshots, this.expanded && index === 0),
    );
    return saved.length > 0 ? [...nodes, new RestoresNode(services, storeId, source, saved)] : nodes;
  }
}
