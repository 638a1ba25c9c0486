import * as vscode from 'vscode';
import type { AutoBackupMode } from '../contributions.js';
import { PhlbError } from '../engine/errors.js';
import { relativeInside } from '../engine/names.js';
import type { AutoBackupConsent } from './autoBackupConsent.js';
import { isOverdue, nextRun } from './autoBackupSchedule.js';
import type { BackupService } from './backupService.js';
import { readConfig, setContextKey, type Configuration } from './configuration.js';
import { Disposables } from './disposables.js';
import { errorDetail, errorText, isCancelled } from './errorText.js';
import type { Messages } from './messages.js';
import type { PendingMark } from './pendingMark.js';
import { Throttle } from './throttle.js';

const PAUSED = 'autoBackup.paused';

/**
 * Backs the workspace up by itself: after saves, or at intervals. A save is never delayed; it leaves a mark, so one whose
 * window was closed is made up for at the next start.
 */
export class AutoBackup implements vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly throttle = new Throttle(() => this.backup());
  private readonly changed = this.disposables.add(new vscode.EventEmitter<void>());
  /** paused, resumed or overdue */
  readonly onDidChange = this.changed.event;
  private timer: NodeJS.Timeout | undefined;
  private toldFailure: string | undefined;
  /** of a run or of asking for consent; milliseconds */
  private lastAttempt = 0;

  constructor(
    private readonly configuration: Configuration,
    private readonly backups: BackupService,
    private readonly consent: AutoBackupConsent,
    private readonly pending: PendingMark,
    private readonly memory: vscode.Memento,
    private readonly messages: Messages,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  /** Starts listening, and takes what an earlier window left. */
  start(): void {
    const { disposables } = this;
    disposables.add(vscode.workspace.onDidSaveTextDocument(document => this.saved(document.uri)));
    disposables.add(vscode.workspace.onDidSaveNotebookDocument(notebook => this.saved(notebook.uri)));
    disposables.add(this.backups.onDidChange(state => state.running || this.reschedule()));
    disposables.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.schedule()));
    disposables.add(vscode.workspace.onDidChangeWorkspaceFolders(() => this.schedule()));
    disposables.add(
      this.configuration.onDidChange(
        ['phlb.autoBackup.mode', 'phlb.autoBackup.intervalMinutes', 'phlb.backup.location'],
        () => this.reschedule(),
      ),
    );
    void setContextKey('phlb.autoBackupPaused', this.paused);
    this.schedule();
  }

  get mode(): AutoBackupMode {
    return readConfig('phlb.autoBackup.mode');
  }

  get paused(): boolean {
    return this.memory.get<boolean>(PAUSED, false);
  }

  /** Nothing runs by itself until the user resumes: paused, or never turned on. */
  get stopped(): boolean {
    return this.paused || this.consent.declined;
  }

  /** Saves have gone without a backup for several intervals. */
  get overdue(): boolean {
    return this.allowed() && isOverdue(this.pending.since, readConfig('phlb.autoBackup.intervalMinutes'), Date.now());
  }

  async pause(): Promise<void> {
    await this.setPaused(true);
  }

  /** Goes on, also where the user had said no before. */
  async resume(): Promise<void> {
    await this.consent.turnOnHere();
    this.lastAttempt = 0;
    await this.setPaused(false);
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.disposables.dispose();
  }

  private saved(uri: vscode.Uri): void {
    if (uri.scheme !== 'file' || this.mode !== 'onSave') return;
    if (!this.configuration.folders().some(folder => relativeInside(folder.fsPath, uri.fsPath) !== undefined)) return;
    // The mark is set in a paused or untrusted workspace as well: the change waits there for better times.
    void this.pending.saved(Date.now());
    this.schedule();
  }

  private allowed(): boolean {
    return (
      vscode.workspace.isTrusted &&
      !this.paused &&
      this.mode !== 'off' &&
      this.configuration.workspaceFolders().length > 0
    );
  }

  // A run that is due already keeps its time: saves in quick succession must not put it off for ever.
  private schedule(): void {
    if (this.timer || this.backups.state.running || !this.allowed()) return;
    const now = Date.now();
    const due = nextRun({
      mode: this.mode,
      intervalMinutes: readConfig('phlb.autoBackup.intervalMinutes'),
      now,
      lastRun: Math.max(this.lastAttempt, this.backups.state.lastRun?.getTime() ?? 0) || undefined,
      pending: this.pending.since !== undefined,
    });
    if (due === undefined) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.throttle.run();
    }, due - now);
  }

  private reschedule(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.schedule();
    this.changed.fire();
  }

  // Never rejects: nobody waits for it.
  private async backup(): Promise<void> {
    if (!this.allowed()) return;
    this.lastAttempt = Date.now();
    try {
      if (!(await this.consent.given())) return;
      const { failed } = await this.backups.run(this.configuration.folders(), { automatic: true });
      const first = failed[0];
      if (first) this.tell(first.error);
      else this.toldFailure = undefined;
    } catch (error) {
      if (isCancelled(error)) return;
      this.log.error(`Auto-backup: ${errorDetail(error)}`);
      this.tell(error);
    } finally {
      // After a failure the next try waits for the interval like any other run.
      this.schedule();
      this.changed.fire();
    }
  }

  // Once, until it works again or fails for another reason.
  private tell(error: unknown): void {
    const code = PhlbError.is(error) ? error.code : 'crashed';
    const message = errorText(error);
    if (this.toldFailure === code) return;
    this.toldFailure = code;
    this.messages.warning(
      code === 'unreachable'
        ? vscode.l10n.t('The backup location is not reachable, so automatic backups wait. {0}', message)
        : vscode.l10n.t('The automatic backup failed. {0}', message),
    );
  }

  private async setPaused(paused: boolean): Promise<void> {
    await this.memory.update(PAUSED, paused);
    await setContextKey('phlb.autoBackupPaused', paused);
    this.reschedule();
  }
}
