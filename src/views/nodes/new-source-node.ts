import * as vscode from 'vscode';
import { NodeKind, type FolderItem } from '../../contributions.js';
import { nameOfPath } from '../../engine/words/names.js';
import { homePath } from '../../host/editor/home-path.js';
import { treeItem } from '../shown.js';
import { Node } from './node.js';

/** An open folder that has no snapshot. */
export class NewSourceNode extends Node implements FolderItem {
  /** @param hadSnapshots all of them have been deleted */
  constructor(
    readonly folder: vscode.Uri,
    private readonly hadSnapshots: boolean,
  ) {
    super();
  }

  override getTreeItem(): vscode.TreeItem {
    const path = this.folder.fsPath;
    const name = nameOfPath(path) || path;
    const none = this.hadSnapshots ? vscode.l10n.t('no snapshot') : vscode.l10n.t('no snapshot yet');
    const item = treeItem(
      { label: name, description: none, tooltip: [path, none], spoken: [name, none, homePath(path)] },
      vscode.TreeItemCollapsibleState.None,
    );
    item.id = `new:${path}`;
    item.contextValue = NodeKind.newSource;
    item.iconPath = new vscode.ThemeIcon('root-folder');
    return item;
  }
}
