import * as vscode from 'vscode';
import type { PruneReply } from '../../contributions.js';
import type { PruneResult } from '../../engine/prune.js';
import type { SourceInfo } from '../../engine/words/model.js';
import { hasRules } from '../../engine/words/retention.js';
import { snapshotCount } from '../../host/editor/count-text.js';
import { confirm, showMessage } from '../../host/editor/dialogs.js';
import { plainText } from '../../host/editor/plain-text.js';
import { withProgress } from '../../host/editor/progress.js';
import type { Services } from '../../host/backup/services.js';
import type { CallOptions } from '../../worker/client.js';
import { findSource } from './chosen-snapshots.js';
import { tellNotDeleted } from './not-deleted.js';
import { showPrunePlan, type PlannedSource, type PrunePlan } from './prune-plan.js';

/** Clean Up Old Snapshots…: shows what would go, why the rest stays and what is freed, and does it when told to. */
export class PruneCommand {
  constructor(private readonly services: Services) {}

  /**
   * @param name of a source; by default all of this computer are cleaned up: those of others have rules of their own
   * @param ask whether to show what goes and confirm; the list that tells why only where no source is named
   */
  async run(name: string | undefined, ask: boolean): Promise<PruneReply | undefined> {
    if (ask) return this.offer(name);
    const results: PruneResult[] = [];
    for (const source of await this.sources(name)) results.push(await this.prune(source.name));
    return replyOf(results);
  }

  private async prune(name: string): Promise<PruneResult> {
    const { engine, catalog, dates, log } = this.services;
    try {
      const request = { ...this.request(name), dryRun: false };
      const result = await withProgress(vscode.l10n.t('Cleaning up'), dates, call =>
        engine.call('prune', request, call),
      );
      const { deleted, freedBytes } = replyOf([result]);
      tellNotDeleted(this.services, result.errors);
      log.info(`Cleaned ${name} up: deleted ${deleted.join(', ') || 'nothing'}, ${freedBytes} bytes freed`);
      return result;
    } finally {
      catalog.invalidate();
    }
  }

  private async sources(name: string | undefined): Promise<SourceInfo[]> {
    const { catalog } = this.services;
    if (name !== undefined) return [await findSource(catalog, name)];
    return (await catalog.list()).sources.filter(({ local }) => local);
  }

  private async offer(name: string | undefined): Promise<PruneReply | undefined> {
    const { dates, messages } = this.services;
    const plan = await withProgress(vscode.l10n.t('Checking the snapshots'), dates, call => this.plan(name, call));
    const count = plan.sources.reduce((sum, { kept, deleted }) => sum + kept.length + deleted.length, 0);
    if (count === 0) {
      messages.info(vscode.l10n.t('This computer has no snapshots yet.'));
      return replyOf([]);
    }
    if (!hasRules(this.services.configuration.retention())) {
      void offerSettings(vscode.l10n.t('All retention rules are 0, so they never delete a snapshot.'));
      return keptOnly(plan);
    }
    const going = plan.sources.flatMap(({ deleted }) => deleted);
    if (going.length === 0) {
      void this.tellNothingGoes(plan, count);
      return keptOnly(plan);
    }
    if (name === undefined && !(await showPrunePlan(plan, dates))) return undefined;
    if (!(await this.confirm(plan, count))) return undefined;
    return this.deleteShown(plan);
  }

  private async plan(only: string | undefined, call: CallOptions): Promise<PrunePlan> {
    const { reader } = this.services;
    const sources: PlannedSource[] = [];
    let freedBytes = 0;
    for (const { name, snapshots } of await this.sources(only)) {
      const infos = new Map(snapshots.map(snapshot => [snapshot.id, snapshot]));
      const result = await reader.call('prune', { ...this.request(name), dryRun: true }, call);
      for (const source of result.sources) sources.push({ ...source, infos });
      freedBytes += result.freedBytes;
    }
    return { sources, freedBytes };
  }

  private async confirm({ sources, freedBytes }: PrunePlan, count: number): Promise<boolean> {
    const { dates } = this.services;
    const losing = sources.filter(({ deleted }) => deleted.length > 0);
    const going = losing.reduce((sum, { deleted }) => sum + deleted.length, 0);
    const detail = [
      losing
        .map(({ name, kept, deleted }) =>
          vscode.l10n.t(
            '{0}: {1} go, {2} stay',
            plainText(name),
            dates.number(deleted.length),
            dates.number(kept.length),
          ),
        )
        .join('\n'),
      losing.length === 1
        ? vscode.l10n.t('{0} will be freed.', dates.size(freedBytes))
        : // What two sources share is freed with both of them only.
          vscode.l10n.t('At least {0} will be freed.', dates.size(freedBytes)),
      vscode.l10n.t('What stays is whole. What only the deleted ones hold is lost; this cannot be undone.'),
    ];
    const question = vscode.l10n.t('Delete {0} of {1}?', dates.number(going), snapshotCount(count, dates));
    const yes = vscode.l10n.t('Delete');
    return confirm(question, detail, yes);
  }

  // Exactly what was shown: a snapshot that was taken or pinned in the meantime changes what the rules would say.
  private async deleteShown(plan: PrunePlan): Promise<PruneReply> {
    const { engine, configuration, catalog, dates, messages } = this.services;
    const location = configuration.location();
    catalog.invalidate();
    const standing = (await catalog.list()).sources.flatMap(({ snapshots }) => snapshots);
    const free = new Set(standing.filter(({ pinned }) => !pinned).map(({ id }) => id));
    const snapshots = replyOf([plan]).deleted.filter(id => free.has(id));
    try {
      const { deleted, freedBytes, errors } = await withProgress(vscode.l10n.t('Deleting'), dates, call =>
        engine.call('delete', { location, snapshots }, call),
      );
      messages.info(
        vscode.l10n.t('{0} deleted, {1} freed.', snapshotCount(deleted.length, dates), dates.size(freedBytes)),
      );
      tellNotDeleted(this.services, errors);
      return { ...keptOnly(plan), deleted, freedBytes };
    } finally {
      catalog.invalidate();
    }
  }

  private async tellNothingGoes(plan: PrunePlan, count: number): Promise<void> {
    const { dates } = this.services;
    const why = vscode.l10n.t('Show Why');
    const text = vscode.l10n.t('Nothing to clean up: the rules keep all of {0}.', snapshotCount(count, dates));
    if ((await showMessage('information', text, [why])) === why) await showPrunePlan(plan, dates);
  }

  private request(name: string): {
    location: ReturnType<Services['configuration']['location']>;
    name: string;
    rules: object;
  } {
    const { configuration } = this.services;
    return { location: configuration.location(), name, rules: configuration.retention() };
  }
}

async function offerSettings(text: string): Promise<void> {
  const settings = vscode.l10n.t('Settings');
  if ((await showMessage('information', text, [settings])) !== settings) return;
  await vscode.commands.executeCommand('workbench.action.openSettings', 'phlb.retention');
}

function replyOf(results: readonly Pick<PruneResult, 'sources' | 'freedBytes'>[]): PruneReply {
  const sources = results.flatMap(result => result.sources);
  return {
    kept: sources.flatMap(({ kept }) => kept.map(({ id, reasons }) => ({ id, reasons }))),
    deleted: sources.flatMap(({ deleted }) => deleted.map(({ id }) => id)),
    freedBytes: results.reduce((sum, { freedBytes }) => sum + freedBytes, 0),
  };
}

function keptOnly(plan: PrunePlan): PruneReply {
  return { ...replyOf([plan]), deleted: [], freedBytes: 0 };
}
