import * as vscode from 'vscode';
import { Command } from '../../contributions.js';
import type { AutoBackup } from '../auto-backup/auto-backup.js';
import type { AutoBackupConsent } from '../auto-backup/consent.js';
import { readConfig, type Configuration } from '../editor/configuration.js';
import type { DateFormat } from '../editor/dates.js';
import { Disposables } from '../editor/disposables.js';
import { isCancelled } from '../editor/error-text.js';
import type { Messages } from '../editor/messages.js';
import { runCommand } from '../editor/register-commands.js';
import type { CopyMemory } from './copy-memory.js';
import type { OffsiteCopies } from './copies.js';
import { firstLook, mustWarn, nextCopy } from './schedule.js';

/** A timer does not run while the computer sleeps, and other windows make copies too: so it is looked again. */
const LOOK_MS = 10 * 60_000;

/** Copies off this machine by the clock: the newest snapshot of each source, pinned and labelled ones. */
export class ScheduledCopies implements vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly opened = Date.now();
  private timer: NodeJS.Timeout | undefined;
  private isRunning = false;
  /** of the next look; milliseconds */
  private notBefore = 0;

  constructor(
    private readonly configuration: Configuration,
    private readonly copies: OffsiteCopies,
    private readonly consent: AutoBackupConsent,
    private readonly autoBackup: AutoBackup,
    private readonly memory: CopyMemory,
    private readonly dates: DateFormat,
    private readonly messages: Messages,
  ) {}

  /** Whether anything may run by itself here, as automatic backups have it: where those are off, the schedule is a yes. */
  get isAgreed(): boolean {
    const { state } = this.consent;
    const isYes = state === 'given' || (this.autoBackup.mode === 'off' && state !== 'declined');
    return vscode.workspace.isTrusted && isYes;
  }

  start(): void {
    const { disposables } = this;
    const again = (): void => this.schedule();
    disposables.add(
      this.configuration.onDidChange(
        ['phlb.offsite.repository', 'phlb.offsite.schedule', 'phlb.backup.location', 'phlb.autoBackup.mode'],
        () => {
          this.notBefore = 0;
          this.schedule();
        },
      ),
    );
    disposables.add(this.consent.onDidChange(again));
    disposables.add(this.copies.onDidChange(again));
    disposables.add(vscode.workspace.onDidGrantWorkspaceTrust(again));
    disposables.add(vscode.workspace.onDidChangeWorkspaceFolders(again));
    this.schedule();
  }

  dispose(): void {
    clearTimeout(this.timer);
    this.disposables.dispose();
  }

  private schedule(): void {
    clearTimeout(this.timer);
    if (this.isRunning || !this.allowed()) return;
    const now = Date.now();
    const due = nextCopy(readConfig('phlb.offsite.schedule'), this.copies.state.history, now);
    if (due === undefined) return;
    const wait = Math.min(Math.max(due, firstLook(this.opened), this.notBefore) - now, LOOK_MS);
    this.timer = setTimeout(() => void this.whenDue(), Math.max(0, wait));
  }

  private allowed(): boolean {
    const hasFolder = this.configuration.workspaceFolders().length > 0;
    return hasFolder && this.isAgreed && this.copies.repository !== '';
  }

  // Never rejects: nobody waits for it.
  private async whenDue(): Promise<void> {
    this.isRunning = true;
    try {
      await this.copies.look();
      const now = Date.now();
      const due = nextCopy(readConfig('phlb.offsite.schedule'), this.copies.state.history, now);
      if (due === undefined || due > now) return;
      this.notBefore = now + LOOK_MS;
      const { status, isCopying } = this.copies.state;
      // Without a store there is nothing to be copied, and where it cannot be reached others tell of that.
      if (isCopying || !status || !this.allowed()) return;
      await this.copy(this.copies.repository);
    } finally {
      this.isRunning = false;
      this.schedule();
    }
  }

  private async copy(address: string): Promise<void> {
    try {
      await this.copies.push(address, { newest: true, ask: false });
    } catch (error) {
      // The log has it, and the tooltip.
      if (isCancelled(error)) return;
    }
    await this.warn(address);
  }

  private async warn(address: string): Promise<void> {
    const { history, repository = '', problem = '' } = this.copies.state;
    if (!mustWarn(readConfig('phlb.offsite.schedule'), history, Date.now())) return;
    await this.memory.remember(address, { ...history, told: true });
    const since = this.dates.short(new Date(history.failingSince ?? Date.now()));
    this.messages.warning(
      vscode.l10n.t('Copies to {0} have failed since {1}. {2}', repository, since, problem).trimEnd(),
      [{ title: vscode.l10n.t('Copy Now'), run: () => runCommand(Command.offsitePush) }, this.messages.showLog],
    );
  }
}
