/** Finds out whether a folder without a history is one that had another path. */
import { access, readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { errno } from '../../engine/words/errors.js';
import type { SnapshotInfo, SourceInfo } from '../../engine/words/model.js';
import { nameOfPath, pathKey } from '../../engine/words/names.js';

/** That much of what lay at the top of the old folder has to be in the new one, by name. */
const ALIKE = 0.6;
/** One name in common, a README, says nothing. */
const NAMES_AT_LEAST = 2;
/** A drive that has gone away may never answer. */
const PATIENCE_MS = 1000;

/**
 * The source of this host whose folder is no longer where it was, and that looks most like a folder which has no source of its
 * own; `undefined`: none does, or it has one. The names at the top are compared: enough for a question.
 * @param folder absolute
 */
export async function movedSource(folder: string, sources: readonly SourceInfo[]): Promise<SourceInfo | undefined> {
  const local = sources.filter(source => source.local && source.source !== '');
  if (local.some(({ source }) => pathKey(source) === pathKey(folder))) return undefined;
  const names = new Set(await namesIn(folder));
  const candidates = await Promise.all(
    local.map(async source => ({ source, alike: (await isGone(source.source)) ? await likeness(source, names) : 0 })),
  );
  const likely = candidates.filter(({ alike }) => alike >= ALIKE);
  const sameName = (source: SourceInfo): number => Number(nameOfPath(source.source) === nameOfPath(folder));
  return likely.sort((a, b) => b.alike - a.alike || sameName(b.source) - sameName(a.source))[0]?.source;
}

/** The newest snapshot that can be gone on with. */
export function newestWhole({ snapshots }: SourceInfo): SnapshotInfo | undefined {
  return snapshots.findLast(({ kind, problem }) => kind === 'snapshot' && problem === undefined);
}

async function likeness(source: SourceInfo, names: ReadonlySet<string>): Promise<number> {
  const newest = newestWhole(source);
  const then = newest ? await namesIn(newest.path) : [];
  const common = then.filter(name => names.has(name)).length;
  return common < NAMES_AT_LEAST ? 0 : common / then.length;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errno(error) === undefined) throw error;
    return [];
  }
}

// What cannot be looked at is not known to be gone.
async function isGone(path: string): Promise<boolean> {
  const gone = access(path).then(
    () => false,
    (error: unknown) => errno(error) === 'ENOENT',
  );
  return Promise.race([gone, sleep(PATIENCE_MS, false, { ref: false })]);
}
