import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { errno } from '../engine/errors.js';
import type { BackupService } from './backupService.js';
import { readConfig, type Configuration } from './configuration.js';
import { fileCount } from './counts.js';
import type { DateFormat } from './dates.js';
import { homePath } from './homePath.js';

type AnswerHere = 'here';
type AnswerEverywhere = 'all' | 'never';
interface Size {
  files: number;
  bytes: number;
}

const MANY_FILES = 200_000;
const MANY_BYTES = 10e9;

/**
 * Whether backups may run by themselves. Asked once a store: an answer for all workspaces is kept for the host, one for
 * this workspace with it. What would be large or is no project folder needs a yes of its own.
 */
export class AutoBackupConsent {
  private askedInThisWindow = false;
  private question: Promise<boolean> | undefined;

  constructor(
    private readonly configuration: Configuration,
    private readonly backups: BackupService,
    private readonly dates: DateFormat,
    private readonly everywhere: vscode.Memento,
    private readonly workspace: vscode.Memento,
  ) {}

  /** Asks if need be; a dismissed question counts as no until the next window. */
  async given(): Promise<boolean> {
    if (this.isOnHere()) return true;
    const everywhere = this.answerEverywhere();
    if (everywhere === 'never') return false;
    if (everywhere === 'all' && !(await this.isExtraordinary())) return true;
    if (this.askedInThisWindow) return false;
    this.question ??= this.ask().finally(() => (this.question = undefined));
    return this.question;
  }

  /** Whether the user has said no, for now or for good. */
  get declined(): boolean {
    if (this.isOnHere()) return false;
    return this.answerEverywhere() === 'never' || (this.askedInThisWindow && this.question === undefined);
  }

  /** The user has turned auto-backup on by command. */
  async turnOnHere(): Promise<void> {
    await this.workspace.update(this.key(), 'here' satisfies AnswerHere);
  }

  private isOnHere(): boolean {
    return this.workspace.get<AnswerHere>(this.key()) === 'here';
  }

  private answerEverywhere(): AnswerEverywhere | undefined {
    return this.everywhere.get<AnswerEverywhere>(this.key());
  }

  private key(): string {
    return `autoBackup.consent:${this.configuration.place().root}`;
  }

  private async ask(): Promise<boolean> {
    this.askedInThisWindow = true;
    const all = vscode.l10n.t('Turn On for All Workspaces');
    const here = vscode.l10n.t('Only Here');
    const notNow = vscode.l10n.t('Not Now');
    const never = vscode.l10n.t('Never');
    const choice = await vscode.window.showInformationMessage(await this.text(), all, here, notNow, never);
    switch (choice) {
      case all:
        await this.everywhere.update(this.key(), 'all' satisfies AnswerEverywhere);
        await this.turnOnHere();
        return true;
      case here:
        await this.turnOnHere();
        return true;
      case never:
        await this.everywhere.update(this.key(), 'never' satisfies AnswerEverywhere);
        return false;
      default:
        return false;
    }
  }

  private async text(): Promise<string> {
    const { root } = this.configuration.place();
    const folders = this.configuration.folders();
    const size = await this.size(folders);
    const question =
      readConfig('phlb.autoBackup.mode') === 'interval'
        ? vscode.l10n.t('Back up this workspace automatically at intervals?')
        : vscode.l10n.t('Back up this workspace automatically when files are saved?');
    const amount = vscode.l10n.t(
      'At first {0} ({1}) to {2}, later only what has changed. Snapshots are kept until you delete them.',
      fileCount(size.files, this.dates),
      this.dates.size(size.bytes),
      homePath(root),
    );
    const warnings = [
      folders.some(isNoProject) ? vscode.l10n.t('This folder is your home folder or a whole drive.') : '',
      (await sameDisk(folders, root)) ? vscode.l10n.t('The backups are on the same disk as your work.') : '',
    ];
    return [question, amount, ...warnings.filter(text => text !== '')].join(' ');
  }

  private async isExtraordinary(): Promise<boolean> {
    const folders = this.configuration.folders();
    if (folders.some(isNoProject)) return true;
    const { files, bytes } = await this.size(folders);
    return files > MANY_FILES || bytes > MANY_BYTES;
  }

  // Walks the folders, so it is kept for the workspace.
  private async size(folders: readonly vscode.Uri[]): Promise<Size> {
    const key = `autoBackup.size:${folders.map(folder => folder.fsPath).join('\n')}`;
    const known = this.workspace.get<Size>(key);
    if (known) return known;
    const size: Size = { files: 0, bytes: 0 };
    for (const folder of folders) {
      const result = await this.backups.measure(folder);
      size.files += result.files;
      size.bytes += result.bytes;
    }
    await this.workspace.update(key, size);
    return size;
  }
}

function isNoProject(folder: vscode.Uri): boolean {
  const path = folder.fsPath.replace(/[\\/]+$/, '');
  return path === '' || /^[a-z]:$/i.test(path) || path === homedir();
}

async function sameDisk(folders: readonly vscode.Uri[], root: string): Promise<boolean> {
  const device = await deviceOf(root);
  const devices = await Promise.all(folders.map(folder => deviceOf(folder.fsPath)));
  return device !== undefined && devices.includes(device);
}

// The device of a path that may not exist yet.
async function deviceOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).dev;
  } catch (error) {
    const parent = dirname(path);
    return errno(error) === 'ENOENT' && parent !== path ? deviceOf(parent) : undefined;
  }
}
