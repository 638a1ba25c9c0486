import * as vscode from 'vscode';
import { SCHEME, type SnapshotArgument, type SnapshotItem } from '../../contributions.js';
import { PhlbError } from '../../engine/words/errors.js';
import { basename, fsPath, join } from '../../engine/words/names.js';
import type { Catalog, ResolvedPath } from '../../host/catalog/catalog.js';
import { plainText } from '../../host/editor/plain-text.js';
import { findInTree } from '../../host/catalog/snapshot-tree.js';

export interface SnapshotTarget {
  /** the `phlb:` address */
  uri: vscode.Uri;
  found: ResolvedPath;
}

/** What a command was given, found in the store. Rejects with code `notFound` or `usage`. */
export async function resolveTarget(catalog: Catalog, target: SnapshotArgument): Promise<SnapshotTarget> {
  const uri =
    typeof target === 'string'
      ? await catalog.snapshotAddress(target)
      : target instanceof vscode.Uri
        ? target
        : target.uri;
  if (uri.scheme !== SCHEME) {
    throw new PhlbError('usage', vscode.l10n.t('This is not a file in a snapshot.'), { path: uri.toString() });
  }
  const found = await catalog.resolve(uri);
  if (!found) throw new PhlbError('notFound', vscode.l10n.t('The snapshot no longer exists.'), { path: uri.path });
  return { uri, found };
}

/** Like `resolveTarget`, for what must be a file, or a link, that the snapshot holds. */
export async function resolveFile(catalog: Catalog, target: SnapshotItem | vscode.Uri): Promise<SnapshotTarget> {
  const resolved = await resolveTarget(catalog, target);
  if (await isFileInSnapshot(resolved.found)) return resolved;
  throw new PhlbError('usage', vscode.l10n.t('Choose a file in the snapshot.'));
}

/** Whether it is a file or a link, rather than a folder. Rejects with code `notFound` where the snapshot has neither. */
export async function isFileInSnapshot({ snapshot, path }: Omit<ResolvedPath, 'source'>): Promise<boolean> {
  const stat = await findInTree(snapshot.path, path);
  if (stat) return stat.type !== 'dir';
  throw new PhlbError('notFound', vscode.l10n.t('It is not in snapshot {0}', snapshot.id), { path });
}

/** The address of a tree node, or one itself; `undefined` for anything else. */
export function addressOf(item: unknown): vscode.Uri | undefined {
  if (item instanceof vscode.Uri) return item;
  const node = typeof item === 'object' && item !== null && 'uri' in item ? item.uri : undefined;
  return node instanceof vscode.Uri ? node : undefined;
}

/** The absolute path that it has today, in the engine's words. */
export function todaysPath({ source, path }: Pick<ResolvedPath, 'source' | 'path'>): string {
  return path === '' ? source.source : join(source.source, path);
}

/** The address of the file of today; `undefined` where the editor could not name it. */
export function findTodaysFile(found: Pick<ResolvedPath, 'source' | 'path'>): vscode.Uri | undefined {
  const full = todaysPath(found);
  return typeof fsPath(full) === 'string' ? vscode.Uri.file(full) : undefined;
}

/** Like `findTodaysFile`; rejects where the editor could not name it. */
export function todaysFile(found: Pick<ResolvedPath, 'source' | 'path'>): vscode.Uri {
  const file = findTodaysFile(found);
  if (file) return file;
  throw new PhlbError('usage', vscode.l10n.t('The editor cannot open a file whose name is not valid UTF-8.'));
}

/** What it is called, for people, and plain: its own name, or the source's for all of a snapshot. */
export function targetName({ source, path }: Pick<ResolvedPath, 'source' | 'path'>): string {
  return plainText(path === '' ? source.name : basename(path));
}

/** Whether there is anything at an address today. */
export async function exists(uri: vscode.Uri): Promise<boolean> {
  return (await kindToday(uri)) !== undefined;
}

/** What is at an address today; `undefined`: nothing. */
export async function kindToday(uri: vscode.Uri): Promise<'file' | 'folder' | 'link' | undefined> {
  try {
    const { type } = await vscode.workspace.fs.stat(uri);
    if (type & vscode.FileType.SymbolicLink) return 'link';
    return type & vscode.FileType.Directory ? 'folder' : 'file';
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === 'FileNotFound') return undefined;
    throw error;
  }
}
