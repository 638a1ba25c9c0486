import * as vscode from 'vscode';
import { errno, PhlbError } from '../engine/words/errors.js';
import { SCHEME } from '../contributions.js';
import type { Catalog, ResolvedPath } from '../host/catalog/catalog.js';
import { errorText } from '../host/editor/error-text.js';
import { Markdown } from '../host/editor/markdown.js';
import { plainText } from '../host/editor/plain-text.js';
import { escapeName } from '../host/catalog/snapshot-address.js';
import { listTree, readInTree, statInTree, TreeError, type TreeEntryType } from '../host/catalog/snapshot-tree.js';

/** Past files and folders as the editor's own, read-only: `phlb://<key>/<path in the source>`. */
export class SnapshotFileSystem implements vscode.FileSystemProvider {
  private readonly neverFires = new vscode.EventEmitter<vscode.FileChangeEvent[]>();
  /** a snapshot never changes */
  readonly onDidChangeFile = this.neverFires.event;

  constructor(private readonly catalog: Catalog) {}

  register(): vscode.Disposable {
    const reason = Markdown.of(
      vscode.l10n.t('This is a file in a snapshot. Snapshots never change; *Restore…* brings the file back.'),
    );
    return vscode.workspace.registerFileSystemProvider(SCHEME, this, { isCaseSensitive: true, isReadonly: reason });
  }

  stat(uri: vscode.Uri): Promise<vscode.FileStat> {
    return this.read(uri, async ({ snapshot, path }) => {
      const { type, size, mtime, ctime } = await statInTree(snapshot.path, path);
      return { type: fileType(type), size, mtime, ctime, permissions: vscode.FilePermission.Readonly };
    });
  }

  readDirectory(uri: vscode.Uri): Promise<[string, vscode.FileType][]> {
    return this.read(uri, async ({ snapshot, path }) => {
      const entries = await listTree(snapshot.path, path);
      return entries.map(entry => [escapeName(entry.name), fileType(entry.type)]);
    });
  }

  readFile(uri: vscode.Uri): Promise<Uint8Array> {
    return this.read(uri, ({ snapshot, path }) => readInTree(snapshot.path, path));
  }

  watch(): vscode.Disposable {
    return { dispose: () => undefined };
  }

  createDirectory(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(plainText(uri.path));
  }

  writeFile(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(plainText(uri.path));
  }

  delete(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(plainText(uri.path));
  }

  rename(uri: vscode.Uri): never {
    throw vscode.FileSystemError.NoPermissions(plainText(uri.path));
  }

  private async read<T>(uri: vscode.Uri, work: (found: ResolvedPath) => Promise<T>): Promise<T> {
    try {
      const found = await this.catalog.resolve(uri);
      if (!found) throw vscode.FileSystemError.FileNotFound(plainText(uri.path));
      return await work(found);
    } catch (error) {
      throw toFileSystemError(error, uri);
    }
  }
}

// A link opens as its target's text, hence both bits.
function fileType(type: TreeEntryType): vscode.FileType {
  if (type === 'dir') return vscode.FileType.Directory;
  return type === 'link' ? vscode.FileType.File | vscode.FileType.SymbolicLink : vscode.FileType.File;
}

// The editor puts what an error says into a message of its own.
function toFileSystemError(error: unknown, uri: vscode.Uri): Error {
  if (error instanceof vscode.FileSystemError) return error;
  const shownPath = plainText(uri.path);
  if (TreeError.is(error)) {
    if (error.reason === 'notADirectory') return vscode.FileSystemError.FileNotADirectory(shownPath);
    if (error.reason === 'isADirectory') return vscode.FileSystemError.FileIsADirectory(shownPath);
    return vscode.FileSystemError.FileNotFound(shownPath);
  }
  const code = errno(error);
  if (code === 'EACCES' || code === 'EPERM') return vscode.FileSystemError.NoPermissions(shownPath);
  if (PhlbError.is(error, 'notFound')) return vscode.FileSystemError.FileNotFound(shownPath);
  return vscode.FileSystemError.Unavailable(plainText(errorText(error)));
}
