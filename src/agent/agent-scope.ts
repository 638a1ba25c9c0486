import * as vscode from 'vscode';
import { PhlbError } from '../engine/words/errors.js';
import type { SourceInfo } from '../engine/words/model.js';
import { relativeInside } from '../engine/words/names.js';
import { snapshotById, sourcesInScope, type ScopedSnapshot } from '../engine/words/scoped.js';
import type { Catalog } from '../host/catalog/catalog.js';

const FRESH_MS = 1000;

/**
 * What an agent may see: the open folders of a trusted workspace, and the sources of this computer that are these
 * folders or lie in them. What it names is looked up among these, so that a snapshot of another source is as good as none.
 */
export class AgentScope {
  constructor(
    private readonly catalog: Catalog,
    private readonly workspace: Pick<typeof vscode.workspace, 'isTrusted' | 'workspaceFolders'> = vscode.workspace,
  ) {}

  /** The open folder of that name; the only one when none is named. @throws PhlbError `usage` */
  folder(name: unknown): vscode.WorkspaceFolder {
    const folders = this.folders();
    const [first, second] = folders;
    const wanted = name === undefined ? (second ? undefined : first) : folders.find(folder => folder.name === name);
    if (wanted) return wanted;
    const names = folders.map(folder => folder.name).join(', ');
    throw new PhlbError('usage', vscode.l10n.t('Name one of the open folders: {0}', names));
  }

  /** The sources in an open folder; in each of them when none is named. Each with the folder. @throws PhlbError */
  async sources(name: unknown): Promise<{ folder: vscode.WorkspaceFolder; source: SourceInfo }[]> {
    const folders = name === undefined ? this.folders() : [this.folder(name)];
    // Others take snapshots too: the command line, other windows.
    const { sources } = await this.catalog.listYoungerThan(FRESH_MS);
    const folderOf = (path: string): vscode.WorkspaceFolder | undefined =>
      folders.find(({ uri }) => relativeInside(uri.fsPath, path) !== undefined);
    return sourcesInScope(sources, path => folderOf(path) !== undefined).flatMap(source => {
      const folder = folderOf(source.source);
      return folder ? [{ folder, source }] : [];
    });
  }

  /** A snapshot by its id alone. @throws PhlbError `notFound`, `usage` */
  async snapshot(id: unknown): Promise<ScopedSnapshot> {
    const found = snapshotById(
      (await this.sources(undefined)).map(({ source }) => source),
      id,
    );
    if (found) return found;
    throw new PhlbError('notFound', vscode.l10n.t('The open folders have no snapshot {0}', String(id)));
  }

  /** The open folders' absolute paths. @throws PhlbError `usage` */
  paths(): string[] {
    return this.folders().map(({ uri }) => uri.fsPath);
  }

  private folders(): vscode.WorkspaceFolder[] {
    if (!this.workspace.isTrusted) {
      throw new PhlbError(
        'usage',
        vscode.l10n.t('This workspace is not trusted, so agents have no access to its backups.'),
      );
    }
    const folders = (this.workspace.workspaceFolders ?? []).filter(({ uri }) => uri.scheme === 'file');
    if (folders.length > 0) return folders;
    throw new PhlbError('usage', vscode.l10n.t('No folder on a disk of this computer is open.'));
  }
}
