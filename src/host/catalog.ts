import * as vscode from 'vscode';
import { SCHEME } from '../contributions.js';
import { PhlbError } from '../engine/errors.js';
import type { ListResult, SnapshotInfo, SourceInfo } from '../engine/model.js';
import { relativeInside } from '../engine/names.js';
import type { EngineClient } from '../worker/client.js';
import { setContextKey, type Configuration } from './configuration.js';
import { decodeKey, encodeKey, escapeName, unescapeName } from './snapshotAddress.js';

/** What a `phlb:` address names. */
export interface ResolvedPath {
  source: SourceInfo;
  snapshot: SnapshotInfo;
  /** relative to the source, `''` for the snapshot itself */
  path: string;
}

const RETRY_AFTER_MS = 2000;

/** The snapshots of the store, as last listed. Asks the engine when first needed and after `invalidate`. */
export class Catalog implements vscode.Disposable {
  private readonly changed = new vscode.EventEmitter<void>();
  /** the list may be another one now */
  readonly onDidChange = this.changed.event;

  private listing: Promise<ListResult> | undefined;
  private listedAt = 0;

  constructor(
    private readonly engine: EngineClient,
    private readonly configuration: Configuration,
  ) {}

  list(): Promise<ListResult> {
    if (this.listing) return this.listing;
    const listing = this.engine.call('list', { place: this.configuration.place() }).catch(emptyIfNone);
    this.listing = listing;
    this.listedAt = Date.now();
    listing.then(
      () => void setContextKey('phlb.location', 'reachable'),
      (error: unknown) => {
        if (this.listing === listing) this.listing = undefined;
        if (PhlbError.is(error, 'unreachable')) void setContextKey('phlb.location', 'unreachable');
      },
    );
    return listing;
  }

  /** Forgets the list, because something has changed it or may have. */
  invalidate(): void {
    this.listing = undefined;
    this.changed.fire();
  }

  /** Like `invalidate`, unless the list is younger than that. */
  invalidateOlderThan(milliseconds: number): void {
    if (this.listing && Date.now() - this.listedAt > milliseconds) this.invalidate();
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
    let found = findSnapshot(await this.list(), key.snapshotId, key.storeId);
    if (!found && Date.now() - this.listedAt > RETRY_AFTER_MS) {
      this.invalidate();
      found = findSnapshot(await this.list(), key.snapshotId, key.storeId);
    }
    if (!found) return undefined;
    const path = relativeTo(basePath(found.source), uri.path);
    return path === undefined ? undefined : { ...found, path: unescapeName(path) };
  }

  /** The address of a whole snapshot by its id (`documents/2016-01-07-085247`). */
  async snapshotAddress(snapshotId: string): Promise<vscode.Uri> {
    const list = await this.list();
    const found = findSnapshot(list, snapshotId);
    if (!found) throw new PhlbError('notFound', vscode.l10n.t('There is no snapshot {0}', snapshotId));
    return this.address(list.storeId, found.source, found.snapshot, '');
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

  dispose(): void {
    this.changed.dispose();
  }
}

// Before the first backup there is no store. That is no failure: there just are no snapshots.
function emptyIfNone(error: unknown): ListResult {
  if (PhlbError.is(error, 'notFound')) return { storeId: '', sources: [] };
  throw error;
}

function findSnapshot(
  list: ListResult,
  snapshotId: string,
  storeId = list.storeId,
): { source: SourceInfo; snapshot: SnapshotInfo } | undefined {
  if (list.storeId !== storeId) return undefined;
  for (const source of list.sources) {
    const snapshot = source.snapshots.find(candidate => candidate.id === snapshotId);
    if (snapshot) return { source, snapshot };
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
