import * as vscode from 'vscode';
import { Command, type SnapshotItem } from '../../contributions.js';
import { basename } from '../../engine/names.js';
import { escapeName } from '../../host/snapshotAddress.js';
import type { SnapshotPath } from './folderNode.js';
import { Node } from './node.js';
import type { NodeServices } from './services.js';

/** A file, or a link, in a snapshot. A click opens it. */
export class FileNode extends Node implements SnapshotItem {
  readonly uri: vscode.Uri;

  constructor(
    services: NodeServices,
    private readonly at: SnapshotPath,
    private readonly isLink: boolean,
  ) {
    super();
    this.uri = services.catalog.address(at.storeId, at.source, at.snapshot, at.path);
  }

  override getTreeItem(): vscode.TreeItem {
    const name = escapeName(basename(this.at.path));
    const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.None);
    item.id = this.uri.toString();
    item.contextValue = 'file';
    item.resourceUri = this.uri;
    item.iconPath = this.isLink ? new vscode.ThemeIcon('file-symlink-file') : vscode.ThemeIcon.File;
    item.tooltip = escapeName(this.at.path);
    item.accessibilityInformation = {
      label: this.isLink ? vscode.l10n.t('{0}, symbolic link', name) : name,
    };
    item.command = { command: Command.openFile, title: vscode.l10n.t('Open Snapshot File'), arguments: [this] };
    return item;
  }
}
