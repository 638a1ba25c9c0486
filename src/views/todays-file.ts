import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { lstat } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { errno } from '../engine/words/errors.js';
import { fsPath } from '../engine/words/names.js';
import type { FileVersion } from '../engine/versions.js';
import { Disposables } from '../host/editor/disposables.js';

/** How the file of today is to the newest version; `unknown`: it is too large to be read for that. */
export type TodaysState = 'same' | 'differs' | 'unsaved' | 'unknown';

export interface Today {
  uri: vscode.Uri;
  isLink: boolean;
  /** bytes */
  size: number;
  mtime: Date;
  state: TodaysState;
}

/** bytes */
const READ_AT_MOST = 16 * 1024 * 1024;

/** The file of today, watched, whoever changes it. */
export class TodaysFile implements vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly changed = this.disposables.add(new vscode.EventEmitter<void>());
  readonly onDidChange = this.changed.event;
  private uri: vscode.Uri | undefined;
  private watcher: vscode.Disposable | undefined;
  private wasDirty = false;

  constructor() {
    const { workspace } = vscode;
    const seen = ({ uri }: vscode.TextDocument): void => {
      if (this.isOwn(uri) && isDirty(uri) !== this.wasDirty) this.changed.fire();
    };
    this.disposables.add(workspace.onDidChangeTextDocument(({ document }) => seen(document)));
    this.disposables.add(workspace.onDidSaveTextDocument(seen));
    this.disposables.add({ dispose: () => this.watcher?.dispose() });
  }

  /** @param path absolute; `undefined`: none */
  follow(path: string | undefined): void {
    // The editor cannot name others.
    const uri = path !== undefined && typeof fsPath(path) === 'string' ? vscode.Uri.file(path) : undefined;
    if (uri?.toString() === this.uri?.toString()) return;
    this.uri = uri;
    this.watcher?.dispose();
    this.watcher = uri && this.watch(uri);
  }

  /** What is there now; `undefined`: no file. */
  async look(newest: FileVersion): Promise<Today | undefined> {
    const { uri } = this;
    if (!uri) return undefined;
    try {
      const stats = await lstat(uri.fsPath);
      if (!stats.isFile() && !stats.isSymbolicLink()) return undefined;
      const isLink = stats.isSymbolicLink();
      const { size, mtime } = stats;
      this.wasDirty = isDirty(uri);
      const state = this.wasDirty ? 'unsaved' : isLink ? 'differs' : await stateOf(uri, size, newest);
      return { uri, isLink, size, mtime, state };
    } catch (error) {
      if (errno(error) === 'ENOENT' || errno(error) === 'ENOTDIR') return undefined;
      throw error;
    }
  }

  dispose(): void {
    this.disposables.dispose();
  }

  // By its folder: characters of a name may mean something else in a pattern.
  private watch(uri: vscode.Uri): vscode.Disposable {
    const folder = vscode.Uri.file(dirname(uri.fsPath));
    const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, '*'));
    const seen = (changed: vscode.Uri): void => {
      if (this.isOwn(changed)) this.changed.fire();
    };
    watcher.onDidChange(seen);
    watcher.onDidCreate(seen);
    watcher.onDidDelete(seen);
    return watcher;
  }

  private isOwn(uri: vscode.Uri): boolean {
    return uri.scheme === 'file' && uri.path === this.uri?.path;
  }
}

function isDirty(uri: vscode.Uri): boolean {
  return vscode.workspace.textDocuments.some(
    document => document.isDirty && document.uri.toString() === uri.toString(),
  );
}

async function stateOf(uri: vscode.Uri, size: number, newest: FileVersion): Promise<TodaysState> {
  if (size !== newest.size) return 'differs';
  if (size > READ_AT_MOST) return 'unknown';
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(uri.fsPath)) hash.update(chunk as Buffer);
  return hash.digest('hex') === newest.sha256 ? 'same' : 'differs';
}
