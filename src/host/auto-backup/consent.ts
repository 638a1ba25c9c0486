import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { BackupResult } from '../../engine/words/model.js';
import type { BackupService } from '../backup/backup-service.js';
import { readConfig, type Configuration } from '../editor/configuration.js';
import { isLarge, isNoProject, LIMITS, sharesDisk, type FolderSize } from '../backup/consent-facts.js';
import { ConsentMemory, type Answer } from './consent-memory.js';
import { consentText } from './consent-text.js';
import { goesWithContainer } from './goes-with-container.js';
import type { DateFormat } from '../editor/dates.js';
import { showMessage } from '../editor/dialogs.js';
import { storeIdAt } from '../catalog/store-identity.js';

interface Question {
  answer: Promise<boolean>;
  settle(yes: boolean): void;
}

/**
 * Whether backups may run by themselves. Asked once a store: an answer for all workspaces is kept for the host, one for
 * this workspace with it. What would be large or is no project folder needs a yes of its own.
 */
export class AutoBackupConsent {
  private readonly memory: ConsentMemory;
  /** roots for which this window has asked */
  private readonly asked = new Set<string>();
  private readonly questions = new Map<string, Question>();

  constructor(
    private readonly configuration: Configuration,
    private readonly backups: BackupService,
    private readonly dates: DateFormat,
    everywhere: vscode.Memento,
    private readonly workspace: vscode.Memento,
  ) {
    this.memory = new ConsentMemory(everywhere, workspace, storeIdAt);
  }

  /** Asks if need be; a dismissed question counts as no until the next window. */
  async given(): Promise<boolean> {
    const { root } = this;
    await this.memory.identify(root);
    const answer = this.memory.answer(root);
    if (answer === 'here') return true;
    if (answer === 'never') return false;
    if (answer === 'all' && !(await this.isExtraordinary())) return true;
    const open = this.questions.get(root);
    if (open) return open.answer;
    return this.asked.has(root) ? false : this.open(root);
  }

  /** Whether the user has said yes, as far as is known without asking. */
  get isAgreed(): boolean {
    const answer = this.memory.answer(this.root);
    return answer === 'here' || answer === 'all';
  }

  /** Whether the user has said no, for now or for good. */
  get declined(): boolean {
    const answer = this.memory.answer(this.root);
    if (answer === 'here') return false;
    return answer === 'never' || (this.asked.has(this.root) && !this.questions.has(this.root));
  }

  /** The user has turned auto-backup on by command. */
  async turnOnHere(): Promise<void> {
    await this.memory.identify(this.root);
    await this.memory.remember(this.root, 'here');
    this.questions.get(this.root)?.settle(true);
  }

  /** The location is another one now: nobody waits for answers about the old one any more. They still count for it. */
  locationChanged(): void {
    for (const [root, { settle }] of this.questions) if (root !== this.root) settle(false);
  }

  /** A run has gone well: that is the store which the answer is for, and this is how large the folders are by now. */
  async stored(snapshots: readonly BackupResult[]): Promise<void> {
    await this.memory.confirm(this.root);
    const sum = (of: (result: BackupResult) => number): number => snapshots.reduce((all, one) => all + of(one), 0);
    const size: FolderSize = { files: sum(({ files }) => files), bytes: sum(({ bytes }) => bytes), more: false };
    // A run that found nothing changed may have stopped early, so only a larger size tells something.
    const known = this.workspace.get<FolderSize>(this.sizeKey());
    if (known && !isLarge(known) && isLarge(size)) await this.workspace.update(this.sizeKey(), size);
  }

  private get root(): string {
    return this.configuration.location().root;
  }

  // The editor may keep a question for hours; a command or another location can be faster than the answer.
  private open(root: string): Promise<boolean> {
    this.asked.add(root);
    let settle: Question['settle'] = () => undefined;
    const overtaken = new Promise<boolean>(resolve => (settle = resolve));
    const answer = Promise.race([this.ask(root), overtaken]).finally(() => this.questions.delete(root));
    this.questions.set(root, { answer, settle });
    return answer;
  }

  private async ask(root: string): Promise<boolean> {
    const all = vscode.l10n.t('Turn On for All Workspaces');
    const here = vscode.l10n.t('Only Here');
    const notNow = vscode.l10n.t('Not Now');
    const never = vscode.l10n.t('Never');
    const folders = this.folders();
    const facts = {
      mode: readConfig('phlb.autoBackup.mode'),
      root,
      size: await this.size(),
      retention: this.configuration.retention(),
      noProject: folders.some(folder => isNoProject(folder, homedir())),
      sameDisk: await sharesDisk(folders, root),
      goesWithContainer: await goesWithContainer(root, vscode.env.remoteName),
    };
    // The first button is the one that is offered.
    const buttons = facts.goesWithContainer ? [notNow, here, all, never] : [all, here, notNow, never];
    const choice = await showMessage('information', consentText(facts, this.dates), buttons);
    // "All" is a yes for this workspace too, however large it is.
    const answers: Answer[] = choice === all ? ['all', 'here'] : choice === here ? ['here'] : [];
    for (const answer of choice === never ? (['never'] as const) : answers) await this.memory.remember(root, answer);
    return answers.length > 0;
  }

  private async isExtraordinary(): Promise<boolean> {
    return this.folders().some(folder => isNoProject(folder, homedir())) || isLarge(await this.size());
  }

  // Walks the folders, so it is kept for the workspace.
  private async size(): Promise<FolderSize> {
    const known = this.workspace.get<FolderSize>(this.sizeKey());
    if (known) return known;
    const size = await this.backups.measure(this.configuration.folders(), LIMITS);
    // What was only slow to count is counted again next time.
    if (!size.more || size.files > LIMITS.files || size.bytes > LIMITS.bytes) {
      await this.workspace.update(this.sizeKey(), size);
    }
    return size;
  }

  private sizeKey(): string {
    return `autoBackup.size:${this.folders().join('\n')}`;
  }

  private folders(): string[] {
    return this.configuration.folders().map(folder => folder.fsPath);
  }
}
