/** What somebody who opens the search is most likely to look for: what was deleted or changed last. */
import type * as vscode from 'vscode';
import type { DiffResult } from '../../engine/diff.js';
import type { LostFile, LostResult } from '../../engine/lost.js';
import { PhlbError } from '../../engine/words/errors.js';
import type { SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import { relativeInside } from '../../engine/words/names.js';
import { isAtOrBelow, repositoryOf } from '../../engine/words/repositories.js';
import { previousSnapshot } from '../../host/catalog/catalog.js';
import { errorDetail, isCancelled } from '../../host/editor/error-text.js';
import type { Services } from '../../host/backup/services.js';
import type { CallOptions } from '../../worker/client.js';
import { findTodaysFile, kindToday } from '../snapshots/targets.js';

/** A folder of a source. */
interface Place {
  source: SourceInfo;
  /** relative to the source */
  folder: string;
}

/** A file that is another one, or new, in a snapshot. */
interface ChangedFile {
  source: SourceInfo;
  snapshot: SnapshotInfo;
  path: string;
  type: 'file' | 'link';
  isNew: boolean;
}

export interface Latest {
  lost: LostResult;
  /** that is still there, newest snapshot first */
  changed: ChangedFile[];
}

/** Snapshots of a source that are compared with the one before, until one has changes that somebody has made. */
const LOOKED_AT = 3;
const CHANGED_AT_MOST = 20;
/** Of one comparison: those of folders and metadata are passed over. */
const ASKED_FOR = 500;

/**
 * Of the open folders, where they have snapshots; else of all.
 * @param limits how many deleted files at most; whether only they are asked for
 */
export async function findLatest(
  services: Services,
  sources: readonly SourceInfo[],
  { deleted, onlyDeleted }: { deleted: number; onlyDeleted: boolean },
  call: CallOptions,
): Promise<Latest> {
  const { reader, configuration } = services;
  const open = openPlaces(sources, configuration.workspaceFolders());
  const folders = open.map(({ source, folder }) => ({ source: source.name, folder }));
  const request = { location: configuration.location(), limit: deleted, ...(open.length > 0 ? { folders } : {}) };
  const lost = await reader.call('lost', request, call);
  if (onlyDeleted) return { lost, changed: [] };
  const places = open.length > 0 ? open : sources.map(source => ({ source, folder: '' }));
  const changed: ChangedFile[] = [];
  for (const place of places) changed.push(...(await changedIn(services, place, call)));
  const newestFirst = changed.sort((a, b) => Date.parse(b.snapshot.startedAt) - Date.parse(a.snapshot.startedAt));
  return { lost, changed: await standing(newestFirst, lost.files) };
}

function openPlaces(sources: readonly SourceInfo[], folders: readonly vscode.Uri[]): Place[] {
  return folders.flatMap(({ fsPath }) => {
    const holders = sources.flatMap(source => {
      const folder = relativeInside(source.source, fsPath);
      return source.local && source.snapshots.length > 0 && folder !== undefined ? [{ source, folder }] : [];
    });
    // The innermost.
    return holders.sort((a, b) => b.source.source.length - a.source.source.length).slice(0, 1);
  });
}

async function changedIn(services: Services, { source, folder }: Place, call: CallOptions): Promise<ChangedFile[]> {
  let newer = source.snapshots.findLast(({ kind, problem }) => kind === 'snapshot' && problem === undefined);
  for (let looked = 0; newer && looked < LOOKED_AT; looked++) {
    const snapshot: SnapshotInfo = newer;
    const older: SnapshotInfo | undefined = previousSnapshot(source, snapshot);
    const result = older && (await compare(services, older, snapshot, call));
    const changed = (result?.changes ?? []).flatMap(({ path, change, type }): ChangedFile[] => {
      const isIn = folder === '' || isAtOrBelow(path, folder);
      const isFile = type === 'file' || type === 'link';
      const isChange = change === 'added' || change === 'modified' || change === 'moved';
      if (!isIn || !isFile || !isChange || repositoryOf(path) !== undefined) return [];
      return [{ source, snapshot, path, type, isNew: change === 'added' }];
    });
    if (changed.length > 0) return changed.slice(0, CHANGED_AT_MOST);
    newer = older;
  }
  return [];
}

// What cannot be compared is no reason to show nothing.
async function compare(
  { reader, configuration, log }: Services,
  older: SnapshotInfo,
  newer: SnapshotInfo,
  call: CallOptions,
): Promise<DiffResult | undefined> {
  const request = { location: configuration.location(), snapshot: older.id, other: newer.id };
  try {
    return await reader.call('diff', { ...request, repositoriesLast: true, limit: ASKED_FOR }, call);
  } catch (error) {
    if (isCancelled(error) || !PhlbError.is(error)) throw error;
    log.warn(`Comparing ${older.id} with ${newer.id}: ${errorDetail(error)}`);
    return undefined;
  }
}

async function standing(changed: readonly ChangedFile[], lost: readonly LostFile[]): Promise<ChangedFile[]> {
  const gone = new Set(lost.map(({ source, path }) => `${source}\0${path}`));
  const some = changed.filter(({ source, path }) => !gone.has(`${source.name}\0${path}`)).slice(0, CHANGED_AT_MOST);
  const stands = await Promise.all(
    some.map(async one => {
      const file = one.source.local ? findTodaysFile(one) : undefined;
      return !file || (await kindToday(file)) !== undefined;
    }),
  );
  return some.filter((_, index) => stands[index]);
}
