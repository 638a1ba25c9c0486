import * as vscode from 'vscode';
import { Command } from '../../contributions.js';
import { nameOfPath } from '../../engine/words/names.js';
import type { Services } from '../backup/services.js';
import { readConfig, writeConfig } from '../editor/configuration.js';
import { fileCount } from '../editor/count-text.js';
import type { DateFormat } from '../editor/dates.js';
import { errorDetail } from '../editor/error-text.js';
import type { Action } from '../editor/messages.js';
import type { BackedUpPaths } from './backed-up-paths.js';
import { Burst, type Happening } from './burst.js';
import type { ChangeWatch, FolderChanges } from './change-watch.js';
import { lossesOf, type Losses } from './losses.js';

/** What goes on for longer after it was told is not the same any more. */
const SAME_MS = 60_000;

/** What happens in one folder. */
interface Lookout {
  folder: vscode.Uri;
  burst: Burst;
  timer: NodeJS.Timeout | undefined;
  isLooking: boolean;
  /** when losses were last told of; milliseconds since the epoch */
  toldAt: number | undefined;
}

/**
 * Says so while it can be taken back easily, when another program has changed or deleted many files within seconds
 * (`phlb.warnOfMassChanges`): once for each such event, with the snapshot from before.
 */
export class MassChanges implements vscode.Disposable {
  private readonly lookouts = new Map<string, Lookout>();
  private readonly abort = new AbortController();

  constructor(
    private readonly services: Services,
    private readonly watch: ChangeWatch,
    private readonly backedUp: BackedUpPaths,
  ) {}

  start(): void {
    this.watch.onChanges(changes => this.noticed(changes));
  }

  dispose(): void {
    this.abort.abort();
    for (const { timer } of this.lookouts.values()) clearTimeout(timer);
  }

  private noticed({ folder, paths, more, began, ended }: FolderChanges): void {
    const key = folder.toString();
    let lookout = this.lookouts.get(key);
    if (!lookout) {
      lookout = { folder, burst: new Burst(), timer: undefined, isLooking: false, toldAt: undefined };
      this.lookouts.set(key, lookout);
    }
    lookout.burst.add(paths, more, began, ended);
    this.plan(lookout);
  }

  private plan(lookout: Lookout): void {
    const { ripeAt } = lookout.burst;
    clearTimeout(lookout.timer);
    if (ripeAt === undefined || lookout.isLooking || this.abort.signal.aborted) return;
    lookout.timer = setTimeout(() => void this.look(lookout), Math.max(0, ripeAt - Date.now()));
  }

  // Never rejects: nobody waits for it.
  private async look(lookout: Lookout): Promise<void> {
    const { folder, burst, toldAt } = lookout;
    const { signal } = this.abort;
    const happening = burst.take();
    const limit = readConfig('phlb.warnOfMassChanges');
    if (limit === 0) return;
    lookout.isLooking = true;
    try {
      const isEditors = (path: string): boolean => this.watch.isEditors(folder, path, happening.began);
      const question = { folder, happening, limit, isEditors, toldAt, signal };
      const losses = await lossesOf(this.services, this.backedUp, question);
      if (losses === undefined) return;
      burst.mute(losses === 'restored' ? undefined : SAME_MS);
      if (losses === 'restored') return;
      lookout.toldAt = Date.now();
      this.tell(folder, happening, losses);
    } catch (error) {
      if (!signal.aborted) this.services.log.warn(`What has changed cannot be looked at: ${errorDetail(error)}`);
    } finally {
      lookout.isLooking = false;
      this.plan(lookout);
    }
  }

  private tell(folder: vscode.Uri, happening: Happening, losses: Losses): void {
    const { dates, messages } = this.services;
    const before = dates.short(new Date(losses.before.startedAt));
    const text = vscode.l10n.t(
      '{0} in {1} were changed or deleted by another program within {2}. The snapshot from before that ({3}) has them as they were.',
      countText(losses, dates),
      nameOfPath(folder.fsPath) || folder.fsPath,
      secondsText(happening, dates),
      before,
    );
    const { id } = losses.before;
    const restore: Action = {
      title: vscode.l10n.t('Restore…'),
      run: () => vscode.commands.executeCommand(Command.restore, id),
    };
    // A message is gone once one of its buttons was pressed.
    const review: Action = {
      title: vscode.l10n.t('Review'),
      run: async () => {
        await vscode.commands.executeCommand(Command.showChanges, id);
        messages.warning(vscode.l10n.t('Restore the files as they were before ({0})?', before), [restore]);
      },
    };
    const stop: Action = {
      title: vscode.l10n.t('Don’t Warn Again'),
      run: () => writeConfig('phlb.warnOfMassChanges', 0),
    };
    messages.warning(text, [review, restore, stop]);
  }
}

function countText({ files, more }: Losses, dates: DateFormat): string {
  const count = fileCount(files, dates);
  return more ? vscode.l10n.t('At least {0}', count) : count;
}

function secondsText({ began, ended }: Happening, dates: DateFormat): string {
  const seconds = Math.max(1, Math.ceil((ended - began) / 1000));
  return seconds === 1 ? vscode.l10n.t('1 second') : vscode.l10n.t('{0} seconds', dates.number(seconds));
}
