import * as vscode from 'vscode';
import { Command, NodeKind } from '../../contributions.js';
import { basename } from '../../engine/words/names.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { plainText } from '../../host/editor/plain-text.js';
import { treeItem } from '../shown.js';
import type { Today, TodaysState } from '../todays-file.js';
import type { VersionNode } from './version-node.js';

/** The file of today, above its versions. A click compares it with the newest one. */
export class CurrentNode {
  constructor(
    private readonly today: Today,
    private readonly newest: VersionNode,
    private readonly dates: DateFormat,
  ) {}

  getTreeItem(): vscode.TreeItem {
    const { dates } = this;
    const { uri, size, mtime, state } = this.today;
    const name = vscode.l10n.t('Current');
    const facts = [dates.size(size), wordOf(state)].filter(fact => fact !== '');
    const item = treeItem(
      {
        label: name,
        description: facts.join(' · '),
        tooltip: [uri.fsPath, vscode.l10n.t('Modified {0}', dates.long(mtime)), sentenceOf(state)],
        spoken: [name, ...facts],
      },
      vscode.TreeItemCollapsibleState.None,
    );
    item.id = `current:${uri.toString()}`;
    item.contextValue = NodeKind.current;
    item.iconPath = new vscode.ThemeIcon('file');
    item.command = this.command();
    return item;
  }

  private command(): vscode.Command {
    const { today, newest } = this;
    const title = vscode.l10n.t('Compare with the Newest Version');
    // The editor would show what a link leads to.
    if (today.isLink) {
      return { command: Command.compareFileWithSnapshot, title, arguments: [today.uri, newest.version.snapshot] };
    }
    const titles = `${newest.title} ↔ ${plainText(basename(today.uri.path))}`;
    return { command: 'vscode.diff', title, arguments: [newest.side, today.uri, titles, { preview: true }] };
  }
}

function wordOf(state: TodaysState): string {
  switch (state) {
    case 'same':
      return vscode.l10n.t('not changed');
    case 'differs':
      return vscode.l10n.t('changed');
    case 'unsaved':
      return vscode.l10n.t('unsaved changes');
    case 'unknown':
      return '';
  }
}

function sentenceOf(state: TodaysState): string {
  switch (state) {
    case 'same':
      return vscode.l10n.t('The same content as the newest version');
    case 'differs':
      return vscode.l10n.t('Changed since the newest version');
    case 'unsaved':
      return vscode.l10n.t('With changes that are not saved yet');
    case 'unknown':
      return '';
  }
}
