import * as vscode from 'vscode';
import { NodeKind, type SnapshotItem } from '../../contributions.js';
import type { FoundVersion } from '../../host/catalog/found-text.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { Node } from '../nodes/node.js';
import { treeItem } from '../shown.js';
import { joined, lostText, matchCount, spanText } from './found-facts.js';
import { FoundLineNode } from './found-line-node.js';
import { FoundRestNode } from './found-rest-node.js';

/** One content of a file, and since when until when it was like that. Opens to its lines. */
export class FoundVersionNode extends Node implements SnapshotItem {
  private readonly id: string;

  /** @param uri its address @param isNewest whether it is open from the beginning */
  constructor(
    parent: string,
    readonly uri: vscode.Uri,
    private readonly version: FoundVersion,
    private readonly isNewest: boolean,
    private readonly dates: DateFormat,
  ) {
    super();
    this.id = `${parent}:${version.first}:${version.last}`;
  }

  override getTreeItem(): vscode.TreeItem {
    const { dates, version } = this;
    const { Collapsed, Expanded } = vscode.TreeItemCollapsibleState;
    const span = spanText(version, dates);
    const facts = [matchCount(version.count, dates), lostText(version)];
    const item = treeItem(
      {
        label: span,
        description: joined(facts),
        tooltip: [
          vscode.l10n.t('From {0}', dates.long(new Date(version.firstAt))),
          vscode.l10n.t('To {0}', dates.long(new Date(version.lastAt))),
          ...facts,
        ],
        spoken: [span, ...facts],
      },
      this.isNewest ? Expanded : Collapsed,
    );
    item.id = this.id;
    item.contextValue = NodeKind.found;
    item.iconPath = new vscode.ThemeIcon('history');
    return item;
  }

  override getChildren(): Node[] {
    return foundLines(this.id, this.uri, this.version, this.dates);
  }
}

/** Nodes for the lines of a version. */
export function foundLines(parent: string, uri: vscode.Uri, version: FoundVersion, dates: DateFormat): Node[] {
  const rest = version.count - version.lines.length;
  return [
    ...version.lines.map(line => new FoundLineNode(parent, uri, line)),
    ...(rest > 0 ? [new FoundRestNode(parent, uri, rest, dates)] : []),
  ];
}
