import type { Memento } from 'vscode';

const KEY = 'autoBackup.pendingSince';

/**
 * Remembers that something was saved, or changed in another way, which no backup has taken yet. Kept with the workspace until a run that started
 * after the save has gone well: a window that is closed in the middle of a run must not lose it.
 */
export class PendingMark {
  private sinceRunStarted: number | undefined;

  constructor(private readonly memory: Memento) {}

  /** When the first save was, in milliseconds; `undefined`: everything is backed up. */
  get since(): number | undefined {
    return this.memory.get<number>(KEY);
  }

  /** Something has come since the last run was started; what it is makes no difference any more. */
  get isRenewed(): boolean {
    return this.sinceRunStarted !== undefined;
  }

  async saved(at: number): Promise<void> {
    this.sinceRunStarted ??= at;
    if (this.since === undefined) await this.memory.update(KEY, at);
  }

  /** What is saved from now on may have come too late for the run. */
  runStarted(): void {
    this.sinceRunStarted = undefined;
  }

  /** The run has gone well: what is left are the saves during it. */
  async taken(): Promise<void> {
    await this.memory.update(KEY, this.sinceRunStarted);
  }
}
