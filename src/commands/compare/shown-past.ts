import * as vscode from 'vscode';
import { SCHEME } from '../../contributions.js';
import { filesOfTab } from '../../host/editor/tab-files.js';

/** A past file in an editor, alone or in a comparison. */
export interface ShownPast {
  /** the past file whose versions are gone through */
  uri: vscode.Uri;
  /**
   * - `alone`: a document of its own
   * - `pair`: the newer side of a comparison of two past files
   * - `original`, `modified`: that side of a comparison with something else
   */
  as: 'alone' | 'pair' | 'original' | 'modified';
  /** what the other side of `original` or `modified` is */
  other: vscode.Uri | undefined;
  column: vscode.ViewColumn;
}

/**
 * The past file of the tab in front; `undefined`: it shows none.
 * @param given a file that it shows: else it may be one in front of another group, since a click in its title does not make that
 *   the active one
 */
export function shownPast(given: vscode.Uri | undefined): ShownPast | undefined {
  const { all, activeTabGroup } = vscode.window.tabGroups;
  const groups = [activeTabGroup, ...all.filter(group => group !== activeTabGroup)];
  const inFront = (is: (tab: vscode.Tab) => boolean): vscode.TabGroup | undefined =>
    groups.find(({ activeTab }) => activeTab && is(activeTab));
  const group = given === undefined ? activeTabGroup : (inFront(tab => shows(tab, given)) ?? inFront(isOfUnknownKind));
  return group?.activeTab && pastOf(group.activeTab, given, group.viewColumn);
}

function shows(tab: vscode.Tab, file: vscode.Uri): boolean {
  return filesOfTab(tab).some(one => one.toString() === file.toString());
}

// Of a comparison of images the editor tells nothing but its title.
function isOfUnknownKind({ input }: vscode.Tab): boolean {
  return input === undefined;
}

function pastOf(tab: vscode.Tab, given: vscode.Uri | undefined, column: vscode.ViewColumn): ShownPast | undefined {
  if (isOfUnknownKind(tab)) {
    return given?.scheme === SCHEME ? { uri: given, as: 'pair', other: undefined, column } : undefined;
  }
  const [modified, original] = filesOfTab(tab);
  if (!modified) return undefined;
  if (!original) return isPast(modified) ? { uri: modified, as: 'alone', other: undefined, column } : undefined;
  if (isPast(original) && isPast(modified)) return { uri: modified, as: 'pair', other: original, column };
  if (isPast(original)) return { uri: original, as: 'original', other: modified, column };
  return isPast(modified) ? { uri: modified, as: 'modified', other: original, column } : undefined;
}

function isPast({ scheme }: vscode.Uri): boolean {
  return scheme === SCHEME;
}
