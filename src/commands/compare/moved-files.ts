import type { StoreLocation, SnapshotInfo } from '../../engine/words/model.js';
import { PhlbError } from '../../engine/words/errors.js';
import { previousSnapshot, type ResolvedPath } from '../../host/catalog/catalog.js';
import { findInTree } from '../../host/catalog/snapshot-tree.js';
import type { CallOptions, EngineClient } from '../../worker/client.js';
import { findTodaysFile, kindToday, todaysPath } from '../snapshots/targets.js';

/** Where a file stood in a snapshot. */
export interface PastFile {
  snapshot: SnapshotInfo;
  path: string;
}

/** Finds files again under other names. */
export class MovedFiles {
  constructor(
    private readonly reader: EngineClient,
    private readonly location: () => StoreLocation,
  ) {}

  /** The snapshot before, and where the file stood there; without a path, it was not there. */
  async before({ source, snapshot, path }: ResolvedPath): Promise<Partial<PastFile>> {
    const before = previousSnapshot(source, snapshot);
    if (!before) return {};
    if (await isFile(before, path)) return { snapshot: before, path };
    const request = { location: this.location(), snapshot: before.id, other: snapshot.id };
    const { changes } = await this.reader.call('diff', request);
    const from = changes.find(change => change.change === 'moved' && change.path === path)?.from;
    return from === undefined ? { snapshot: before } : { snapshot: before, path: from };
  }

  /**
   * Where a past file that is gone from its place stands today, relative to the source: under the names that later
   * snapshots know, or the one that it got since the last of them. `undefined`: nowhere.
   */
  async today(found: ResolvedPath, call: CallOptions): Promise<string | undefined> {
    const { source, path } = found;
    const names = [...(await this.laterNames(found, call)), path];
    for (const name of names) {
      if (await isThere({ source, path: name })) return name;
    }
    const last = await newestPastFile(found, names);
    const request = { location: this.location(), snapshot: last.snapshot.id };
    const { changes } = await this.reader.call('diff', request, call);
    return changes.find(({ change, from }) => change === 'moved' && from === last.path)?.path;
  }

  /** Under which name each snapshot may hold a file, as far as the index knows it, by the id of the first that does. */
  async names(file: Pick<ResolvedPath, 'source' | 'path'>, call: CallOptions = {}): Promise<Map<string, string>> {
    if (!file.source.local) return new Map();
    try {
      const { versions } = await this.reader.call(
        'versions',
        { location: this.location(), file: todaysPath(file) },
        call,
      );
      return new Map(versions.map(version => [version.snapshot, version.path]));
    } catch (error) {
      if (PhlbError.is(error, 'notFound')) return new Map();
      throw error;
    }
  }

  // Newest first. What came before its own name are other names of its past, which may be other files by now.
  private async laterNames(found: ResolvedPath, call: CallOptions): Promise<string[]> {
    const names = [...(await this.names(found, call)).values()];
    return [...new Set(names.slice(0, Math.max(names.indexOf(found.path), 0)))];
  }
}

async function newestPastFile(found: ResolvedPath, names: readonly string[]): Promise<PastFile> {
  for (const snapshot of found.source.snapshots.toReversed()) {
    if (snapshot.kind !== 'snapshot') continue;
    for (const path of names) if (await isFile(snapshot, path)) return { snapshot, path };
  }
  return found;
}

async function isFile(snapshot: SnapshotInfo, path: string): Promise<boolean> {
  const stat = await findInTree(snapshot.path, path);
  return stat !== undefined && stat.type !== 'dir';
}

async function isThere(file: Pick<ResolvedPath, 'source' | 'path'>): Promise<boolean> {
  const uri = findTodaysFile(file);
  const kind = uri && (await kindToday(uri));
  return kind !== undefined && kind !== 'folder';
}
