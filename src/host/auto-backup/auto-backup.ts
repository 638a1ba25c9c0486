import * as vscode from 'vscode';
import type { AutoBackupMode, AutoBackupState } from '../../contributions.js';
import { PhlbError } from '../../engine/words/errors.js';
import { relativeInside } from '../../engine/words/names.js';
import type { Aftercare } from '../backup/aftercare.js';
import type { BackedUpPaths } from './backed-up-paths.js';
import type { ChangeWatch, FolderChanges } from './change-watch.js';
import type { AutoBackupConsent } from './consent.js';
import { AutoBackupMessages } from './messages.js';
import { isOverdue, nextRun, quietFrom } from './schedule.js';
import type { BackupOutcome, BackupService } from '../backup/backup-service.js';
import { readConfig, setContextKey, type Configuration } from '../editor/configuration.js';
import { Disposables } from '../editor/disposables.js';
import { isEmptied } from '../backup/emptied-folders.js';
import { errorDetail, isCancelled } from '../editor/error-text.js';
import type { Messages } from '../editor/messages.js';
import type { Adoptions, MovedFolders } from '../backup/moved-folders.js';
import { Obstacles, type Obstacle } from './obstacles.js';
import { autoBackupState, isUnanswered, type StateFacts } from './state.js';
import type { PendingMark } from '../backup/pending-mark.js';
import { Throttle } from '../editor/throttle.js';

const PAUSED = 'autoBackup.paused';
/** A window can save before it starts this process. */
const WINDOW_START_MS = 10_000;

/**
 * Backs the workspace up by itself: after changes, after saves only, or at intervals. A save is never delayed; it leaves a mark,
 * so one whose window was closed is made up for at the next start.
 */
export class AutoBackup implements vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly throttle = new Throttle(() => this.backup());
  private readonly changed = this.disposables.add(new vscode.EventEmitter<void>());
  /** turned on, paused, resumed, overdue, kept waiting or not */
  readonly onDidChange = this.changed.event;
  private readonly obstacles = new Obstacles();
  private readonly tell: AutoBackupMessages;
  private timer: NodeJS.Timeout | undefined;
  /** when the timer's run is; milliseconds, as are all times here */
  private due = 0;
  /** something may have changed while nobody was told of it, so a run has to look */
  private unseen = true;
  /** of a run or of asking for consent */
  private lastAttempt = 0;

  constructor(
    private readonly configuration: Configuration,
    private readonly backups: BackupService,
    private readonly consent: AutoBackupConsent,
    private readonly aftercare: Aftercare,
    private readonly changes: ChangeWatch,
    private readonly backedUp: BackedUpPaths,
    private readonly moved: MovedFolders,
    private readonly pending: PendingMark,
    private readonly memory: vscode.Memento,
    messages: Messages,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.tell = new AutoBackupMessages(messages);
  }

  /** Starts listening, and takes what an earlier window left. */
  start(): void {
    const { disposables } = this;
    disposables.add(vscode.workspace.onDidSaveTextDocument(document => this.saved(document.uri)));
    disposables.add(vscode.workspace.onDidSaveNotebookDocument(notebook => this.saved(notebook.uri)));
    this.changes.onChanges(changes => this.changedOutside(changes));
    disposables.add(
      this.backups.onDidChange(({ running, failure, lastRun, lastSuccess }) => {
        if (running) return;
        // A backup by hand went well: whatever was in the way is not any more.
        if (failure === undefined && lastRun && lastSuccess && lastRun >= lastSuccess) this.obstacles.clear();
        this.reschedule();
      }),
    );
    disposables.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.reschedule()));
    disposables.add(
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        this.unseen = true;
        this.reschedule();
      }),
    );
    disposables.add(this.consent.onDidChange(() => this.tellChange()));
    disposables.add(
      this.configuration.onDidChange(
        ['phlb.autoBackup.mode', 'phlb.autoBackup.intervalMinutes', 'phlb.backup.location'],
        () => {
          this.consent.locationChanged();
          this.unseen = true;
          this.reschedule();
        },
      ),
    );
    void this.consent.look();
    this.schedule();
    void this.takeEarlierSaves();
  }

  get mode(): AutoBackupMode {
    return readConfig('phlb.autoBackup.mode');
  }

  get state(): AutoBackupState {
    return autoBackupState(this.stateFacts());
  }

  /** The user has still to say whether it may run at all. */
  get unanswered(): boolean {
    return isUnanswered(this.stateFacts());
  }

  /** What keeps it waiting; it goes on by itself. */
  get obstacle(): Obstacle | undefined {
    return this.allowed() ? this.obstacles.current : undefined;
  }

  /** Changes have gone without a backup for several intervals. */
  get overdue(): boolean {
    return (
      this.state === 'on' && isOverdue(this.pending.since, readConfig('phlb.autoBackup.intervalMinutes'), Date.now())
    );
  }

  async pause(): Promise<void> {
    await this.setPaused(true);
  }

  /** Ends a pause, and nothing else: it runs only where the user has agreed to it. */
  async resume(): Promise<void> {
    this.lastAttempt = 0;
    await this.setPaused(false);
  }

  /** The user has just agreed to it. Whatever is there now is taken soon, not only after the next save. */
  async turnedOn(): Promise<void> {
    await this.pending.saved(Date.now());
    await this.resume();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.disposables.dispose();
  }

  private saved(uri: vscode.Uri): void {
    if (uri.scheme !== 'file' || (this.mode !== 'onChange' && this.mode !== 'onSave')) return;
    if (!this.configuration.folders().some(folder => relativeInside(folder.fsPath, uri.fsPath) !== undefined)) return;
    // The mark is set in a paused or untrusted workspace as well: the change waits there for better times.
    void this.pending.saved(Date.now());
    this.schedule();
  }

  // Never rejects: nobody waits for it but the watch, with what comes next.
  private async changedOutside({ folder, paths, more }: FolderChanges): Promise<void> {
    if (this.mode !== 'onChange' || this.pending.isRenewed) return;
    if (!this.allowed() || this.consent.state === 'declined') {
      // For better times; as long as nothing may run, the engine need not be asked.
      this.unseen = true;
      return;
    }
    let concerned = true;
    try {
      concerned = more || (await this.backedUp.hasAny(folder, [...paths.keys()]));
    } catch (error) {
      // A run will tell what is the matter.
      if (isCancelled(error)) return;
      this.log.debug(`${folder.fsPath}: ${errorDetail(error)}`);
    }
    if (!concerned) return;
    void this.pending.saved(Date.now());
    this.schedule();
  }

  // The editor activates extensions seconds after one can type, and does not tell them of a save before that.
  private async takeEarlierSaves(): Promise<void> {
    const opened = performance.timeOrigin - WINDOW_START_MS;
    const { textDocuments, notebookDocuments } = vscode.workspace;
    for (const { uri } of [...textDocuments, ...notebookDocuments]) {
      if (uri.scheme !== 'file') continue;
      const mtime = await mtimeOf(uri);
      if (mtime !== undefined && mtime >= opened) this.saved(uri);
    }
  }

  private stateFacts(): StateFacts {
    return {
      mode: this.mode,
      possible: vscode.workspace.isTrusted && this.configuration.workspaceFolders().length > 0,
      consent: this.consent.state,
      paused: this.paused,
    };
  }

  private get paused(): boolean {
    return this.memory.get<boolean>(PAUSED, false);
  }

  // It may run, or ask whether it may.
  private allowed(): boolean {
    const { possible, mode, paused } = this.stateFacts();
    return possible && mode !== 'off' && !paused;
  }

  // A run that is due already keeps its time: saves in quick succession must not put it off for ever.
  private schedule(): void {
    if (this.backups.state.running || !this.allowed()) return;
    const now = Date.now();
    // Nobody is asked for consent before there is anything to back up.
    const looks = this.mode === 'onChange' && this.consent.state === 'given';
    const due = nextRun({
      mode: this.mode === 'onChange' && !looks ? 'onSave' : this.mode,
      intervalMinutes: readConfig('phlb.autoBackup.intervalMinutes'),
      now,
      lastRun: Math.max(this.lastAttempt, this.backups.state.lastRun?.getTime() ?? 0) || undefined,
      // What is in the way is looked at again, so that the status bar does not warn of it for ever.
      pending: this.isPending() || this.obstacles.current !== undefined,
      unseen: this.unseen,
    });
    if (due === undefined || (this.timer && this.due <= due)) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => this.whenDue(), due - now);
  }

  private whenDue(): void {
    const now = Date.now();
    const quiet =
      this.mode === 'onChange'
        ? quietFrom(this.due, this.changes.lastChange, readConfig('phlb.autoBackup.intervalMinutes'))
        : now;
    this.timer = quiet > now ? setTimeout(() => this.whenDue(), quiet - now) : undefined;
    if (!this.timer) void this.throttle.run();
  }

  private reschedule(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.schedule();
    this.tellChange();
  }

  private tellChange(): void {
    void setContextKey('phlb.autoBackup', this.state);
    this.changed.fire();
  }

  private isPending(): boolean {
    return this.pending.since !== undefined;
  }

  private isAt(root: string): boolean {
    return this.configuration.location().root === root;
  }

  // Never rejects: nobody waits for it.
  private async backup(): Promise<void> {
    if (!this.allowed()) return;
    this.lastAttempt = Date.now();
    try {
      const { root } = this.configuration.location();
      if (!(await this.consent.given())) return;
      const obstacle = await this.obstacles.look(root);
      if (obstacle !== undefined) return this.tell.obstacle(obstacle, root);
      const adoptions = await this.moved.askBeside(
        this.configuration.folders(),
        readConfig('phlb.autoBackup.intervalMinutes') * 60_000,
        late => void this.adoptLate(late, root),
      );
      // Much may have changed until the question was answered.
      if (!this.isAt(root) || !this.allowed() || (this.mode === 'onSave' && !this.isPending())) return;
      this.unseen = false;
      const run = await this.backups.run(this.configuration.folders(), { automatic: true, adoptions });
      await this.conclude(run, root);
    } catch (error) {
      this.unseen = true;
      if (isCancelled(error)) return;
      this.log.error(`Auto-backup: ${errorDetail(error)}`);
      this.tell.failure(error);
    } finally {
      // After a failure the next try waits for the interval like any other run.
      this.schedule();
      this.tellChange();
    }
  }

  // Never rejects: nobody waits for it.
  private async adoptLate(adoptions: Adoptions, root: string): Promise<void> {
    if (!this.isAt(root) || !this.allowed()) return;
    try {
      const folders = this.configuration.folders().filter(({ fsPath }) => adoptions.has(fsPath));
      await this.conclude(await this.backups.run(folders, { automatic: true, adoptions }), root);
    } catch (error) {
      if (!isCancelled(error)) this.tell.failure(error);
    }
  }

  private async conclude({ snapshots, failed }: BackupOutcome, root: string): Promise<void> {
    if (failed.some(({ error }) => PhlbError.is(error, 'unreachable'))) await this.obstacles.unreachable(root);
    this.tell.emptied(snapshots.filter(isEmptied).map(({ source }) => source));
    const [first] = failed;
    if (first) {
      this.unseen = true;
      this.tell.failure(first.error);
    } else {
      this.tell.success();
      if (this.isAt(root)) await this.consent.stored(snapshots);
    }
    // Not waited for: it gives way to the next run. Elsewhere the names may be those of other sources.
    if (snapshots.length > 0 && this.isAt(root)) void this.aftercare.run(snapshots);
  }

  private async setPaused(paused: boolean): Promise<void> {
    await this.memory.update(PAUSED, paused);
    this.reschedule();
  }
}

async function mtimeOf(uri: vscode.Uri): Promise<number | undefined> {
  try {
    return (await vscode.workspace.fs.stat(uri)).mtime;
  } catch {
    return undefined;
  }
}
