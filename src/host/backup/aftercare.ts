import * as vscode from 'vscode';
import { Command } from '../../contributions.js';
import type { BackupResult, StoreLocation } from '../../engine/words/model.js';
import { hasRules } from '../../engine/words/retention.js';
import type { EngineClient } from '../../worker/client.js';
import type { BackupService } from './backup-service.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Configuration } from '../editor/configuration.js';
import { fileCount } from '../editor/count-text.js';
import type { DateFormat } from '../editor/dates.js';
import { Disposables } from '../editor/disposables.js';
import { errorDetail, isCancelled } from '../editor/error-text.js';
import type { Messages } from '../editor/messages.js';
import { runCommand } from '../editor/register-commands.js';
import type { SizeWarning } from './size-warning.js';

const SCRUB_BYTES = 64 << 20;

/**
 * What follows an automatic run: the index takes in what it has published, old snapshots of its sources are thinned out, a
 * piece of the store is looked through for damage, and once a day its size is measured. It gives way to the next backup.
 */
export class Aftercare implements vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly told = new Set<string>();
  private abort = new AbortController();

  constructor(
    private readonly engine: EngineClient,
    private readonly configuration: Configuration,
    private readonly catalog: Catalog,
    backups: BackupService,
    private readonly size: SizeWarning,
    private readonly dates: DateFormat,
    private readonly messages: Messages,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.disposables.add(backups.onDidChange(state => state.running && this.abort.abort()));
  }

  /** Never rejects: nobody waits for it. @param snapshots what the run has told, published or not */
  async run(snapshots: readonly BackupResult[]): Promise<void> {
    this.abort.abort();
    const { signal } = (this.abort = new AbortController());
    const location = this.configuration.location();
    this.tell(
      snapshots.flatMap(({ damaged }) => damaged),
      files => vscode.l10n.t('Damage found in the backups: {0}. The contents have been stored again.', files),
    );
    if (snapshots.some(({ published }) => published)) {
      await this.quietly('Updating the index', signal, () => this.engine.call('updateIndex', { location }, { signal }));
    }
    for (const { name } of snapshots)
      await this.quietly(`Cleaning up ${name}`, signal, () => this.prune(location, name, signal));
    await this.quietly('Looking for damage', signal, () => this.scrub(location, signal));
    await this.quietly('Measuring the store', signal, () => this.size.check(location, signal));
  }

  dispose(): void {
    this.abort.abort();
    this.disposables.dispose();
  }

  private async prune(location: StoreLocation, name: string, signal: AbortSignal): Promise<void> {
    const rules = this.configuration.retention();
    if (!hasRules(rules)) return;
    const { sources, errors } = await this.engine.call('prune', { location, name, rules }, { signal });
    for (const { path, message } of errors) this.log.warn(`${path} could not be deleted: ${message}`);
    const deleted = sources.flatMap(source => source.deleted);
    if (deleted.length === 0) return;
    this.log.info(`Deleted by the retention rules: ${deleted.map(({ id }) => id).join(', ')}`);
    this.catalog.invalidate();
  }

  private async scrub(location: StoreLocation, signal: AbortSignal): Promise<void> {
    const request = { location, maxBytes: SCRUB_BYTES };
    const { damaged, filesChecked, bytesChecked, notes } = await this.engine.call('scrub', request, { signal });
    for (const note of notes) this.log.info(note);
    this.log.debug(`Looked for damage in ${filesChecked} stored files, ${bytesChecked} bytes`);
    this.tell(damaged, files => vscode.l10n.t('Damage found in the backups: {0}.', files));
  }

  // Each once. One damaged content is often to be found in many snapshots, but it is one file to the user.
  private tell(damaged: readonly { snapshot: string; path: string }[], words: (files: string) => string): void {
    const news = damaged.filter(({ snapshot, path }) => !this.told.has(`${snapshot}\n${path}`));
    if (news.length === 0) return;
    for (const { snapshot, path } of news) {
      this.told.add(`${snapshot}\n${path}`);
      this.log.warn(`damaged in ${snapshot}: ${path}`);
    }
    const files = new Set(news.map(({ snapshot, path }) => `${snapshot.split('/')[0]}/${path}`));
    this.messages.warning(words(fileCount(files.size, this.dates)), [
      { title: vscode.l10n.t('Verify Snapshots'), run: () => runCommand(Command.verify) },
      this.messages.showLog,
    ]);
  }

  private async quietly(what: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    if (signal.aborted) return;
    try {
      await work();
    } catch (error) {
      if (!isCancelled(error)) this.log.error(`${what}: ${errorDetail(error)}`);
    }
  }
}
