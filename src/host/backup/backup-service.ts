import * as vscode from 'vscode';
import { PhlbError } from '../../engine/words/errors.js';
import type { BackupRequest, BackupResult, Progress } from '../../engine/words/model.js';
import { CAUSES } from '../../engine/words/turns.js';
import type { CallOptions, EngineClient } from '../../worker/client.js';
import type { Catalog } from '../catalog/catalog.js';
import { readConfig, type Configuration } from '../editor/configuration.js';
import type { FolderSize } from './consent-facts.js';
import type { DateFormat } from '../editor/dates.js';
import { Disposables } from '../editor/disposables.js';
import { isEmptied } from './emptied-folders.js';
import { errorDetail, errorText, isCancelled } from '../editor/error-text.js';
import type { LocationMemory } from './location-memory.js';
import type { Adoptions } from './moved-folders.js';
import { measureFolders, type MeasureLimits } from './measure-folders.js';
import type { PendingMark } from './pending-mark.js';
import { withProgress } from '../editor/progress.js';
import { failedRunLine, runLine } from './run-line.js';
import { OneAtATime } from './one-at-a-time.js';

/** What the status bar shows. A run of some other folder counts as running only: the workspace is not safer for it. */
export interface BackupState {
  running: boolean;
  /** end of the last run that went well, in this window or an earlier one */
  lastSuccess: Date | undefined;
  /** end of the last run, well or not */
  lastRun: Date | undefined;
  /** why the last run failed; `undefined` when it went well */
  failure: string | undefined;
  /** folders that hold no files any more, by their last runs; absolute */
  emptied: readonly string[];
}

export interface BackupOutcome {
  snapshots: BackupResult[];
  failed: FailedFolder[];
}

export interface FailedFolder {
  folder: vscode.Uri;
  startedAt: string;
  error: unknown;
}

export interface BackupOptions {
  /** not asked for by a person: no snapshot when nothing has changed, no notification */
  automatic: boolean;
  /** put on the snapshots */
  label?: string;
  /** who takes them, if neither a person nor auto-backup */
  cause?: string;
  /** folders in which the histories of other sources go on */
  adoptions?: Adoptions;
}

/** Takes snapshots of folders, one run after the other, and tells how it stands. */
export class BackupService implements vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly changed = this.disposables.add(new vscode.EventEmitter<BackupState>());
  readonly onDidChange = this.changed.event;
  private current: BackupState;
  private readonly turns = new OneAtATime();
  private abort: AbortController | undefined;

  constructor(
    private readonly engine: EngineClient,
    private readonly configuration: Configuration,
    private readonly locationMemory: LocationMemory,
    private readonly catalog: Catalog,
    private readonly dates: DateFormat,
    private readonly pending: PendingMark,
    private readonly memory: vscode.Memento,
    private readonly log: vscode.LogOutputChannel,
  ) {
    this.current = { running: false, ...this.remembered() };
    // What went well elsewhere says nothing about the new location.
    this.disposables.add(configuration.onDidChange(['phlb.backup.location'], () => this.set(this.remembered())));
  }

  get state(): BackupState {
    return this.current;
  }

  /**
   * One snapshot of each folder. A folder that fails does not keep the others from being backed up; it is named in
   * `failed`. Rejects only when the user cancels.
   */
  run(folders: readonly vscode.Uri[], options: BackupOptions): Promise<BackupOutcome> {
    return this.turns.take(before => this.begin(folders, options, before));
  }

  /** Ends the run that is going on, if any; it rejects with code `cancelled`. */
  cancel(): void {
    this.abort?.abort();
  }

  /** How much first snapshots of the folders would hold, as far as it is worth counting; writes nothing. */
  measure(folders: readonly vscode.Uri[], limits: MeasureLimits): Promise<FolderSize> {
    // Without sums of contents: only their number and sizes are asked for.
    const requests = folders.map(folder => ({ ...this.request(folder, { automatic: true }), checksum: false }));
    return measureFolders(this.engine, requests, limits, this.log);
  }

  dispose(): void {
    this.disposables.dispose();
  }

  private begin(folders: readonly vscode.Uri[], options: BackupOptions, before: Promise<void>): Promise<BackupOutcome> {
    const abort = new AbortController();
    const work = async (call: CallOptions): Promise<BackupOutcome> => {
      if (this.current.running) call.onProgress?.({ phase: 'waiting', files: 0, bytes: 0 });
      await Promise.race([before, aborted(abort.signal)]);
      this.abort = abort;
      return this.runNow(folders, options, call);
    };
    // The status bar tells of automatic runs.
    return options.automatic
      ? work({ signal: abort.signal })
      : withProgress(vscode.l10n.t('Backing up'), this.dates, work, abort);
  }

  private async runNow(
    folders: readonly vscode.Uri[],
    options: BackupOptions,
    call: CallOptions,
  ): Promise<BackupOutcome> {
    const ofWorkspace = this.coversWorkspace(folders);
    const snapshots: BackupResult[] = [];
    const failed: FailedFolder[] = [];
    if (ofWorkspace) this.pending.runStarted();
    this.set({ running: true });
    try {
      for (const folder of folders) {
        const startedAt = new Date().toISOString();
        try {
          snapshots.push(await this.backup(folder, options, call));
        } catch (error) {
          const took = Date.now() - Date.parse(startedAt);
          if (isCancelled(error)) {
            this.log.info(failedRunLine(folder.fsPath, 'cancelled', took, options.automatic));
            throw error;
          }
          this.log.error(failedRunLine(folder.fsPath, errorDetail(error), took, options.automatic));
          failed.push({ folder, startedAt, error });
        }
      }
      await this.noteEmptied(snapshots);
      if (ofWorkspace) await this.finish(failed[0]);
    } finally {
      this.abort = undefined;
      this.set(ofWorkspace ? { running: false, lastRun: new Date() } : { running: false });
      if (snapshots.some(result => result.published)) this.catalog.invalidate();
    }
    return { snapshots, failed };
  }

  private coversWorkspace(folders: readonly vscode.Uri[]): boolean {
    const paths = new Set(folders.map(folder => folder.fsPath));
    return this.configuration.folders().every(folder => paths.has(folder.fsPath));
  }

  private async backup(folder: vscode.Uri, options: BackupOptions, call: CallOptions): Promise<BackupResult> {
    const request = this.request(folder, options);
    this.log.debug(`Backing up ${request.source} to ${request.location.root}`);
    const onProgress = (progress: Progress): void => {
      if (progress.shortage) {
        const { needed, free } = progress.shortage;
        this.log.warn(
          `This backup may need up to ${needed} bytes, but only ${free} are free on the disk of the location`,
        );
      }
      call.onProgress?.(progress);
    };
    const result = await this.engine.call('backup', request, { ...call, onProgress });
    if (request.init) await this.locationMemory.founded(request.location.root);
    this.report(result, options);
    return result;
  }

  private request(folder: vscode.Uri, options: BackupOptions): BackupRequest {
    const location = this.configuration.location();
    const adopted = options.adoptions?.get(folder.fsPath);
    return {
      location,
      source: folder.fsPath,
      ...(adopted === undefined ? {} : { name: adopted, adopt: true }),
      rules: this.configuration.rules(folder),
      trusted: this.configuration.trustsFolders(),
      checksum: readConfig('phlb.backup.checksum', folder),
      protectFiles: readConfig('phlb.backup.protectFiles'),
      protectFolders: readConfig('phlb.backup.protectFolders'),
      skipUnchanged: options.automatic,
      cause: options.cause ?? (options.automatic ? CAUSES.autoBackup : CAUSES.person),
      init: this.locationMemory.mayFound(location.root),
      ...(options.label === undefined ? {} : { label: options.label }),
    };
  }

  private report(result: BackupResult, { automatic }: BackupOptions): void {
    this.log.info(runLine(result, automatic, this.dates));
    for (const note of result.notes) this.log.info(note);
    for (const { message } of result.warnings) this.log.warn(message);
    for (const { rule, directories, files } of result.excluded) {
      this.log.debug(`left out by ${rule}: ${directories} folders, ${files} files`);
    }
    for (const { path, snapshot } of result.damaged) this.log.warn(`damaged in ${snapshot}, stored afresh: ${path}`);
    for (const { path, code, message } of result.errors) this.log.warn(`${path}: ${code}: ${message}`);
  }

  private async finish(failed: FailedFolder | undefined): Promise<void> {
    if (failed) {
      this.set({ failure: errorText(failed.error) });
      return;
    }
    const now = new Date();
    this.set({ failure: undefined, lastSuccess: now });
    await this.pending.taken();
    await this.memory.update(this.lastSuccessKey(), now.getTime());
  }

  private async noteEmptied(results: readonly BackupResult[]): Promise<void> {
    const emptied = new Set(this.current.emptied);
    for (const result of results) {
      if (isEmptied(result)) emptied.add(result.source);
      else emptied.delete(result.source);
    }
    this.set({ emptied: [...emptied] });
    await this.memory.update(this.emptiedKey(), this.current.emptied);
  }

  private remembered(): Omit<BackupState, 'running'> {
    const last = this.memory.get<number>(this.lastSuccessKey());
    const lastSuccess = last === undefined ? undefined : new Date(last);
    const emptied = this.memory.get<string[]>(this.emptiedKey(), []);
    return { lastSuccess, lastRun: lastSuccess, failure: undefined, emptied };
  }

  private lastSuccessKey(): string {
    return `backup.lastSuccess:${this.configuration.location().root}`;
  }

  private emptiedKey(): string {
    return `backup.emptied:${this.configuration.location().root}`;
  }

  private set(part: Partial<BackupState>): void {
    this.current = { ...this.current, ...part };
    this.changed.fire(this.current);
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const cancel = (): void => reject(PhlbError.cancelled());
    signal.addEventListener('abort', cancel, { once: true });
  });
}
