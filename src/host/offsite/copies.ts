import * as vscode from 'vscode';
import { shownAddress } from '../../engine/offsite/address.js';
import type {
  OffsiteCheckResult,
  OffsitePushResult,
  OffsiteRecoverResult,
  OffsiteStatusResult,
  OffsiteStoresResult,
  OffsiteTarget,
} from '../../engine/offsite/model.js';
import { PhlbError } from '../../engine/words/errors.js';
import type { PathError } from '../../engine/words/model.js';
import type { CallOptions, EngineClient } from '../../worker/client.js';
import { OneAtATime } from '../backup/one-at-a-time.js';
import type { Catalog } from '../catalog/catalog.js';
import type { Configuration } from '../editor/configuration.js';
import { Disposables } from '../editor/disposables.js';
import { errorDetail, errorText, isCancelled } from '../editor/error-text.js';
import type { CopyMemory } from './copy-memory.js';
import type { RepositoryAccess } from './repository-access.js';
import { afterFailure, withPush, type CopyHistory } from './schedule.js';

/** As it is known without asking the repository. */
export interface OffsiteState {
  /** its address as it may be shown; `undefined`: none is set */
  repository: string | undefined;
  isCopying: boolean;
  /** what has a copy and what waits for one; `undefined`: not known yet, or there are no snapshots */
  status: OffsiteStatusResult | undefined;
  /** when copies were made or failed; milliseconds */
  history: CopyHistory;
  /** why the last one failed, where that was in this window */
  problem: string | undefined;
}

export interface CopyOptions {
  /** only the newest snapshot of each source, and pinned and labelled ones */
  newest: boolean;
  /** a person is there to be asked */
  ask: boolean;
}

const SETTLE_MS = 1000;
/** A window that starts has other things to do. */
const START_MS = 5000;

/** The copies off this machine: makes, checks and recovers them, one at a time, and tells how they stand. */
export class OffsiteCopies implements vscode.Disposable {
  private readonly disposables = new Disposables();
  private readonly changed = this.disposables.add(new vscode.EventEmitter<void>());
  /** of the state */
  readonly onDidChange = this.changed.event;
  private readonly turns = new OneAtATime();
  private readonly ended = new AbortController();
  private copying = 0;
  private known: OffsiteStatusResult | undefined;
  private problem: string | undefined;
  private looks = 0;
  private timer: NodeJS.Timeout | undefined;

  /** @param engine of its own: copies take hours @param reader for what is remembered of them */
  constructor(
    private readonly engine: EngineClient,
    private readonly reader: EngineClient,
    private readonly configuration: Configuration,
    private readonly catalog: Catalog,
    private readonly access: RepositoryAccess,
    private readonly memory: CopyMemory,
    private readonly log: vscode.LogOutputChannel,
  ) {}

  start(): void {
    const { disposables } = this;
    disposables.add(this.catalog.onDidChange(() => this.lookIn(SETTLE_MS)));
    disposables.add(
      this.configuration.onDidChange(['phlb.offsite.repository', 'phlb.backup.location'], () => {
        this.known = undefined;
        this.problem = undefined;
        this.changed.fire();
        this.lookIn(0);
      }),
    );
    disposables.add(this.configuration.onDidChange(['phlb.offsite.schedule'], () => this.changed.fire()));
    this.lookIn(START_MS);
  }

  /** of the settings; `''`: none */
  get repository(): string {
    return this.configuration.offsite().repository;
  }

  get state(): OffsiteState {
    const { repository, known: status, problem } = this;
    return {
      repository: repository === '' ? undefined : shownAddress(repository),
      isCopying: this.copying > 0,
      status,
      history: repository === '' ? {} : this.historyOf(repository),
      problem,
    };
  }

  /**
   * Copies to the repository what has no copy there. It comes to its end, or says in its errors what of the repository was
   * in its way.
   * @throws PhlbError as `offsitePush`
   */
  push(address: string, { newest, ask }: CopyOptions, call: CallOptions = {}): Promise<OffsitePushResult> {
    return this.inTurn(call, async signal => {
      const { location } = this;
      const options = { ...call, signal };
      const started = Date.now();
      this.setCopying(1);
      try {
        const make = (target: OffsiteTarget): Promise<unknown> =>
          this.engine.call('offsiteInit', { location, target }, options);
        const result = await this.access.run(
          address,
          target => this.engine.call('offsitePush', { location, target, snapshots: [], newest }, options),
          // Where copies were there once, a new repository would hide that they are gone.
          { ask, ...(this.memory.of(address).success === undefined ? { make } : {}) },
        );
        this.logPush(result);
        await this.took(address, result, started);
        return result;
      } catch (error) {
        await this.failed(address, error);
        throw error;
      } finally {
        this.setCopying(-1);
        void this.look();
      }
    });
  }

  /** Has restic read all of the repository. @throws PhlbError as `offsiteCheck` */
  check(address: string, ask: boolean, call: CallOptions): Promise<OffsiteCheckResult> {
    return this.inTurn(call, async signal => {
      const { location } = this;
      const result = await this.access.run(
        address,
        target => this.engine.call('offsiteCheck', { location, target }, { ...call, signal }),
        { ask },
      );
      this.logErrors(result.errors, result.notes);
      this.log.info(`Checked the copies in ${result.repository}: ${result.errors.length} errors`);
      void this.look();
      return result;
    });
  }

  /** Of which backup locations there are copies; a person is there to be asked. @throws PhlbError as `offsiteStores` */
  stores(address: string, call: CallOptions): Promise<OffsiteStoresResult> {
    const { location } = this;
    return this.inTurn(call, signal =>
      this.access.run(address, target => this.engine.call('offsiteStores', { location, target }, { ...call, signal }), {
        ask: true,
      }),
    );
  }

  /** Brings back what does not stand here. @param store its id, of several @throws PhlbError as `offsiteRecover` */
  recover(
    address: string,
    { ask, store }: { ask: boolean; store?: string },
    call: CallOptions,
  ): Promise<OffsiteRecoverResult> {
    return this.inTurn(call, async signal => {
      const { location } = this;
      try {
        const result = await this.access.run(
          address,
          target => {
            const request = { location, target, ...(store === undefined ? {} : { store }) };
            return this.engine.call('offsiteRecover', request, { ...call, signal });
          },
          { ask },
        );
        this.logErrors(result.errors, result.notes);
        this.log.info(`Recovered from ${result.repository}: ${result.ids.join(', ') || 'nothing'}`);
        return result;
      } finally {
        this.catalog.invalidate();
      }
    });
  }

  /** Looks what is remembered of the repository, by whomever it was used. Never rejects. */
  async look(): Promise<void> {
    const number = ++this.looks;
    const { repository, location } = this;
    const status = repository === '' ? undefined : await this.remembered(repository);
    // Another repository or location since then: a later look finds out about those.
    if (number !== this.looks || this.repository !== repository || this.location.root !== location.root) return;
    this.known = status;
    this.changed.fire();
  }

  dispose(): void {
    this.ended.abort();
    clearTimeout(this.timer);
    this.disposables.dispose();
  }

  private get location(): ReturnType<Configuration['location']> {
    return this.configuration.location();
  }

  private lookIn(milliseconds: number): void {
    if (this.repository === '' && this.known === undefined) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.look(), milliseconds);
  }

  private async remembered(repository: string): Promise<OffsiteStatusResult | undefined> {
    try {
      const request = { location: this.location, target: { repository }, remembered: true };
      return await this.reader.call('offsiteStatus', request);
    } catch (error) {
      // Before the first backup, or while the location is away: others tell of that.
      if (!isCancelled(error)) this.log.debug(`Copies off this machine: ${errorText(error)}`);
      return undefined;
    }
  }

  // restic keeps a repository to itself while it checks it, and one disk is read by one push at a time.
  private inTurn<T>(call: CallOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal = this.ended.signal } = call;
    return this.turns.take(async before => {
      await Promise.race([before, aborted(signal)]);
      if (signal.aborted) throw PhlbError.cancelled();
      return work(signal);
    });
  }

  private setCopying(by: 1 | -1): void {
    this.copying += by;
    this.changed.fire();
  }

  private async took(address: string, result: OffsitePushResult, started: number): Promise<void> {
    const isDone = result.lastPush !== null && Date.parse(result.lastPush) >= started;
    this.problem = isDone ? undefined : result.errors.at(-1)?.message;
    const now = Date.now();
    await this.memory.remember(address, isDone ? { success: now } : afterFailure(this.historyOf(address), now));
  }

  private async failed(address: string, error: unknown): Promise<void> {
    // What the location is in the way of is no trouble with the copies.
    if (isCancelled(error) || PhlbError.is(error, 'notFound') || PhlbError.is(error, 'unreachable')) return;
    this.log.error(`Copying off this machine: ${errorDetail(error)}`);
    this.problem = errorText(error);
    await this.memory.remember(address, afterFailure(this.historyOf(address), Date.now()));
  }

  private historyOf(address: string): CopyHistory {
    const pushed = address === this.repository ? Date.parse(this.known?.lastPush ?? '') : NaN;
    return withPush(this.memory.of(address), pushed);
  }

  private logPush({ repository, uploaded, skipped, pending, errors, notes }: OffsitePushResult): void {
    this.logErrors(errors, notes);
    const sent = uploaded.map(({ id, bytesAdded, seconds }) => `${id} (${bytesAdded} bytes in ${seconds} s)`);
    this.log.info(
      `Copied to ${repository}: ${sent.join(', ') || 'nothing new'}; ${skipped} were there, ${pending} are not`,
    );
  }

  private logErrors(errors: readonly PathError[], notes: readonly string[]): void {
    for (const { path, code, message } of errors) this.log.warn(`${path}: ${code}: ${message}`);
    for (const note of notes) this.log.info(note);
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
