import * as vscode from 'vscode';
import { PhlbError } from '../engine/errors.js';
import type { SnapshotInfo, SourceInfo } from '../engine/model.js';
import type { DateFormat } from '../host/dates.js';
import { findInTree, type TreeStat } from '../host/snapshotTree.js';

interface Version extends vscode.QuickPickItem {
  snapshot: SnapshotInfo;
}

/** Lets the user choose among the snapshots that hold a file, newest first. */
export async function pickVersion(
  source: SourceInfo,
  path: string,
  dates: DateFormat,
): Promise<SnapshotInfo | undefined> {
  const picked = await vscode.window.showQuickPick(versions(source, path, dates), {
    title: vscode.l10n.t('Compare with Snapshot'),
    placeHolder: vscode.l10n.t('Snapshots that hold {0}', path),
    matchOnDescription: true,
  });
  return picked?.snapshot;
}

async function versions(source: SourceInfo, path: string, dates: DateFormat): Promise<Version[]> {
  const items: Version[] = [];
  let before: TreeStat | undefined;
  for (const snapshot of source.snapshots) {
    const stat = snapshot.problem === undefined ? await findInTree(snapshot.path, path) : undefined;
    if (stat && stat.type !== 'dir') {
      const same = before !== undefined && before.inode === stat.inode && before.size === stat.size;
      const facts = [dates.size(stat.size)];
      if (snapshot.label !== null) facts.push(snapshot.label);
      // The list shows the newest first, so this tells how far down the same content goes.
      const last = items.at(-1);
      if (same && last) facts.push(vscode.l10n.t('same as {0}', last.label));
      items.push({
        label: dates.short(new Date(snapshot.startedAt)),
        description: facts.join(' · '),
        iconPath: new vscode.ThemeIcon(same ? 'blank' : 'history'),
        snapshot,
      });
    }
    before = stat;
  }
  if (items.length > 0) return items.reverse();
  throw new PhlbError('notFound', vscode.l10n.t('No snapshot holds this file. Back up its folder first.'), { path });
}
