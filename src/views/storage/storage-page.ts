import { statfs } from 'node:fs/promises';
import * as vscode from 'vscode';
import { Command } from '../../contributions.js';
import { PhlbError } from '../../engine/words/errors.js';
import type { StatsResult } from '../../engine/stats.js';
import { Disposables } from '../../host/editor/disposables.js';
import { errorDetail, errorText, isCancelled } from '../../host/editor/error-text.js';
import { readConfig } from '../../host/editor/configuration.js';
import { homePath } from '../../host/editor/home-path.js';
import { progressWords } from '../../host/editor/progress.js';
import type { Services } from '../../host/backup/services.js';
import type { OffsiteCopies } from '../../host/offsite/copies.js';
import type { ScheduledCopies } from '../../host/offsite/scheduled-copies.js';
import { fromPage } from './from-page.js';
import type { PageAction, PageButton, RowAction, StorageReport, ToPage } from './messages.js';
import { pageFolder, pageHtml } from './storage-html.js';
import { offsiteReport, recoverButton, type OffsiteFacts } from './storage-offsite.js';
import { storageReport, type StorageFacts } from './storage-report.js';
import { previewRetention } from './storage-retention.js';

const VIEW_TYPE = 'phlb.storage';
// Measured again without being asked, after a backup for instance, where that is no work for the disk.
const QUICK_MS = 2000;

const ROW_COMMANDS = {
  changes: Command.showChanges,
  restore: Command.restore,
  label: Command.label,
  pin: Command.pin,
  unpin: Command.unpin,
  reveal: Command.revealInOS,
  verify: Command.verify,
  delete: Command.deleteSnapshot,
} satisfies Record<RowAction, string>;

/** The storage page: all that is stored, and what it costs. One at most is open. */
export class StoragePage implements vscode.Disposable {
  private open: OpenPage | undefined;

  constructor(
    private readonly services: Services,
    private readonly offsite: OffsiteCopies,
    private readonly schedule: ScheduledCopies,
    private readonly extensionUri: vscode.Uri,
  ) {}

  /**
   * Opens the page, or brings it to the front, and measures. Resolves when it shows its numbers; to `undefined` when
   * there are none: no store yet, not reachable, closed or cancelled before.
   */
  show(): Promise<StatsResult | undefined> {
    this.open ??= this.create();
    this.open.reveal();
    return this.open.measure();
  }

  dispose(): void {
    this.open?.dispose();
  }

  private create(): OpenPage {
    const page = new OpenPage(this.services, this.offsite, this.schedule, this.extensionUri);
    page.onDidClose(() => (this.open = undefined));
    return page;
  }
}

/** One panel, from its opening to its closing. */
class OpenPage implements vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly panel: vscode.WebviewPanel;
  private readonly closed = this.disposables.add(new vscode.EventEmitter<void>());
  readonly onDidClose = this.closed.event;
  /** what the page shows, told again when it is loaded again: a hidden page is not kept */
  private state: ToPage | undefined;
  private measuring: { abort: AbortController; done: Promise<StatsResult | undefined> } | undefined;
  private outdated = false;
  /** The editor throws at whatever is asked of a closed panel. */
  private isClosed = false;
  private tookMs = 0;
  private reports = 0;
  private shown: ((report: number) => void) | undefined;

  constructor(
    private readonly services: Services,
    private readonly offsite: OffsiteCopies,
    private readonly schedule: ScheduledCopies,
    extensionUri: vscode.Uri,
  ) {
    const { catalog, configuration } = services;
    const title = vscode.l10n.t('PHLB Storage');
    this.panel = vscode.window.createWebviewPanel(VIEW_TYPE, title, vscode.ViewColumn.Active, {
      enableScripts: true,
      localResourceRoots: [pageFolder(extensionUri)],
    });
    this.panel.iconPath = vscode.Uri.joinPath(extensionUri, 'media', 'icon.png');
    const { disposables, panel } = this;
    disposables.add(panel.onDidDispose(() => this.dispose()));
    disposables.add(panel.onDidChangeViewState(() => this.refreshIfOutdated()));
    disposables.add(panel.webview.onDidReceiveMessage((data: unknown) => this.receive(data)));
    disposables.add(catalog.onDidChange(() => this.changed()));
    disposables.add(offsite.onDidChange(() => this.offsiteChanged()));
    disposables.add(
      configuration.onDidChange(
        [
          'phlb.retention.keepLast',
          'phlb.retention.keepHourly',
          'phlb.retention.keepDaily',
          'phlb.retention.keepWeekly',
          'phlb.retention.keepMonthly',
          'phlb.retention.keepYearly',
        ],
        () => this.changed(),
      ),
    );
    panel.webview.html = pageHtml(panel.webview, extensionUri, title, vscode.env.language);
  }

  reveal(): void {
    this.panel.reveal();
  }

  /** Joins what is being measured already. Never rejects: what goes wrong stands on the page. */
  measure(): Promise<StatsResult | undefined> {
    if (this.measuring) return this.measuring.done;
    const abort = new AbortController();
    const done = this.measureNow(abort.signal)
      .catch((error: unknown) => this.fail(error))
      .finally(() => {
        this.measuring = undefined;
        this.refreshIfOutdated();
      });
    this.measuring = { abort, done };
    return done;
  }

  dispose(): void {
    this.isClosed = true;
    this.measuring?.abort.abort();
    // From now on nobody will say that the numbers are shown.
    this.shown?.(this.reports);
    this.closed.fire();
    this.panel.dispose();
    this.disposables.dispose();
  }

  private async measureNow(signal: AbortSignal): Promise<StatsResult> {
    this.outdated = false;
    const { reader, catalog, configuration, dates, lastVerify } = this.services;
    const cancel: PageButton = { action: 'cancel', text: vscode.l10n.t('Cancel') };
    this.post({ kind: 'measuring', text: vscode.l10n.t('Measuring'), fraction: null, cancel });
    const started = Date.now();
    const say = progressWords(dates);
    const location = configuration.location();
    const stats = await reader.call(
      'stats',
      { location },
      {
        signal,
        onProgress: progress => {
          const fraction = progress.totalFiles ? Math.min(1, progress.files / progress.totalFiles) : null;
          this.post({ kind: 'measuring', text: say(progress), fraction, cancel });
        },
      },
    );
    const list = await catalog.list();
    const preview = await previewRetention(this.services, { signal });
    const freeBytes = await freeBytesAt(location.root);
    this.tookMs = Date.now() - started;
    const verified = lastVerify.of(list.storeId);
    const { root } = location;
    const offsite = this.offsiteFacts();
    await this.present({ root, measuredAt: new Date(), stats, list, preview, freeBytes, verified, offsite });
    return stats;
  }

  private async present(facts: StorageFacts): Promise<void> {
    const number = ++this.reports;
    const { dates } = this.services;
    if (facts.stats.snapshots === 0) return this.post(nothingYet());
    const shown = new Promise<void>(resolve => {
      this.shown = report => report === number && resolve();
    });
    this.post({ kind: 'report', report: storageReport(facts, number, dates) });
    // A page in the background is not loaded: it shows its numbers when it is looked at.
    if (!this.isClosed && this.panel.visible) await shown;
  }

  private fail(error: unknown): undefined {
    const { log } = this.services;
    if (isCancelled(error)) {
      this.post({
        kind: 'problem',
        title: vscode.l10n.t('Not measured'),
        text: vscode.l10n.t('Measuring was cancelled.'),
        buttons: [{ ...refreshButton(), primary: true }],
      });
    } else if (PhlbError.is(error, 'notFound')) {
      this.post(nothingYet());
    } else {
      log.error(`${VIEW_TYPE}: ${errorDetail(error)}`);
      this.post(problemOf(error, this.services.configuration.location().root));
    }
  }

  private changed(): void {
    this.outdated = true;
    this.refreshIfOutdated();
  }

  // Of these nothing has to be measured.
  private offsiteChanged(): void {
    if (this.state?.kind !== 'report') return;
    const report = offsiteReport(this.offsiteFacts(), this.services.dates);
    this.state = { kind: 'report', report: { ...this.state.report, offsite: report } };
    if (!this.isClosed) void this.panel.webview.postMessage({ kind: 'offsite', report } satisfies ToPage);
  }

  private offsiteFacts(): OffsiteFacts {
    const { isAgreed } = this.schedule;
    return { state: this.offsite.state, schedule: readConfig('phlb.offsite.schedule'), isAgreed };
  }

  private refreshIfOutdated(): void {
    if (this.isClosed || !this.outdated || this.measuring || !this.panel.visible) return;
    if (this.state?.kind !== 'report' || this.tookMs < QUICK_MS) {
      void this.measure();
    } else {
      const text = vscode.l10n.t('Something has changed since these numbers were measured.');
      void this.panel.webview.postMessage({ kind: 'stale', text, button: refreshButton() } satisfies ToPage);
    }
  }

  private receive(data: unknown): void {
    const message = fromPage(data);
    switch (message?.kind) {
      case 'ready':
        if (this.state) this.post(this.state);
        return;
      case 'shown':
        return this.shown?.(message.report);
      case 'failed':
        this.services.log.error(`${VIEW_TYPE}: ${message.text}`);
        // Whoever waits for the numbers has as much of them as there will be.
        return this.shown?.(this.reports);
      case 'action':
        return void this.run(message.action);
      case 'row':
        return void this.runOnRow(message.action, message.id);
      case undefined:
        return;
    }
  }

  // With a node, as from the Snapshots view: so they ask, and tell what goes wrong.
  private async runOnRow(action: RowAction, id: string): Promise<void> {
    if (this.state?.kind !== 'report' || !isInTable(this.state.report, id)) return;
    const { catalog, messages } = this.services;
    try {
      await vscode.commands.executeCommand(ROW_COMMANDS[action], { uri: await catalog.snapshotAddress(id) });
    } catch (error) {
      messages.failure(vscode.l10n.t('PHLB could not do this.'), error);
    }
    if (action === 'verify') this.outdated = true;
    if (this.outdated) await this.measure();
  }

  // Commands tell by themselves what went wrong; the page follows what they change through the catalog.
  private async run(action: PageAction): Promise<void> {
    switch (action) {
      case 'refresh':
        this.services.catalog.invalidate();
        await this.measure();
        return;
      case 'cancel':
        this.measuring?.abort.abort();
        return;
      case 'retentionSettings':
        await vscode.commands.executeCommand('workbench.action.openSettings', 'phlb.retention');
        return;
      case 'verify':
        await vscode.commands.executeCommand(Command.verify);
        // It changes no list, but what the page says of it.
        this.outdated = true;
        break;
      case 'backup':
        await vscode.commands.executeCommand(Command.backupWorkspace);
        break;
      case 'prune':
        await vscode.commands.executeCommand(Command.prune);
        break;
      case 'changeLocation':
        await vscode.commands.executeCommand(Command.changeLocation);
        break;
      case 'offsitePush':
        await vscode.commands.executeCommand(Command.offsitePush);
        break;
      case 'offsiteCheck':
        await vscode.commands.executeCommand(Command.offsiteCheck);
        break;
      case 'offsiteRecover':
        await vscode.commands.executeCommand(Command.offsiteRecover);
        break;
      case 'offsiteSettings':
        await vscode.commands.executeCommand('workbench.action.openSettings', 'phlb.offsite');
        return;
      case 'showLog':
        await vscode.commands.executeCommand(Command.showLog);
        return;
    }
    // Who acts on this page wants to see what has come of it, however long measuring takes.
    if (this.outdated) await this.measure();
  }

  private post(state: ToPage): void {
    this.state = state;
    if (!this.isClosed) void this.panel.webview.postMessage(state);
  }
}

function isInTable({ table }: StorageReport, id: string): boolean {
  return table.rows.some(row => row.id === id);
}

function nothingYet(): ToPage {
  return {
    kind: 'problem',
    title: vscode.l10n.t('No snapshots yet'),
    text: vscode.l10n.t('After the first backup this page shows what your snapshots take and what they save.'),
    buttons: [
      { action: 'backup', text: vscode.l10n.t('Back Up'), primary: true },
      { action: 'changeLocation', text: vscode.l10n.t('Change Location…') },
      recoverButton(),
      refreshButton(),
    ],
  };
}

function problemOf(error: unknown, root: string): ToPage {
  const unreachable = PhlbError.is(error, 'unreachable');
  return {
    kind: 'problem',
    title: unreachable
      ? vscode.l10n.t('The backup location cannot be reached')
      : vscode.l10n.t('The backup location could not be measured'),
    text: unreachable
      ? vscode.l10n.t(
          'Connect the drive of {0}, or choose another location. Nothing is lost meanwhile.',
          homePath(root),
        )
      : errorText(error),
    buttons: [
      { ...refreshButton(), primary: true },
      { action: 'changeLocation', text: vscode.l10n.t('Change Location…') },
      { action: 'showLog', text: vscode.l10n.t('Show Log') },
    ],
  };
}

function refreshButton(): PageButton {
  return { action: 'refresh', text: vscode.l10n.t('Refresh') };
}

async function freeBytesAt(root: string): Promise<number | undefined> {
  try {
    const { bavail, bsize } = await statfs(root);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}
