import * as vscode from 'vscode';
import { Command, NodeKind, type SnapshotItem } from '../../contributions.js';
import { basename } from '../../engine/names.js';
import { escapeName } from '../../host/snapshotAddress.js';
import { markDescription, markedUri, markText, shownMark } from '../changeMarks.js';
import { Node } from './node.js';
import type { SnapshotPath } from './openSnapshot.js';

/** A file, or a link, in a snapshot. A click opens it. */
export class FileNode extends Node implements SnapshotItem {
  readonly uri: vscode.Uri;

  constructor(
    private readonly at: SnapshotPath,
    private readonly isLink: boolean,
  ) {
    super();
    this.uri = at.in.address(at.path);
  }

  override getTreeItem(): vscode.TreeItem {
    const name = escapeName(basename(this.at.path));
    const change = this.at.in.changes?.find(this.at.path);
    const words = change && markText(change);
    const item = new vscode.TreeItem(name, vscode.TreeItemCollapsibleState.None);
    item.id = this.uri.toString();
    item.contextValue = NodeKind.file;
    item.resourceUri = markedUri(this.uri, change && shownMark(change));
    item.iconPath = this.isLink ? new vscode.ThemeIcon('file-symlink-file') : vscode.ThemeIcon.File;
    item.description = (change && markDescription(change)) ?? '';
    item.tooltip = [escapeName(this.at.path), words].filter(Boolean).join('\n');
    const label = this.isLink ? vscode.l10n.t('{0}, symbolic link', name) : name;
    item.accessibilityInformation = { label: [label, words].filter(Boolean).join(', ') };
    item.command = { command: Command.openFile, title: vscode.l10n.t('Open Snapshot File'), arguments: [this] };
    return item;
  }
}
