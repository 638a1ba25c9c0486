import { homedir } from 'node:os';
import * as vscode from 'vscode';
import type { BackupResult } from '../../engine/words/model.js';
import type { BackupService } from '../backup/backup-service.js';
import { readConfig, type Configuration } from '../editor/configuration.js';
import { isLarge, isNoProject, LIMITS, sharesDisk, type FolderSize } from '../backup/consent-facts.js';
import { ConsentMemory, type Answer } from './consent-memory.js';
import { consentDetail, consentText, type ConsentFacts } from './consent-text.js';
import { goesWithContainer } from '../../setup/goes-with-container.js';
import type { DateFormat } from '../editor/dates.js';
import { askModally, showMessage } from '../editor/dialogs.js';
import { consentOf, type Consent } from './state.js';
import { storeIdAt } from '../catalog/store-identity.js';

interface Question {
  answer: Promise<boolean>;
  settle(yes: boolean): void;
}

/** So long may counting take while somebody waits for the question. */
const SOON_MS = 2000;

type Choice = Answer | 'notNow';

/**
 * Whether backups may run by themselves. Asked once a store: an answer for all workspaces is kept for the host, one for
 * this workspace with it. What would be large or is no project folder needs a yes of its own. A question that is closed, or
 * that the editor hides, is not asked again by itself in this window, and stays unanswered.
 */
export class AutoBackupConsent implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** the state may be another one now */
  readonly onDidChange = this.changed.event;
  private readonly memory: ConsentMemory;
  /** roots of which it is known what store is there, if any */
  private readonly identified = new Set<string>();
  /** roots for which this window has asked */
  private readonly asked = new Set<string>();
  /** roots for which the answer in this window was "Not Now" */
  private readonly putOff = new Set<string>();
  private readonly questions = new Map<string, Question>();
  /** sizes of folders, also of those that took too long to count; by `sizeKey` */
  private readonly counted = new Map<string, FolderSize>();

  constructor(
    private readonly configuration: Configuration,
    private readonly backups: BackupService,
    private readonly dates: DateFormat,
    everywhere: vscode.Memento,
    private readonly workspace: vscode.Memento,
  ) {
    this.memory = new ConsentMemory(everywhere, workspace, storeIdAt);
  }

  /** As far as it is known without asking, or counting files. */
  get state(): Consent {
    const { root } = this;
    const answer = this.memory.answer(root);
    if (answer === undefined && !this.identified.has(root)) return 'unknown';
    const size = this.knownSize ?? this.counted.get(this.sizeKey());
    return consentOf({
      answer,
      extraordinary: this.isNoProject() || (size !== undefined && isLarge(size)),
      putOff: this.putOff.has(root),
    });
  }

  /** Looks which store is at the location: the user may have answered for it when it was elsewhere. */
  async look(): Promise<void> {
    await this.identify(this.root);
    this.changed.fire();
  }

  /** Asks if need be, once in this window. */
  async given(): Promise<boolean> {
    const { root } = this;
    await this.identify(root);
    const answer = this.memory.answer(root);
    if (answer === 'here') return true;
    if (answer === 'never') return false;
    if (answer === 'all' && !(await this.isExtraordinary())) return true;
    const open = this.questions.get(root);
    if (open) return open.answer;
    return this.asked.has(root) ? false : this.open(root);
  }

  /** Asks, whatever has been answered before. What waits for the answer to an earlier question takes this one. */
  async ask(): Promise<boolean> {
    const { root } = this;
    await this.identify(root);
    this.asked.add(root);
    const yes = await this.pose(root, SOON_MS);
    this.questions.get(root)?.settle(yes);
    return yes;
  }

  /** Takes a yes for this workspace that was given elsewhere. */
  async accept(): Promise<void> {
    const { root } = this;
    await this.identify(root);
    await this.remember(root, 'here');
    this.questions.get(root)?.settle(true);
  }

  /** The location is another one now: nobody waits for answers about the old one any more. They still count for it. */
  locationChanged(): void {
    for (const [root, { settle }] of this.questions) if (root !== this.root) settle(false);
    void this.look();
  }

  dispose(): void {
    this.changed.dispose();
  }

  /** A run has gone well: that is the store which the answer is for, and this is how large the folders are by now. */
  async stored(snapshots: readonly BackupResult[]): Promise<void> {
    await this.memory.confirm(this.root);
    const sum = (of: (result: BackupResult) => number): number => snapshots.reduce((all, one) => all + of(one), 0);
    const size: FolderSize = { files: sum(({ files }) => files), bytes: sum(({ bytes }) => bytes), more: false };
    // A run that found nothing changed may have stopped early, so only a larger size tells something.
    const known = this.knownSize;
    if (known && !isLarge(known) && isLarge(size)) await this.workspace.update(this.sizeKey(), size);
  }

  private async identify(root: string): Promise<void> {
    await this.memory.identify(root);
    this.identified.add(root);
  }

  private get root(): string {
    return this.configuration.location().root;
  }

  // The editor may keep a question for hours; a command or another location can be faster than the answer.
  private open(root: string): Promise<boolean> {
    this.asked.add(root);
    let settle: Question['settle'] = () => undefined;
    const overtaken = new Promise<boolean>(resolve => (settle = resolve));
    const answer = Promise.race([this.pose(root, LIMITS.milliseconds), overtaken]).finally(() =>
      this.questions.delete(root),
    );
    this.questions.set(root, { answer, settle });
    return answer;
  }

  private async pose(root: string, milliseconds: number): Promise<boolean> {
    const facts = await this.facts(root, milliseconds);
    // It may be large, which nobody knew.
    this.changed.fire();
    const choice = await this.choose(facts);
    if (choice !== undefined) await this.remember(root, choice);
    return choice === 'all' || choice === 'here';
  }

  private async facts(root: string, milliseconds: number): Promise<ConsentFacts> {
    return {
      mode: readConfig('phlb.autoBackup.mode'),
      root,
      size: await this.size(milliseconds),
      retention: this.configuration.retention(),
      noProject: this.isNoProject(),
      sameDisk: await sharesDisk(this.folders(), root),
      goesWithContainer: await goesWithContainer(root, vscode.env.remoteName),
    };
  }

  private async choose(facts: ConsentFacts): Promise<Choice | undefined> {
    const on: [string, Choice] = [vscode.l10n.t('Turn On'), 'all'];
    const here: [string, Choice] = [
      this.folders().length === 1 ? vscode.l10n.t('Only This Folder') : vscode.l10n.t('Only This Workspace'),
      'here',
    ];
    const notNow: [string, Choice] = [vscode.l10n.t('Not Now'), 'notNow'];
    const never: [string, Choice] = [vscode.l10n.t('Never'), 'never'];
    // The first button is the one that is offered.
    const choices = new Map(facts.goesWithContainer ? [notNow, here, on, never] : [on, here, notNow, never]);
    const more = vscode.l10n.t('More…');
    const [question, place] = consentText(facts, this.dates);
    const pressed = await showMessage('information', `${question} ${place}`, [...choices.keys(), more]);
    if (pressed !== more) return pressed === undefined ? undefined : choices.get(pressed);
    // Its "Cancel" is no answer, as if the question had been closed.
    return askModally(question, [place, ...consentDetail(facts, this.dates)], new Map([on, here, never]));
  }

  private async remember(root: string, choice: Choice): Promise<void> {
    // "All" is a yes for this workspace too, however large it is.
    const answers = choice === 'all' ? (['all', 'here'] as const) : choice === 'notNow' ? [] : [choice];
    for (const answer of answers) await this.memory.remember(root, answer);
    if (choice === 'notNow') this.putOff.add(root);
    this.changed.fire();
  }

  private async isExtraordinary(): Promise<boolean> {
    return this.isNoProject() || isLarge(await this.size(LIMITS.milliseconds));
  }

  private isNoProject(): boolean {
    return this.folders().some(folder => isNoProject(folder, homedir()));
  }

  // Walks the folders, so it is kept for the workspace.
  private async size(milliseconds: number): Promise<FolderSize> {
    const known = this.knownSize;
    if (known) return known;
    const key = this.sizeKey();
    const size = await this.backups.measure(this.configuration.folders(), { ...LIMITS, milliseconds });
    if (milliseconds === LIMITS.milliseconds) this.counted.set(key, size);
    // What was only slow to count is counted again next time.
    if (!size.more || size.files > LIMITS.files || size.bytes > LIMITS.bytes) {
      await this.workspace.update(key, size);
    }
    return size;
  }

  private get knownSize(): FolderSize | undefined {
    return this.workspace.get<FolderSize>(this.sizeKey());
  }

  private sizeKey(): string {
    return `autoBackup.size:${this.folders().join('\n')}`;
  }

  private folders(): string[] {
    return this.configuration.folders().map(folder => folder.fsPath);
  }
}
