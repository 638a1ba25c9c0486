/**
 * The only place that writes into the side bar and the status bar (lint sees to it): the editor draws icons, and may draw
 * more, in their texts, so whatever comes from outside is made plain first.
 */
import * as vscode from 'vscode';
import { plainLines, plainPlace, plainText } from '../host/editor/plain-text.js';

/** A line of a tree, in texts. */
export interface TreeLine {
  label: string;
  /** the part of the label that stands out, from and to; UTF-16 code units */
  highlight?: readonly [number, number];
  /** beside the label */
  description?: string;
  /** lines; empty ones are left out; the label where nothing is left */
  tooltip?: readonly string[];
  /** what a screen reader says, in parts; empty ones are left out */
  spoken: readonly string[];
}

/** The item that the editor shows; what else it has, a caller sets. */
export function treeItem(line: TreeLine, state: vscode.TreeItemCollapsibleState): vscode.TreeItem {
  const { label, highlight, description, tooltip, spoken } = line;
  const item = new vscode.TreeItem(plainText(label), state);
  if (highlight) {
    const [from, to] = highlight;
    item.label = { label: plainText(label), highlights: [[plainPlace(label, from), plainPlace(label, to)]] };
  }
  if (description !== undefined) item.description = plainText(description);
  if (tooltip !== undefined) item.tooltip = said(tooltip).join('\n') || plainText(label);
  item.accessibilityInformation = { label: said(spoken).join(', ') };
  return item;
}

/** What an item says when the pointer rests on it, found out only then. @param lines empty ones are left out */
export function setTooltip(item: vscode.TreeItem, lines: readonly string[]): void {
  const text = said(lines).join('\n');
  if (text !== '') item.tooltip = text;
}

/** A path for a tooltip: `''` where it is the name alone, which stands there already. */
export function placeOf(path: string): string {
  return path.includes('/') ? path : '';
}

/** What a view says of itself: beside its title, and above its tree. */
export function describeView(
  view: vscode.TreeView<unknown> | undefined,
  texts: { description?: string; message?: string },
): void {
  if (!view) return;
  if (texts.description !== undefined) view.description = plainText(texts.description);
  if (texts.message !== undefined) view.message = plainLines(texts.message);
}

export function createStatus(name: string, command: string): vscode.StatusBarItem {
  const item = vscode.window.createStatusBarItem('status', vscode.StatusBarAlignment.Right, 90);
  item.name = name;
  item.command = command;
  return item;
}

/** @param icon of the editor's, `history` @param tooltip lines; empty ones are left out */
export function showStatus(
  item: vscode.StatusBarItem,
  { icon, text, tooltip, warning }: { icon: string; text: string; tooltip: readonly string[]; warning: boolean },
): void {
  const lines = said(tooltip);
  item.text = `$(${icon}) ${plainText(text)}`;
  item.tooltip = lines.join('\n');
  item.backgroundColor = warning ? new vscode.ThemeColor('statusBarItem.warningBackground') : undefined;
  item.accessibilityInformation = { label: [`${item.name ?? ''}`, ...lines].join('. '), role: 'button' };
  item.show();
}

function said(texts: readonly string[]): string[] {
  return texts.filter(text => text !== '').map(plainText);
}
