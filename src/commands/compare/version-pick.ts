import * as vscode from 'vscode';
import { PhlbError } from '../../engine/words/errors.js';
import type { SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import type { DateFormat } from '../../host/editor/dates.js';
import { pick, type PickItem } from '../../host/editor/pick-list.js';
import { findInTree, type TreeStat } from '../../host/catalog/snapshot-tree.js';
import type { PastFile, MovedFiles } from './moved-files.js';

/** Snapshots in a row that hold the same version of a file. */
interface Version extends PastFile {
  /** oldest first, `snapshot` the first of them */
  snapshots: SnapshotInfo[];
  stat: TreeStat;
}

interface VersionItem extends PickItem {
  version: Version;
}

type SourceFile = { source: SourceInfo; path: string };

const AT_A_TIME = 32;

/** Lets the user choose among the versions of a file, newest first, across renames. */
export async function pickVersion(
  file: SourceFile,
  movedFiles: MovedFiles,
  dates: DateFormat,
  title = vscode.l10n.t('Compare with Snapshot'),
): Promise<PastFile | undefined> {
  const items = async (): Promise<VersionItem[]> => {
    const versions = await versionsOf(file, movedFiles);
    if (versions.length > 0) return versions.map(version => toItem(version, file.path, dates));
    throw new PhlbError('notFound', vscode.l10n.t('No snapshot holds this file. Back up its folder first.'), {
      path: file.path,
    });
  };
  const picked = await pick(items(), {
    title,
    placeHolder: vscode.l10n.t('Versions of {0}', file.path),
  });
  return picked?.version;
}

/** Where a snapshot holds a file, under whatever name it had then; `undefined`: it does not. */
export async function fileInSnapshot(
  file: SourceFile,
  snapshot: SnapshotInfo,
  movedFiles: MovedFiles,
): Promise<PastFile | undefined> {
  if (await findInTree(snapshot.path, file.path)) return { snapshot, path: file.path };
  const held = (await versionsOf(file, movedFiles)).find(({ snapshots }) => snapshots.includes(snapshot));
  return held && { snapshot, path: held.path };
}

async function versionsOf(file: SourceFile, movedFiles: MovedFiles): Promise<Version[]> {
  const names = await movedFiles.names(file);
  const versions: Version[] = [];
  let lastKnown: { id: string; path: string } | undefined;
  let before: (Version & { since: string | undefined }) | undefined;
  const looks = file.source.snapshots.map(snapshot => {
    const name = names.get(snapshot.id);
    if (name !== undefined) lastKnown = { id: snapshot.id, path: name };
    return { snapshot, since: lastKnown?.id, path: lastKnown?.path ?? file.path };
  });
  const seen = await inBatches(looks, ({ snapshot, path }) => look(snapshot, [file.path, path]));
  for (const [at, { snapshot, since }] of looks.entries()) {
    const found = seen[at];
    if (snapshot.kind === 'safety') {
      // It holds what a restore has replaced: a version of its own, between those of the snapshots.
      if (found) versions.push({ ...found, snapshot, snapshots: [snapshot] });
      continue;
    }
    const isSame =
      before?.path === found?.path &&
      (before?.stat.inode === found?.stat.inode || (since !== undefined && before?.since === since));
    if (before && found && isSame) before.snapshots.push(snapshot);
    else {
      before = found && { ...found, snapshot, snapshots: [snapshot], since };
      if (before) versions.push(before);
    }
  }
  return versions.reverse();
}

async function look(snapshot: SnapshotInfo, paths: string[]): Promise<{ path: string; stat: TreeStat } | undefined> {
  if (snapshot.problem !== undefined) return undefined;
  for (const path of new Set(paths)) {
    const stat = await findInTree(snapshot.path, path);
    if (stat && stat.type !== 'dir') return { path, stat };
  }
  return undefined;
}

async function inBatches<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let at = 0; at < items.length; at += AT_A_TIME) {
    results.push(...(await Promise.all(items.slice(at, at + AT_A_TIME).map(work))));
  }
  return results;
}

function toItem(version: Version, pathToday: string, dates: DateFormat): VersionItem {
  const { snapshot, snapshots, path, stat } = version;
  const isSafety = snapshot.kind === 'safety';
  const facts = [dates.size(stat.size), ...snapshots.flatMap(({ label }) => label ?? [])];
  if (isSafety) facts.push(vscode.l10n.t('before a restore'));
  if (path !== pathToday) facts.push(vscode.l10n.t('then {0}', path));
  const last = snapshots.at(-1);
  const detail =
    last && last !== snapshot
      ? vscode.l10n.t(
          'unchanged until {0}, in {1} snapshots',
          dates.short(new Date(last.startedAt)),
          dates.number(snapshots.length),
        )
      : undefined;
  return {
    label: dates.short(new Date(snapshot.startedAt)),
    description: facts.join(' · '),
    ...(detail === undefined ? {} : { detail }),
    iconPath: new vscode.ThemeIcon(isSafety ? 'shield' : 'history'),
    version,
  };
}
