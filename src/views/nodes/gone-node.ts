import * as vscode from 'vscode';
import { Command, NodeKind, type SnapshotItem } from '../../contributions.js';
import { basename } from '../../engine/words/names.js';
import type { ChangedEntry } from '../../host/catalog/change-tree.js';
import { markDescription, markedUri, markText, shownMark } from '../change-marks.js';
import { placeOf, treeItem } from '../shown.js';
import { Node } from './node.js';
import type { NodesOf, OpenSnapshot } from './open-snapshot.js';

/** A file or folder that the snapshot no longer holds. Its address is in the snapshot before, which does. */
export class GoneNode extends Node implements SnapshotItem {
  readonly uri: vscode.Uri;

  constructor(
    private readonly open: OpenSnapshot,
    private readonly entry: ChangedEntry,
    private readonly nodesOf: NodesOf,
  ) {
    super();
    this.uri = open.previousAddress(entry.path);
  }

  override getTreeItem(): vscode.TreeItem {
    const { Collapsed, None } = vscode.TreeItemCollapsibleState;
    const { path, type, hasBelow } = this.entry;
    const isFolder = type === 'dir';
    const name = basename(path);
    const words = markText(this.entry) ?? '';
    const item = treeItem(
      {
        label: name,
        description: markDescription(this.entry) ?? '',
        tooltip: [words, placeOf(path)],
        spoken: [isFolder ? vscode.l10n.t('{0}, folder', name) : name, words],
      },
      isFolder && hasBelow ? Collapsed : None,
    );
    item.id = `gone:${this.open.snapshot.id}:${this.uri.toString()}`;
    item.contextValue = isFolder ? NodeKind.deletedFolder : NodeKind.deletedFile;
    item.resourceUri = markedUri(this.uri, shownMark(this.entry));
    item.iconPath = isFolder ? vscode.ThemeIcon.Folder : vscode.ThemeIcon.File;
    if (!isFolder) {
      item.command = { command: Command.openFile, title: vscode.l10n.t('Open Snapshot File'), arguments: [this] };
    }
    return item;
  }

  override getChildren(): Promise<Node[]> {
    return this.nodesOf({ in: this.open, path: this.entry.path });
  }
}
