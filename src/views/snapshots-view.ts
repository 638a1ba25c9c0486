import { setTimeout as sleep } from 'node:timers/promises';
import * as vscode from 'vscode';
import { Command, View } from '../contributions.js';
import type { LsEntry, SourceInfo } from '../engine/words/model.js';
import { PhlbError } from '../engine/words/errors.js';
import type { AutoBackup } from '../host/auto-backup/auto-backup.js';
import { hasSnapshots } from '../host/catalog/catalog.js';
import { viewedSources } from '../host/catalog/open-folders.js';
import { readConfig } from '../host/editor/configuration.js';
import { Disposables } from '../host/editor/disposables.js';
import { errorDetail, errorText, isCancelled } from '../host/editor/error-text.js';
import { homePath } from '../host/editor/home-path.js';
import { plainText } from '../host/editor/plain-text.js';
import type { Services } from '../host/backup/services.js';
import { SnapshotChanges } from '../host/catalog/snapshot-changes.js';
import type { StoreWatch } from '../host/catalog/store-watch.js';
import { breakable } from './breakable.js';
import { CalmRefresh } from './calm-refresh.js';
import { registerMarks } from './change-marks.js';
import { ActionNode } from './nodes/action-node.js';
import { NewSourceNode } from './nodes/new-source-node.js';
import type { Node } from './nodes/node.js';
import { OtherFoldersNode } from './nodes/other-folders-node.js';
import { QuestionNode } from './nodes/question-node.js';
import type { NodeServices } from './nodes/services.js';
import { SourceNode } from './nodes/source-node.js';
import { describeView, setTooltip } from './shown.js';

/** A drive that does not answer is not waited for: then the tree shows that it is being read. */
const LISTED_WITHIN_MS = 2000;

/** The Snapshots tree: source, day, snapshot, folders and files. The editor asks for it only while it is visible. */
export class SnapshotsView implements vscode.TreeDataProvider<Node>, vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly changed = this.disposables.add(new vscode.EventEmitter<Node | undefined>());
  readonly onDidChangeTreeData = this.changed.event;
  private readonly refresh = this.disposables.add(new CalmRefresh<Node>(node => this.changed.fire(node)));
  private readonly nodeServices: NodeServices;
  private view: vscode.TreeView<Node> | undefined;
  /** whether the question about auto-backup stands in the tree */
  private asks = false;

  constructor(
    private readonly services: Services,
    private readonly autoBackup: AutoBackup,
    private readonly watch: StoreWatch,
  ) {
    const { catalog, dates } = services;
    this.nodeServices = {
      catalog,
      dates,
      // Made when first needed: it loads the locale's data.
      get collator() {
        return dates.collator();
      },
      changes: this.snapshotChanges(),
      entryOf: (id, path, signal) => this.entryOf(id, path, signal),
      changesOnly: () => readConfig('phlb.views.showChangesOnly'),
      refresh: node => this.refresh.ask(node),
    };
  }

  register(): void {
    const { disposables } = this;
    const { catalog, configuration } = this.services;
    const view = disposables.add(
      vscode.window.createTreeView(View.snapshots, {
        treeDataProvider: this,
        showCollapseAll: true,
        canSelectMany: true,
      }),
    );
    this.view = view;
    this.describe();
    disposables.add(registerMarks());
    disposables.add(catalog.onDidChange(() => void this.refreshWithList()));
    const onToggle = (): void => {
      this.describe();
      this.refresh.ask();
    };
    disposables.add(configuration.onDidChange(['phlb.views.showChangesOnly'], onToggle));
    disposables.add(configuration.onDidChange(['phlb.backup.folders'], () => this.refresh.ask()));
    disposables.add(vscode.workspace.onDidChangeWorkspaceFolders(() => this.refresh.ask()));
    const onAutoBackup = (): void => {
      if (this.autoBackup.unanswered !== this.asks) this.refresh.ask();
    };
    disposables.add(this.autoBackup.onDidChange(onAutoBackup));
    this.watch.follow(view);
  }

  getTreeItem(node: Node): vscode.TreeItem {
    return node.getTreeItem();
  }

  /** Rejects, below a node, with what the editor tells the user. */
  async getChildren(node?: Node): Promise<Node[]> {
    return this.refresh.read(node, () => (node ? this.below(node) : this.rootsOrProblem()));
  }

  /** The editor asks when the pointer rests on an item that has no tooltip yet. */
  async resolveTreeItem(item: vscode.TreeItem, node: Node, token: vscode.CancellationToken): Promise<vscode.TreeItem> {
    const abort = new AbortController();
    const listening = token.onCancellationRequested(() => abort.abort());
    try {
      setTooltip(item, (await node.findTooltip?.(abort.signal)) ?? []);
    } catch (error) {
      if (!isCancelled(error)) this.services.log.warn(`Snapshots: ${errorDetail(error)}`);
    } finally {
      listening.dispose();
    }
    return item;
  }

  dispose(): void {
    this.disposables.dispose();
  }

  // The editor forgets all nodes as soon as it is told, also for a menu that is open: what it asks for then is at hand.
  private async refreshWithList(): Promise<void> {
    if (this.view?.visible === true) {
      const listed = this.services.catalog.list().catch(() => undefined);
      await Promise.race([listed, sleep(LISTED_WITHIN_MS, undefined, { ref: false })]);
    }
    this.refresh.ask();
  }

  private async below(node: Node): Promise<Node[]> {
    try {
      return await node.getChildren();
    } catch (error) {
      this.services.log.error(`Snapshots: ${errorDetail(error)}`);
      throw new Error(plainText(errorText(error)), { cause: error });
    }
  }

  private async entryOf(snapshot: string, path: string, signal: AbortSignal): Promise<LsEntry | undefined> {
    const { reader, configuration } = this.services;
    const { entries } = await reader.call('ls', { location: configuration.location(), snapshot, path }, { signal });
    return entries.find(entry => entry.path === path);
  }

  private snapshotChanges(): SnapshotChanges {
    const { reader, configuration, log } = this.services;
    return new SnapshotChanges(
      (older, newer, limit) =>
        reader.call('diff', {
          ...{ location: configuration.location(), snapshot: older, other: newer },
          ...{ repositoriesLast: true, limit },
        }),
      ({ older, newer }, error) => log.warn(`Comparing ${older} with ${newer}: ${errorDetail(error)}`),
    );
  }

  // Else a user misses files and does not know why.
  private describe(): void {
    describeView(this.view, { description: this.nodeServices.changesOnly() ? vscode.l10n.t('changes only') : '' });
  }

  // Why there is nothing is said in the view itself: a message box would come up at every look.
  private async rootsOrProblem(): Promise<Node[]> {
    try {
      const nodes = await this.roots();
      this.say('');
      return nodes;
    } catch (error) {
      this.services.log.error(`Snapshots: ${errorDetail(error)}`);
      const isAway = PhlbError.is(error, 'unreachable');
      this.say(breakable(isAway ? this.unreachableText() : errorText(error)));
      return isAway ? wayOut() : [];
    }
  }

  private unreachableText(): string {
    return vscode.l10n.t(
      'The backup location {0} cannot be reached: its drive is not connected, or there are other backups in its place, perhaps old ones that PHLB does not know yet. Nothing has been changed. Choosing the same folder again accepts what is there.',
      homePath(this.services.configuration.location().root),
    );
  }

  private say(text: string): void {
    describeView(this.view, { message: text });
  }

  private async roots(): Promise<Node[]> {
    const { catalog, configuration } = this.services;
    const list = await catalog.list();
    this.asks = this.autoBackup.unanswered;
    // The welcome contents say so, and what can be done.
    if (!hasSnapshots(list)) return [];
    const { storeId, sources } = list;
    const folders = configuration.folders();
    const { open, others } = viewedSources(
      folders.map(folder => folder.fsPath),
      sources,
    );
    const node = (source: SourceInfo, isOpen: boolean): Node =>
      new SourceNode(this.nodeServices, storeId, source, isOpen);
    const rest = others.sort((a, b) => this.nodeServices.collator.compare(a.name, b.name));
    return [
      ...(this.asks ? [new QuestionNode()] : []),
      ...open.flatMap(({ folder, sources, hadSnapshots }) =>
        sources.length > 0
          ? sources.map(source => node(source, true))
          : [new NewSourceNode(vscode.Uri.file(folder), hadSnapshots)],
      ),
      ...(open.length === 0 || rest.length === 0
        ? rest.map(source => node(source, false))
        : [new OtherFoldersNode(this.nodeServices, storeId, rest)]),
    ];
  }
}

function wayOut(): Node[] {
  return [
    new ActionNode(Command.refresh, vscode.l10n.t('Try Again'), 'refresh'),
    new ActionNode(Command.changeLocation, vscode.l10n.t('Change Backup Location…'), 'folder-opened'),
  ];
}
