import * as vscode from 'vscode';
import type { SnapshotItem } from '../../contributions.js';
import type { SnapshotInfo, SourceInfo } from '../../engine/model.js';
import { basename, compareNames, join } from '../../engine/names.js';
import { escapeName } from '../../host/snapshotAddress.js';
import { listTree, type TreeEntry } from '../../host/snapshotTree.js';
import { FileNode } from './fileNode.js';
import { MoreNode } from './moreNode.js';
import { Node } from './node.js';
import type { NodeServices } from './services.js';

const MANY = 5000;

/** A place in a snapshot. */
export interface SnapshotPath {
  storeId: string;
  source: SourceInfo;
  snapshot: SnapshotInfo;
  /** relative to the source */
  path: string;
}

/** A folder in a snapshot. */
export class FolderNode extends Node implements SnapshotItem {
  readonly uri: vscode.Uri;

  constructor(
    private readonly services: NodeServices,
    private readonly at: SnapshotPath,
  ) {
    super();
    this.uri = services.catalog.address(at.storeId, at.source, at.snapshot, at.path);
  }

  override getTreeItem(): vscode.TreeItem {
    const name = escapeName(basename(this.at.path));
    const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.Collapsed);
    item.id = this.uri.toString();
    item.contextValue = 'folder';
    item.resourceUri = this.uri;
    item.iconPath = vscode.ThemeIcon.Folder;
    item.tooltip = escapeName(this.at.path);
    item.accessibilityInformation = { label: vscode.l10n.t('{0}, folder', name) };
    return item;
  }

  override getChildren(): Promise<Node[]> {
    return childNodes(this.services, this.at);
  }
}

/** The nodes of what a folder of a snapshot holds: folders first, by name, large folders in portions. */
export async function childNodes(services: NodeServices, at: SnapshotPath): Promise<Node[]> {
  const entries = await listTree(at.snapshot.path, at.path);
  // A person's order of 100,000 names would hold up the editor for most of a second; the machine's takes a seventh.
  const compare = entries.length > MANY ? compareNames : services.collator.compare;
  entries.sort((a, b) => rank(a) - rank(b) || compare(a.name, b.name));
  return MoreNode.portion(services.dates, `${at.storeId}:${at.snapshot.id}:${at.path}`, entries, entry => {
    const child = { ...at, path: join(at.path, entry.name) };
    return entry.type === 'dir'
      ? new FolderNode(services, child)
      : new FileNode(services, child, entry.type === 'link');
  });
}

function rank(entry: TreeEntry): number {
  return entry.type === 'dir' ? 0 : 1;
}
