import * as vscode from 'vscode';
import { Command } from '../../contributions.js';
import { treeItem } from '../shown.js';
import { Node } from './node.js';

/** The question whether backups may run by themselves, as long as it has not been answered. A click asks it. */
export class QuestionNode extends Node {
  override getTreeItem(): vscode.TreeItem {
    const label = vscode.l10n.t('Turn on auto-backup?');
    const facts = vscode.l10n.t('Nothing is backed up by itself yet. Click to turn it on, or to say no.');
    const item = treeItem({ label, tooltip: [facts], spoken: [label, facts] }, vscode.TreeItemCollapsibleState.None);
    item.id = 'question:auto-backup';
    item.iconPath = new vscode.ThemeIcon('question');
    item.command = { command: Command.turnOnAutoBackup, title: label };
    return item;
  }
}
