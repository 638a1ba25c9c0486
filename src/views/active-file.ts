import * as vscode from 'vscode';
import { SCHEME } from '../contributions.js';
import { filesOfTab } from '../host/editor/tab-files.js';

/**
 * The file of the tab in front: `file:` for one of today, `phlb:` for a past one. Of a comparison the right side, else the
 * left one. `none`: no tab, or one of no file on a disk. `other`: one that tells of no file (`filesOfTab`).
 */
export function activeFile(): vscode.Uri | 'none' | 'other' {
  const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
  if (!tab) return 'none';
  const shown = filesOfTab(tab);
  if (shown.length === 0) return 'other';
  return shown.find(({ scheme }) => scheme === 'file' || scheme === SCHEME) ?? 'none';
}
