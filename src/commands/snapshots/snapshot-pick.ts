import * as vscode from 'vscode';
import { PhlbError } from '../../engine/words/errors.js';
import type { SnapshotInfo } from '../../engine/words/model.js';
import type { Services } from '../../host/backup/services.js';
import { findInTree } from '../../host/catalog/snapshot-tree.js';
import { pick, type PickItem } from '../../host/editor/pick-list.js';
import { plainText } from '../../host/editor/plain-text.js';

interface SnapshotPickItem extends PickItem {
  snapshot: SnapshotInfo;
}

const AT_A_TIME = 32;

/**
 * The address of a folder of today in a snapshot that holds it. `undefined`: the user has thought better of it.
 * @param id of the snapshot; asked for, newest first, when it is not given
 * @param title of the list
 */
export async function folderInSnapshot(
  { catalog, dates }: Services,
  folder: vscode.Uri,
  id: string | undefined,
  title: string,
): Promise<vscode.Uri | undefined> {
  // Other windows and the command line take snapshots, too.
  await catalog.listAgain();
  const found = await catalog.sourceOf(folder);
  const none = (): never => {
    throw new PhlbError('notFound', vscode.l10n.t('No snapshot holds this folder. Back it up first.'), {
      path: folder.fsPath,
    });
  };
  if (!found?.source.local) return none();
  const { storeId, source, path } = found;
  const snapshots = source.snapshots.filter(({ kind, problem }) => kind === 'snapshot' && problem === undefined);
  if (id !== undefined) {
    const snapshot = snapshots.find(one => one.id === id);
    return snapshot ? catalog.address(storeId, source, snapshot, path) : none();
  }
  const items = async (): Promise<SnapshotPickItem[]> => {
    const holders = await holding(snapshots.toReversed(), path);
    return holders.length > 0 ? holders.map(toItem) : none();
  };
  const toItem = (snapshot: SnapshotInfo): SnapshotPickItem => ({
    label: dates.short(new Date(snapshot.startedAt)),
    description: [
      ...(snapshot.label === null ? [] : [snapshot.label]),
      ...(snapshot.pinned ? [vscode.l10n.t('pinned')] : []),
      vscode.l10n.t('{0} changed', dates.number(snapshot.changedFiles)),
    ].join(' · '),
    iconPath: new vscode.ThemeIcon(snapshot.pinned ? 'pinned' : 'history'),
    snapshot,
  });
  const name = plainText(path === '' ? source.name : path);
  const picked = await pick(items(), { title, placeHolder: vscode.l10n.t('Snapshots that hold {0}', name) });
  return picked && catalog.address(storeId, source, picked.snapshot, path);
}

async function holding(snapshots: readonly SnapshotInfo[], path: string): Promise<SnapshotInfo[]> {
  const holders: SnapshotInfo[] = [];
  for (let at = 0; at < snapshots.length; at += AT_A_TIME) {
    const some = snapshots.slice(at, at + AT_A_TIME);
    const stats = await Promise.all(some.map(({ path: tree }) => findInTree(tree, path)));
    holders.push(...some.filter((_, index) => stats[index]?.type === 'dir'));
  }
  return holders;
}
