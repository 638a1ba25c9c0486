import * as vscode from 'vscode';
import { Command, NodeKind, type SnapshotItem } from '../../contributions.js';
import { basename } from '../../engine/words/names.js';
import { markDescription, markedUri, markText, shownMark } from '../change-marks.js';
import { treeItem } from '../shown.js';
import { Node } from './node.js';
import type { SnapshotPath } from './open-snapshot.js';

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
    const name = basename(this.at.path);
    const change = this.at.in.changes?.find(this.at.path);
    const words = (change && markText(change)) ?? '';
    const item = treeItem(
      {
        label: name,
        description: (change && markDescription(change)) ?? '',
        tooltip: [this.at.path, words],
        spoken: [this.isLink ? vscode.l10n.t('{0}, symbolic link', name) : name, words],
      },
      vscode.TreeItemCollapsibleState.None,
    );
    item.id = this.uri.toString();
    item.contextValue = NodeKind.file;
    item.resourceUri = markedUri(this.uri, change && shownMark(change));
    item.iconPath = this.isLink ? new vscode.ThemeIcon('file-symlink-file') : vscode.ThemeIcon.File;
    item.command = { command: Command.openFile, title: vscode.l10n.t('Open Snapshot File'), arguments: [this] };
    return item;
  }
}
