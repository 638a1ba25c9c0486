import * as vscode from 'vscode';
import type { SnapshotItem } from '../../contributions.js';
import type { SnapshotInfo, SourceInfo } from '../../engine/model.js';
import { errorCount, fileCount } from '../../host/counts.js';
import { escapeName } from '../../host/snapshotAddress.js';
import { childNodes } from './folderNode.js';
import { Node } from './node.js';
import type { NodeServices } from './services.js';

/** One snapshot: when it was taken, what it is called, how much is new in it. */
export class SnapshotNode extends Node implements SnapshotItem {
  readonly uri: vscode.Uri;

  constructor(
    private readonly services: NodeServices,
    private readonly storeId: string,
    private readonly source: SourceInfo,
    private readonly snapshot: SnapshotInfo,
  ) {
    super();
    this.uri = services.catalog.address(storeId, source, snapshot, '');
  }

  override getTreeItem(): vscode.TreeItem {
    const { snapshot } = this;
    const time = this.services.dates.time(new Date(snapshot.startedAt));
    const readable = snapshot.problem === undefined;
    const facts = this.facts();
    const item = new vscode.TreeItem(time, vscode.TreeItemCollapsibleState.Collapsed);
    item.id = `snapshot:${this.storeId}:${snapshot.id}`;
    item.contextValue = 'snapshot';
    item.iconPath =
      readable && snapshot.errors === 0
        ? new vscode.ThemeIcon(snapshot.pinned ? 'pinned' : 'history')
        : new vscode.ThemeIcon('warning', new vscode.ThemeColor('list.warningForeground'));
    item.description = facts.join(' · ');
    item.tooltip = this.tooltip();
    item.accessibilityInformation = { label: [time, ...facts].join(', ') };
    return item;
  }

  override getChildren(): Promise<Node[]> {
    const { storeId, source, snapshot } = this;
    return childNodes(this.services, { storeId, source, snapshot, path: '' });
  }

  private facts(): string[] {
    const { snapshot } = this;
    const { dates } = this.services;
    const facts = snapshot.label === null ? [] : [snapshot.label];
    if (snapshot.problem !== undefined) return [...facts, vscode.l10n.t('record cannot be read')];
    if (snapshot.pinned) facts.push(vscode.l10n.t('pinned'));
    // The first one has none before it that it could differ from.
    facts.push(
      this.source.snapshots[0] === snapshot
        ? fileCount(snapshot.files, dates)
        : vscode.l10n.t('{0} changed', dates.number(snapshot.changedFiles)),
    );
    if (snapshot.copiedBytes > 0) facts.push(`+${dates.size(snapshot.copiedBytes)}`);
    if (snapshot.errors > 0) facts.push(errorCount(snapshot.errors, dates));
    return facts;
  }

  private tooltip(): string {
    const { snapshot } = this;
    const { dates } = this.services;
    const lines = [dates.long(new Date(snapshot.startedAt)), escapeName(snapshot.path)];
    if (snapshot.problem !== undefined) lines.push(snapshot.problem);
    else lines.push(`${fileCount(snapshot.files, dates)}, ${dates.size(snapshot.bytes)}`);
    return lines.join('\n');
  }
}
