import * as vscode from 'vscode';
import type { SnapshotArgument } from '../../contributions.js';
import type { VerifyResult } from '../../engine/words/model.js';
import type { RebuildResult } from '../../engine/rebuild.js';
import { errorCount, fileCount, snapshotCount } from '../../host/editor/count-text.js';
import { withProgress } from '../../host/editor/progress.js';
import type { Services } from '../../host/backup/services.js';
import { snapshotNames } from './chosen-snapshots.js';

/** Verify Snapshots, Rebuild Index */
export class VerifyAndRebuildCommands {
  constructor(private readonly services: Services) {}

  /**
   * @param snapshot all are verified when it is not given
   * @param menu the selected nodes, or a script's further ids
   * @param ask whether a person is to be told what was found, and asked what to do about it
   */
  async verify(snapshot: SnapshotArgument | undefined, menu: unknown, ask: boolean): Promise<VerifyResult | undefined> {
    const { catalog } = this.services;
    const snapshots = snapshot === undefined ? [] : await snapshotNames(catalog, snapshot, menu);
    const result = await this.check(snapshots, false);
    if (ask) this.tell(snapshots, result);
    return result;
  }

  async rebuildIndex(): Promise<RebuildResult> {
    const { messages, dates } = this.services;
    const result = await this.rebuild(false);
    const { snapshots, errors } = result;
    if (errors.length === 0) {
      messages.info(vscode.l10n.t('The index has been rebuilt: {0}.', snapshotCount(snapshots, dates)));
      return result;
    }
    const again = vscode.l10n.t('Read the Snapshots Again');
    const text = vscode.l10n.t(
      'The index has been rebuilt, with {0}: what was recorded about some snapshots cannot be read. It can be rebuilt from their files.',
      errorCount(errors.length, dates),
    );
    this.services.messages.warning(text, [
      { title: again, run: async () => this.tellRehashed(await this.rebuild(true)) },
      this.services.messages.showLog,
    ]);
    return result;
  }

  private async check(snapshots: string[], heal: boolean): Promise<VerifyResult> {
    const { engine, configuration, catalog, dates, log } = this.services;
    const title = heal ? vscode.l10n.t('Healing') : vscode.l10n.t('Verifying snapshots');
    const request = { location: configuration.location(), snapshots, heal };
    const result = await withProgress(title, dates, call => engine.call('verify', request, call));
    const healed = new Set(result.healed.map(nameOf));
    for (const found of result.damaged) {
      log.warn(`${found.problem}: ${nameOf(found)}${healed.has(nameOf(found)) ? ' (healed)' : ''}`);
    }
    for (const note of result.notes) log.info(note);
    log.info(
      `Verified ${result.snapshots} snapshots, ${result.filesChecked} files, ${result.bytesChecked} bytes: ` +
        `${result.damaged.length} damaged, ${result.healed.length} healed`,
    );
    if (heal) catalog.invalidate();
    if (snapshots.length === 0) await this.services.lastVerify.record(result);
    return result;
  }

  private tell(snapshots: string[], { snapshots: count, filesChecked, damaged }: VerifyResult): void {
    const { messages, dates } = this.services;
    const checked = [snapshotCount(count, dates), fileCount(filesChecked, dates)] as const;
    if (damaged.length === 0) {
      messages.info(vscode.l10n.t('Verified {0}, {1}: everything is as recorded.', ...checked));
      return;
    }
    const [first] = damaged;
    const name = first ? nameOf(first) : '';
    const text = damaged.every(({ problem }) => problem === 'time')
      ? vscode.l10n.t(
          'Verified {0}, {1}: all contents are as recorded, but {2} have different times. Heal sets the times right.',
          ...checked,
          fileCount(damaged.length, dates),
        )
      : damaged.length === 1
        ? vscode.l10n.t('Verified {0}, {1}. Not as recorded: {2}', ...checked, name)
        : vscode.l10n.t(
            'Verified {0}, {1}. Not as recorded: {2}, and {3} more',
            ...checked,
            name,
            dates.number(damaged.length - 1),
          );
    const heal = async (): Promise<void> => this.tellHealed(await this.check(snapshots, true));
    messages.warning(text, [{ title: vscode.l10n.t('Heal'), run: heal }, messages.showLog]);
  }

  private tellHealed({ damaged, healed }: VerifyResult): void {
    const { messages, dates } = this.services;
    const left = damaged.length - healed.length;
    if (left <= 0) {
      messages.info(vscode.l10n.t('Healed: {0}.', dates.number(healed.length)));
      return;
    }
    messages.warning(
      vscode.l10n.t(
        'Healed: {0}. Not healed: {1}, listed in the log; there is no good copy of these, or they are not part of a snapshot.',
        dates.number(healed.length),
        dates.number(left),
      ),
    );
  }

  private async rebuild(rehash: boolean): Promise<RebuildResult> {
    const { engine, configuration, catalog, dates, log } = this.services;
    const request = { location: configuration.location(), rehash };
    const title = rehash ? vscode.l10n.t('Reading the snapshots again') : vscode.l10n.t('Rebuilding the index');
    try {
      const result = await withProgress(title, dates, call => engine.call('rebuild', request, call));
      for (const { path, code, message } of result.errors) log.warn(`${path}: ${code}: ${message}`);
      for (const note of result.notes) log.info(note);
      return result;
    } finally {
      catalog.invalidate();
    }
  }

  private tellRehashed({ snapshots, errors }: RebuildResult): void {
    const { messages, dates } = this.services;
    if (errors.length === 0) {
      messages.info(vscode.l10n.t('The index has been rebuilt: {0}.', snapshotCount(snapshots, dates)));
    } else messages.warning(vscode.l10n.t('Some snapshots could not be read: {0}.', errorCount(errors.length, dates)));
  }
}

function nameOf({ snapshot, path }: { snapshot: string; path: string }): string {
  return path === '' ? snapshot : `${snapshot}/${path}`;
}
