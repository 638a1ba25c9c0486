/** The history of one file, across renames and moves. */
import type { Context } from './threads/context.js';
import { PhlbError } from './words/errors.js';
import { fileHistory } from './index/file-history.js';
import { IndexedSource } from './index/queries.js';
import type { StoreLocation } from './words/model.js';
import { commandLineHint, phrase } from './words/phrase.js';
import { readIndex } from './index/read-index.js';
import { pathBelow } from './scan/snapshot-path.js';
import { openStoreToRead, readStoreFile, type Store } from './store/root.js';
import { nsToIso } from './words/times.js';

export interface VersionsRequest {
  location: StoreLocation;
  /** absolute path of today below a source of this host; the file may be gone by now */
  file: string;
}

/** One content of the file under one path. */
export interface FileVersion {
  /** id of the oldest snapshot that holds this version: when it came to be */
  snapshot: string;
  /** where it stood then, relative to the source */
  path: string;
  size: number;
  /** the file's own time, as that snapshot holds it */
  mtime: string;
  sha256: string;
}

export interface VersionsResult {
  /** newest first; never empty */
  versions: FileVersion[];
  /** ids of snapshots that could not be looked into, since their manifests cannot be read */
  unreadable: string[];
}

/**
 * Every distinct version of a file, following its content through renames and moves within the source. Where several
 * sources have the same path on this host, the versions in all of them.
 * @throws PhlbError `notFound` when the path lies in no source or no snapshot holds a file there; as `openStore`
 */
export async function versions(request: VersionsRequest, context: Context): Promise<VersionsResult> {
  const { file } = request;
  const store = openStoreToRead(request.location);
  const { names, path } = sourcesOf(store, file);
  return readIndex(store, context, (db, unreadable) => {
    const found = IndexedSource.all(db)
      .filter(source => names.has(source.name))
      .map(source => versionsIn(source, path));
    const merged = mergeNewestFirst(found);
    if (merged.length > 0) return { versions: merged.map(({ version }) => version), unreadable };
    throw new PhlbError('notFound', phrase`No snapshot holds a file of this name`, {
      path: file,
      hint: commandLineHint('find'),
    });
  });
}

interface Dated {
  version: FileVersion;
  /** when the snapshot was started */
  at: string;
}

function sourcesOf(store: Store, file: string): { names: Set<string>; path: string } {
  const around = (readStoreFile(store.layout)?.sources ?? []).flatMap(source => {
    const path = source.host === store.host ? pathBelow(source.path, file) : undefined;
    return path === undefined || path === '' ? [] : { source, path };
  });
  // The innermost source: the shortest way from it to the file.
  const path = around.reduce<string | undefined>(
    (best, one) => (best === undefined || one.path.length < best.length ? one.path : best),
    undefined,
  );
  if (path !== undefined) {
    return { path, names: new Set(around.filter(one => one.path === path).map(one => one.source.name)) };
  }
  throw new PhlbError('notFound', phrase`Not in a folder that was backed up from this computer`, {
    path: file,
    hint: commandLineHint('list'),
  });
}

function versionsIn(source: IndexedSource, path: string): Dated[] {
  const runs = fileHistory(source, path);
  // Of runs that differ in mode or time only, the oldest stands for the version.
  const oldest = runs.filter((run, at) => {
    const older = runs[at + 1];
    return older?.sha256 !== run.sha256 || older.path !== run.path;
  });
  return oldest.map(({ first, path: stood, size, mtime, sha256 }) => {
    const { id = '', startedAt = '' } = source.snapshots[first] ?? {};
    const time = nsToIso(BigInt(mtime) * 1000n);
    return { version: { snapshot: id, path: stood, size, mtime: time, sha256 }, at: startedAt };
  });
}

// Within a source the order of its snapshots stays, whatever the clock said.
function mergeNewestFirst(lists: Dated[][]): Dated[] {
  const waiting = lists.filter(list => list.length > 0).map(list => list.toReversed());
  const merged: Dated[] = [];
  while (waiting.length > 0) {
    const newest = waiting.reduce((best, list) => ((list.at(-1)?.at ?? '') > (best.at(-1)?.at ?? '') ? list : best));
    const next = newest.pop();
    if (next) merged.push(next);
    if (newest.length === 0) waiting.splice(waiting.indexOf(newest), 1);
  }
  return merged;
}
