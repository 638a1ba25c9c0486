import { isDeepStrictEqual } from 'node:util';
import * as vscode from 'vscode';
import { SCHEME } from '../../contributions.js';
import { PhlbError } from '../../engine/words/errors.js';
import type { ListResult, SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import { relativeInside } from '../../engine/words/names.js';
import type { EngineClient } from '../../worker/client.js';
import { setContextKey, type Configuration } from '../editor/configuration.js';
import { ownAddress } from './past-image.js';
import { decodeKey, encodeKey, escapeName, unescapeName } from './snapshot-address.js';
import { storeFingerprint } from './store-fingerprint.js';

/** What a `phlb:` address names. */
export interface ResolvedPath {
  source: SourceInfo;
  snapshot: SnapshotInfo;
  /** relative to the source, `''` for the snapshot itself */
  path: string;
}

const RETRY_AFTER_MS = 2000;

/**
 * The snapshots of the store, safety snapshots too, as last listed. Asks the engine when first needed and after `invalidate`.
 * Reading may fetch the list again, but tells of it only when it has become another one: listeners read.
 */
export class Catalog implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** the list may be another one now */
  readonly onDidChange = this.changed.event;

  private listing: Promise<ListResult> | undefined;
  private relisting: Promise<ListResult> | undefined;
  /** how many lists were asked for */
  private listings = 0;
  /** when the last list was asked for, and when it was there; milliseconds */
  private askedAt = 0;
  private listedAt = 0;
  /** the store's, from just before it was listed last */
  private fingerprint: string | undefined;
  /** the last list could not be made */
  private failed = false;

  constructor(
    private readonly engine: EngineClient,
    private readonly configuration: Configuration,
    private readonly now = Date.now,
  ) {}

  list(): Promise<ListResult> {
    this.listing ??= this.makeList();
    return this.listing;
  }

  /** Forgets the list, because something has changed it or may have. */
  invalidate(): void {
    this.listing = undefined;
    this.changed.fire();
  }

  /** The list, fetched again if it was asked for longer ago than that. */
  listYoungerThan(milliseconds: number): Promise<ListResult> {
    return this.now() - this.askedAt > milliseconds ? this.listAgain() : this.list();
  }

  /** The list, fetched again. */
  listAgain(): Promise<ListResult> {
    this.relisting ??= this.relist().finally(() => (this.relisting = undefined));
    return this.relisting;
  }

  /**
   * Fetches the list again if the store on disk is no longer the one that was listed last. A backup goes on changing the store
   * once its snapshot was listed, and a tree forgets its nodes when it is told: it is told of another list only. Never rejects.
   */
  async checkDisk(): Promise<void> {
    const listed = this.fingerprint;
    if (listed === undefined) return;
    const { root } = this.configuration.location();
    const now = await storeFingerprint(root);
    if (this.fingerprint !== listed || now === listed) return;
    if (this.listing === undefined) this.invalidate();
    else await this.listAgain().catch(() => undefined);
  }

  /** The `phlb:` address of a path (relative to the source, `''` for all) in a snapshot. */
  address(storeId: string, source: SourceInfo, snapshot: SnapshotInfo, path: string): vscode.Uri {
    return vscode.Uri.from({
      scheme: SCHEME,
      authority: encodeKey({ storeId, snapshotId: snapshot.id }),
      path: joinPath(basePath(source), escapeName(path)),
    });
  }

  /** What an address names. A snapshot that is not in the list makes it be asked for again, at most every 2 s. */
  async resolve(uri: vscode.Uri): Promise<ResolvedPath | undefined> {
    const key = decodeKey(uri.authority);
    if (!key) return undefined;
    const isFresh = (): boolean => this.now() - this.listedAt < RETRY_AFTER_MS;
    const found = await this.find(key.snapshotId, key.storeId, () => !isFresh());
    if (!found) return undefined;
    const path = relativeTo(basePath(found.source), ownAddress(uri).path);
    const { source, snapshot } = found;
    return path === undefined ? undefined : { source, snapshot, path: unescapeName(path) };
  }

  /** The address of a whole snapshot by its id (`documents/2016-01-07-085247`). */
  async snapshotAddress(snapshotId: string): Promise<vscode.Uri> {
    // A script may name one that the command line has taken just now.
    const found = await this.find(snapshotId, undefined, () => true);
    if (!found) throw new PhlbError('notFound', vscode.l10n.t('There is no snapshot {0}', snapshotId));
    return this.address(found.storeId, found.source, found.snapshot, '');
  }

  /**
   * The source that a file of today belongs to, and its path there. Of several the innermost; another computer's of the
   * same path only where this one has none.
   */
  async sourceOf(file: vscode.Uri): Promise<{ storeId: string; source: SourceInfo; path: string } | undefined> {
    const { storeId, sources } = await this.list();
    const matches = sources.flatMap(source => {
      const path = relativeInside(source.source, file.fsPath);
      return path === undefined ? [] : [{ storeId, source, path }];
    });
    const isLocal = (source: SourceInfo): number => Number(source.local);
    return matches.sort(
      ({ source: a }, { source: b }) => isLocal(b) - isLocal(a) || b.source.length - a.source.length,
    )[0];
  }

  private async find(
    snapshotId: string,
    storeId: string | undefined,
    mayAskAgain: () => boolean,
  ): Promise<Found | undefined> {
    const found = findSnapshot(await this.list(), snapshotId, storeId);
    return found || !mayAskAgain() ? found : findSnapshot(await this.listAgain(), snapshotId, storeId);
  }

  private async relist(): Promise<ListResult> {
    const before = this.listing;
    const known = await before?.catch(() => undefined);
    // Asked for again meanwhile, and told of.
    if (this.listing !== before || !known) return this.list();
    this.listing = undefined;
    try {
      const now = await this.list();
      if (!isDeepStrictEqual(now, known)) this.changed.fire();
      return now;
    } catch (error) {
      this.changed.fire();
      throw error;
    }
  }

  dispose(): void {
    this.changed.dispose();
  }

  private async makeList(): Promise<ListResult> {
    const number = ++this.listings;
    // Who still waits for a list that has become old gets the new one: the store may have come back meanwhile.
    const newer = (): Promise<ListResult> | undefined => (number === this.listings ? undefined : this.listing);
    this.askedAt = this.now();
    let list: ListResult;
    try {
      list = await this.listDisk();
    } catch (error) {
      return newer() ?? this.fail(error);
    }
    return newer() ?? this.listed(list);
  }

  // The fingerprint first: what comes in between then counts as a change.
  private async listDisk(): Promise<ListResult> {
    const location = this.configuration.location();
    this.fingerprint = await storeFingerprint(location.root);
    const folders = this.configuration.folders().map(({ fsPath }) => fsPath);
    return this.engine.call('list', { location, all: true, folders }).catch(emptyIfNone);
  }

  private listed(list: ListResult): ListResult {
    this.listedAt = this.now();
    void setContextKey('phlb.location', hasSnapshots(list) ? 'reachable' : 'empty');
    const hadFailed = this.failed;
    this.failed = false;
    // Whoever was told of the failure may be another one than who has asked now.
    if (hadFailed) this.changed.fire();
    return list;
  }

  private fail(error: unknown): never {
    this.failed = true;
    this.listing = undefined;
    if (PhlbError.is(error, 'unreachable')) void setContextKey('phlb.location', 'unreachable');
    throw error;
  }
}

/**
 * The snapshot that one is compared with: the one before it in its source. Safety snapshots hold only what a restore has
 * replaced, and one whose record cannot be read cannot be compared: both are passed over.
 */
export function previousSnapshot({ snapshots }: SourceInfo, snapshot: SnapshotInfo): SnapshotInfo | undefined {
  const at = snapshots.findIndex(({ id }) => id === snapshot.id);
  return snapshots
    .slice(0, Math.max(at, 0))
    .findLast(({ kind, problem }) => kind === 'snapshot' && problem === undefined);
}

// Before the first backup there is no store. That is no failure: there just are no snapshots.
function emptyIfNone(error: unknown): ListResult {
  if (PhlbError.is(error, 'notFound')) return { storeId: '', sources: [] };
  throw error;
}

/** Else there is nothing that could be shown of it. */
export function hasSnapshots({ sources }: ListResult): boolean {
  return sources.some(({ snapshots }) => snapshots.length > 0);
}

interface Found {
  storeId: string;
  source: SourceInfo;
  snapshot: SnapshotInfo;
}

function findSnapshot({ storeId, sources }: ListResult, snapshotId: string, wanted = storeId): Found | undefined {
  if (storeId !== wanted) return undefined;
  for (const source of sources) {
    const snapshot = source.snapshots.find(candidate => candidate.id === snapshotId);
    if (snapshot) return { storeId, source, snapshot };
  }
  return undefined;
}

// `C:\work` becomes `/c:/work`, as in the address of the file of today.
function basePath(source: SourceInfo): string {
  const path = vscode.Uri.file(escapeName(source.source)).path.replace(/\/+$/, '');
  return path.replace(/^\/[A-Z]:/, drive => drive.toLowerCase());
}

function joinPath(base: string, path: string): string {
  return path === '' ? base || '/' : `${base}/${path}`;
}

function relativeTo(base: string, path: string): string | undefined {
  const trimmed = path.replace(/\/+$/, '');
  if (trimmed === base) return '';
  return trimmed.startsWith(`${base}/`) ? trimmed.slice(base.length + 1) : undefined;
}
