import * as vscode from 'vscode';
import { Command, NodeKind, type PlaceInText, type SnapshotItem } from '../../contributions.js';
import { foundLineLabel } from '../../host/catalog/found-line-label.js';
import type { FoundLine } from '../../host/catalog/found-text.js';
import { Node } from '../nodes/node.js';
import { treeItem } from '../shown.js';
import { joined, lostText } from './found-facts.js';

/** A line that matches. A click opens the past file at it. */
export class FoundLineNode extends Node implements SnapshotItem {
  readonly place: PlaceInText;

  /** @param parent id of the node that it stands below */
  constructor(
    private readonly parent: string,
    readonly uri: vscode.Uri,
    private readonly line: FoundLine,
  ) {
    super();
    this.place = line;
  }

  override getTreeItem(): vscode.TreeItem {
    const { line } = this;
    const { label, highlight } = foundLineLabel(line);
    const number = String(line.line);
    const lost = lostText(line);
    const isBlank = label.trim() === '';
    const shown = isBlank ? vscode.l10n.t('(empty line)') : label;
    const item = treeItem(
      {
        label: shown,
        ...(isBlank ? {} : { highlight }),
        description: joined([number, lost]),
        tooltip: [line.text.trim(), vscode.l10n.t('Line {0}', number), lost],
        spoken: [shown, vscode.l10n.t('Line {0}', number), lost],
      },
      vscode.TreeItemCollapsibleState.None,
    );
    item.id = `${this.parent}:${line.line}`;
    item.contextValue = NodeKind.found;
    item.command = { command: Command.openFile, title: vscode.l10n.t('Open Snapshot File'), arguments: [this] };
    return item;
  }
}
