import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { relativeInside } from '../../engine/words/names.js';
import { readConfig, type Configuration } from '../editor/configuration.js';
import { Disposables } from '../editor/disposables.js';
import { PATHS_AT_MOST, type Paths } from './burst.js';
import { EditorChanges } from './editor-changes.js';
import { passedOver } from './passed-over.js';

/** Changes are handed on so long after the first of them, all at once. */
const GATHER_MS = 500;

/** What has changed in one folder, as far as the editor's watcher tells. */
export interface FolderChanges {
  folder: vscode.Uri;
  /** relative to the folder, with `/` between the names */
  paths: Paths;
  /** there were more than are told of */
  more: boolean;
  /** of the first and of the last event; milliseconds since the epoch */
  began: number;
  ended: number;
}

/** Told of changes; those that come until it is done with them wait, and are told all at once. */
type Listener = (changes: FolderChanges) => Promise<void> | void;

/**
 * What other programs change in the open folders. The editor watches those anyway, with its own excludes
 * (`files.watcherExclude`): this only listens, so it costs the system nothing, and an event costs next to nothing. What is left
 * out by its name is not told, nor what PHLB and the editor write for themselves.
 */
export class ChangeWatch implements vscode.Disposable {
  private readonly ofEditor = new EditorChanges();
  private readonly disposables = new Disposables();
  private watchers = new Disposables();
  private watched: WatchedFolder[] = [];
  private readonly listeners: Listener[] = [];
  private timer: NodeJS.Timeout | undefined;
  private told: number | undefined;

  constructor(private readonly configuration: Configuration) {}

  /** Call it before `start`. */
  onChanges(listener: Listener): void {
    this.listeners.push(listener);
  }

  start(): void {
    const { disposables, configuration } = this;
    const { workspace } = vscode;
    const saved = ({ uri }: { uri: vscode.Uri }): void => this.ofEditor.note(uri.path, Date.now());
    disposables.add(workspace.onDidSaveTextDocument(saved));
    disposables.add(workspace.onDidSaveNotebookDocument(saved));
    const done = (uris: readonly vscode.Uri[]): void => uris.forEach(uri => saved({ uri }));
    disposables.add(workspace.onDidCreateFiles(({ files }) => done(files)));
    disposables.add(workspace.onDidDeleteFiles(({ files }) => done(files)));
    disposables.add(
      workspace.onDidRenameFiles(({ files }) => done(files.flatMap(({ oldUri, newUri }) => [oldUri, newUri]))),
    );
    disposables.add(workspace.onDidChangeWorkspaceFolders(() => this.watch()));
    disposables.add(
      configuration.onDidChange(
        ['phlb.autoBackup.mode', 'phlb.warnOfMassChanges', 'phlb.backup.exclude', 'phlb.backup.location'],
        () => this.watch(),
      ),
    );
    this.watch();
  }

  /** When another program was last told to have changed something; milliseconds since the epoch. */
  get lastChange(): number | undefined {
    return this.told;
  }

  /** Whether the editor itself may have made a change that was told at `at` or later. */
  isEditors(folder: vscode.Uri, path: string, at: number): boolean {
    return this.ofEditor.has(`${baseOf(folder)}/${path}`, at);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.watched = [];
    this.watchers.dispose();
    this.disposables.dispose();
  }

  private watch(): void {
    this.watchers.dispose();
    this.watchers = new Disposables();
    const wanted = readConfig('phlb.autoBackup.mode') === 'onChange' || readConfig('phlb.warnOfMassChanges') > 0;
    const folders = wanted ? this.configuration.workspaceFolders() : [];
    this.watched = folders.map(folder => {
      const watched = new WatchedFolder(folder, this.passedOver(folder));
      const watcher = this.watchers.add(
        vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, '**')),
      );
      this.watchers.add(watcher.onDidCreate(uri => this.noticed(watched, uri, false)));
      this.watchers.add(watcher.onDidChange(uri => this.noticed(watched, uri, false)));
      this.watchers.add(watcher.onDidDelete(uri => this.noticed(watched, uri, true)));
      return watched;
    });
  }

  // What a run writes must not start the next one.
  private passedOver(folder: vscode.Uri): (path: string) => boolean {
    const { root, index, state } = this.configuration.location();
    // The index is kept in `User/globalStorage/<extension>` of the editor's own folder, which each run makes it write into.
    const editor = dirname(dirname(dirname(index)));
    const own = [root, state, index, editor].flatMap(path => relativeInside(folder.fsPath, path) || []);
    return passedOver(readConfig('phlb.backup.exclude', folder), own);
  }

  // Called for each of thousands.
  private noticed(watched: WatchedFolder, uri: vscode.Uri, deleted: boolean): void {
    if (watched.add(uri.path, deleted)) this.timer ??= setTimeout(() => void this.tell(), GATHER_MS);
  }

  private async tell(): Promise<void> {
    for (const watched of this.watched) {
      const changes = watched.take(path => this.isOfInner(watched, path));
      if (!changes) continue;
      const { paths, began } = changes;
      for (const path of paths.keys()) {
        if (this.isEditors(changes.folder, path, began)) continue;
        this.told = Date.now();
        break;
      }
      // A listener's failure is its own.
      await Promise.allSettled(this.listeners.map(async listener => listener(changes)));
    }
    const isMore = this.watched.some(watched => !watched.isEmpty);
    this.timer = isMore ? setTimeout(() => void this.tell(), GATHER_MS) : undefined;
  }

  // Of an open folder in this one, which is told of itself.
  private isOfInner(outer: WatchedFolder, path: string): boolean {
    const full = `${outer.base}/${path}`;
    return this.watched.some(({ base }) => base.startsWith(`${outer.base}/`) && full.startsWith(`${base}/`));
  }
}

/** The events of one folder that wait to be told. */
class WatchedFolder {
  began = 0;
  private ended = 0;
  private more = false;
  private paths = new Map<string, boolean>();
  readonly base: string;

  constructor(
    readonly folder: vscode.Uri,
    private readonly isPassedOver: (path: string) => boolean,
  ) {
    this.base = baseOf(folder);
  }

  get isEmpty(): boolean {
    return this.paths.size === 0;
  }

  /** @returns whether it counts */
  add(full: string, deleted: boolean): boolean {
    const path = full.slice(this.base.length + 1);
    if (path === '' || this.isPassedOver(path)) return false;
    const now = Date.now();
    if (this.paths.size === 0) this.began = now;
    this.ended = now;
    if (this.paths.size < PATHS_AT_MOST) this.paths.set(path, deleted);
    else this.more = true;
    return true;
  }

  /** What has come since; `undefined`: nothing that is not to be left out. */
  take(isOut: (path: string) => boolean): FolderChanges | undefined {
    const { folder, more, began, ended } = this;
    const paths = new Map([...this.paths].filter(([path]) => !isOut(path)));
    this.paths = new Map();
    this.more = false;
    return paths.size > 0 ? { folder, paths, more, began, ended } : undefined;
  }
}

/** The path of a folder's address, without a `/` at its end. */
function baseOf({ path }: vscode.Uri): string {
  return path.replace(/\/+$/, '');
}
