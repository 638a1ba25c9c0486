import { dirname, join } from 'node:path';
import * as vscode from 'vscode';
import type { SnapshotArgument, SourceItem } from '../../contributions.js';
import { PhlbError } from '../../engine/words/errors.js';
import { showMessage } from '../../host/editor/dialogs.js';
import type { Services } from '../../host/backup/services.js';
import { findInTree } from '../../host/catalog/snapshot-tree.js';
import { findSource } from './chosen-snapshots.js';
import { resolveTarget } from './targets.js';

interface StoredPath {
  path: string;
  isFolder: boolean;
}

/** Reveal in File Manager, Copy Path: of the stored tree, which is made of normal files. */
export class PathCommands {
  constructor(private readonly services: Services) {}

  /** Where the editor's window is on another computer than the files, or in a browser, says where they are. */
  async reveal(item: SnapshotArgument | SourceItem): Promise<void> {
    const stored = await this.locate(item);
    if (vscode.env.uiKind === vscode.UIKind.Desktop && vscode.env.remoteName === undefined) {
      await vscode.commands.executeCommand('revealFileInOS', vscode.Uri.file(stored.path));
    } else void showElsewhere(stored);
  }

  /** Resolves to what is in the clipboard now. */
  async copy(item: SnapshotArgument | SourceItem): Promise<string> {
    const { path } = await this.locate(item);
    await vscode.env.clipboard.writeText(path);
    return path;
  }

  // Rejects with code `notFound`, or `usage` where the path is no text.
  private async locate(item: SnapshotArgument | SourceItem): Promise<StoredPath> {
    const { catalog, configuration } = this.services;
    if (typeof item === 'object' && 'sourceName' in item) {
      const { name } = await findSource(catalog, item);
      return { path: join(configuration.location().root, name), isFolder: true };
    }
    const address = typeof item === 'string' ? await catalog.snapshotAddress(item) : item;
    const { found } = await resolveTarget(catalog, address);
    const { snapshot, path } = found;
    const stat = await findInTree(snapshot.path, path);
    if (!stat) throw new PhlbError('notFound', vscode.l10n.t('It is not in snapshot {0}', snapshot.id), { path });
    const full = join(snapshot.path, ...path.split('/'));
    if (full.isWellFormed()) return { path: full, isFolder: stat.type === 'dir' };
    throw new PhlbError('usage', vscode.l10n.t('Its name is not valid UTF-8, so its path cannot be written as text.'));
  }
}

// No file manager can be opened from here: what runs one is on the other side.
async function showElsewhere({ path, isFolder }: StoredPath): Promise<void> {
  const copy = vscode.l10n.t('Copy Path');
  const terminal = vscode.l10n.t('Open in Terminal');
  const text = vscode.l10n.t('No file manager can be opened from this window. It is stored in {0}', path);
  const choice = await showMessage('information', text, [copy, terminal]);
  if (choice === copy) await vscode.env.clipboard.writeText(path);
  if (choice === terminal) vscode.window.createTerminal({ cwd: isFolder ? path : dirname(path) }).show();
}
