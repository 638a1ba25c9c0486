import { setTimeout as sleep } from 'node:timers/promises';
import type * as vscode from 'vscode';
import type { ListResult, SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import { dirname, join, pathKey } from '../../engine/words/names.js';
import { repositoryOf } from '../../engine/words/repositories.js';
import type { Services } from '../backup/services.js';
import { findInTree } from '../catalog/snapshot-tree.js';
import { finishedAt } from '../catalog/snapshot-times.js';
import { storeIdAt } from '../catalog/store-identity.js';
import type { BackedUpPaths } from './backed-up-paths.js';
import type { Happening, Paths } from './burst.js';
import { GitHeads } from './git-heads.js';

/** An event may come so much later than what it tells of. */
const DELAY_MS = 3000;
/** How long git may hold its index; what it leaves behind when it crashes says nothing. */
const GIT_MS = 60_000;
const GIT_POLL_MS = 500;
/** A safety snapshot is taken right before the restore that it is for. */
const RESTORE_MS = 10_000;
/** What has been told is news again after so long, though no snapshot has been taken since. */
const NEWS_MS = 10 * 60_000;
const CHANGES_AT_MOST = 20_000;

/** Files that were changed or deleted. */
export interface Losses {
  files: number;
  /** there may be more */
  more: boolean;
  /** the newest snapshot from before */
  before: SnapshotInfo;
}

export interface LossesQuestion {
  folder: vscode.Uri;
  happening: Happening;
  /** so many files are nobody's business */
  limit: number;
  /** whether the editor itself may have changed a path */
  isEditors: (path: string) => boolean;
  /** when losses in this folder were last told of; milliseconds since the epoch */
  toldAt: number | undefined;
  signal: AbortSignal;
}

/**
 * What was lost of the newest snapshot from before something happened: files with other contents by now, and files that are
 * gone. Neither what git has done, nor what it ignores (builds make that anew), nor what the editor has done counts.
 * `undefined`: not more than the limit, or known; `restored`: PHLB has done it.
 */
export async function lossesOf(
  services: Services,
  backedUp: BackedUpPaths,
  question: LossesQuestion,
): Promise<Losses | 'restored' | undefined> {
  const { catalog, configuration } = services;
  const { folder, happening, limit, isEditors, toldAt, signal } = question;
  const { root } = configuration.location();
  const paths = pathsOf(happening.paths, path => repositoryOf(path) === undefined && !isEditors(path));
  if (!mayBeMore(paths, limit) || (await storeIdAt(root)) === undefined) return undefined;
  const known = sourceOf(await catalog.list(), folder)?.snapshots.findLast(isWhole);
  if (!known || !(await holdsMore(known.path, paths, limit))) return undefined;

  const heads = new GitHeads(happening.began - DELAY_MS);
  const folders = new Set([...paths.keys()].map(path => dirname(path)));
  await untilGitIsDone(
    heads,
    [...folders].map(path => join(folder.fsPath, path)),
    signal,
  );
  const isGits = async (path: string): Promise<boolean> => heads.moved(join(folder.fsPath, dirname(path)));
  const left = await filtered(paths, async ([path]) => !(await isGits(path)));
  if (!mayBeMore(new Map(left), limit)) return undefined;

  const list = await catalog.listAgain();
  if (await hasRestored(root, list, happening.began)) return 'restored';
  const source = sourceOf(list, folder);
  if (!source || isKnown(source, toldAt)) return undefined;
  let worst: Losses | undefined;
  for (const before of await snapshotsBefore(root, source, happening.began)) {
    const { files, more } = await differing(services, before, new Map(left), signal);
    const unmoved = await filtered(files, async path => !isEditors(path) && !(await isGits(path)));
    const lost = await backedUp.withoutIgnored(folder, unmoved, signal);
    if (!worst || lost.length > worst.files) worst = { files: lost.length, more: more || happening.more, before };
  }
  return worst && worst.files > limit ? worst : undefined;
}

function pathsOf(paths: Paths, counts: (path: string) => boolean): Paths {
  return new Map([...paths].filter(([path]) => counts(path)));
}

// A folder that was deleted may have held any number of files, and is told of as one.
function mayBeMore(paths: Paths, limit: number): boolean {
  return paths.size > limit || [...paths.values()].includes(true);
}

function sourceOf({ sources }: ListResult, folder: vscode.Uri): SourceInfo | undefined {
  return sources.find(({ source, local }) => local && pathKey(source) === pathKey(folder.fsPath));
}

function isWhole({ kind, problem }: SnapshotInfo): boolean {
  return kind === 'snapshot' && problem === undefined;
}

// Nearly all that is created is new, and of what is new nothing is lost: no comparison is made for that.
async function holdsMore(tree: string, paths: Paths, limit: number): Promise<boolean> {
  const folders = new Map<string, boolean>();
  let files = 0;
  for (const [path, deleted] of paths) {
    const parent = dirname(path);
    let isThere = folders.get(parent);
    if (isThere === undefined) folders.set(parent, (isThere = (await findInTree(tree, parent))?.type === 'dir'));
    const found = isThere ? await findInTree(tree, path) : undefined;
    if (found?.type === 'dir') {
      if (deleted) return true;
    } else if (found && ++files > limit) return true;
  }
  return false;
}

async function untilGitIsDone(heads: GitHeads, folders: readonly string[], signal: AbortSignal): Promise<void> {
  const end = Date.now() + GIT_MS;
  while (Date.now() < end && (await heads.isBusy(folders))) await sleep(GIT_POLL_MS, undefined, { signal });
}

async function filtered<T>(items: Iterable<T>, counts: (item: T) => Promise<boolean>): Promise<T[]> {
  const found: T[] = [];
  for (const item of items) if (await counts(item)) found.push(item);
  return found;
}

async function hasRestored(root: string, { sources }: ListResult, began: number): Promise<boolean> {
  const safety = sources.flatMap(({ snapshots }) => snapshots.filter(({ kind }) => kind === 'safety').slice(-1));
  const times = await Promise.all(safety.map(snapshot => finishedAt(root, snapshot)));
  return times.some(time => time >= began - RESTORE_MS);
}

function isKnown({ snapshots }: SourceInfo, toldAt: number | undefined): boolean {
  if (toldAt === undefined || Date.now() - toldAt > NEWS_MS) return false;
  return !snapshots.some(snapshot => isWhole(snapshot) && Date.parse(snapshot.startedAt) > toldAt);
}

// The newest; and the one before it, where the newest may have some of it already, since an event comes later than the change.
async function snapshotsBefore(root: string, { snapshots }: SourceInfo, began: number): Promise<SnapshotInfo[]> {
  const found: SnapshotInfo[] = [];
  for (const snapshot of snapshots.filter(isWhole).toReversed()) {
    if (Date.parse(snapshot.startedAt) > began) continue;
    const finished = await finishedAt(root, snapshot);
    if (finished <= began) found.push(snapshot);
    if (found.length === 2 || (found.length === 1 && finished <= began - DELAY_MS)) break;
  }
  return found;
}

async function differing(
  { reader, configuration }: Services,
  before: SnapshotInfo,
  paths: Paths,
  signal: AbortSignal,
): Promise<{ files: string[]; more: boolean }> {
  const request = {
    ...{ location: configuration.location(), snapshot: before.id },
    ...{ repositoriesLast: true, limit: CHANGES_AT_MOST },
  };
  const { changes, counts } = await reader.call('diff', request, { signal });
  const files = changes.flatMap(({ path, change, type }) => {
    const isLost = (change === 'modified' || change === 'removed') && (type === 'file' || type === 'link');
    return isLost && repositoryOf(path) === undefined && isAtOrBelowAny(path, paths) ? [path] : [];
  });
  const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
  return { files, more: all > changes.length };
}

function isAtOrBelowAny(path: string, paths: Paths): boolean {
  for (let one = path; one !== ''; one = dirname(one)) if (paths.has(one)) return true;
  return false;
}
