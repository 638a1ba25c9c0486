/** A restic repository that holds copies of PHLB's snapshots. */
import { compareNames } from '../words/names.js';
import { snapshotId, type SnapshotName } from '../store/layout.js';
import { isAboutRepository, NO_REPOSITORY, type Restic } from './restic.js';
import { META_TAG, PHLB_TAG, snapshotOf, storeOf } from './tags.js';

/** A restic snapshot that is the copy of one of PHLB's. */
export interface Copy {
  /** restic's id */
  restic: string;
  id: SnapshotName;
  /** when PHLB's was taken, ISO-8601 UTC */
  time: string;
  /** when the copy was made, by the clock of who made it; `''`: not known */
  made: string;
}

/** A list of sources with all manifests and records. */
interface Meta {
  restic: string;
  made: string;
}

/** What a repository holds of one store. */
export interface Copies {
  /** by PHLB's id; of several of one snapshot the last one */
  trees: Map<string, Copy>;
  /** newest first */
  metas: Meta[];
  /** when the last tree was copied, by the clock of who did it; `null`: there is none */
  last: string | null;
}

/** Asks the repository once. @returns by id of the store */
export async function readCopies(restic: Restic): Promise<Map<string, Copies>> {
  const answer = await restic.ask(['snapshots', '--no-lock', '--tag', PHLB_TAG]);
  const stores = new Map<string, Copies>();
  if (!Array.isArray(answer)) return stores;
  const snapshots = (answer as unknown[]).flatMap(value => check(value) ?? []);
  // What was made last counts; the clocks of several machines may disagree, and then any of them is as good.
  snapshots.sort((a, b) => compareNames(a.made, b.made));
  for (const { restic: at, store, time, made, id } of snapshots) {
    const copies = stores.get(store) ?? noCopies();
    stores.set(store, copies);
    if (id) {
      copies.trees.set(snapshotId(id), { restic: at, id, time, made });
      if (made !== '') copies.last = made;
    } else copies.metas.unshift({ restic: at, made });
  }
  return stores;
}

/** The names of the sources of which there are copies, sorted. */
export function sourcesOf({ trees }: Copies): string[] {
  return [...new Set([...trees.values()].map(({ id }) => id.name))].toSorted();
}

export function noCopies(): Copies {
  return { trees: new Map(), metas: [], last: null };
}

/** What the repository takes, bytes; `null` where it cannot be told. */
export async function repositorySize(restic: Restic): Promise<number | null> {
  try {
    const answer = await restic.ask(['stats', '--no-lock', '--mode', 'raw-data']);
    const size: unknown = typeof answer === 'object' && answer !== null ? (answer as SizeAnswer).total_size : undefined;
    return typeof size === 'number' && Number.isSafeInteger(size) ? size : null;
  } catch (error) {
    if (!isAboutRepository(error)) throw error;
    return null;
  }
}

interface SizeAnswer {
  total_size?: unknown;
}

interface CheckedSnapshot {
  restic: string;
  store: string;
  time: string;
  made: string;
  /** `undefined`: a list */
  id: SnapshotName | undefined;
}

// What anybody may have put there is no snapshot of PHLB's.
function check(value: unknown): CheckedSnapshot | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, hostname, time, tags, summary } = value as Record<string, unknown>;
  const store = typeof hostname === 'string' ? storeOf(hostname) : undefined;
  if (typeof id !== 'string' || !/^[0-9a-f]{64}$/.test(id) || store === undefined || !Array.isArray(tags))
    return undefined;
  const texts = (tags as unknown[]).filter(tag => typeof tag === 'string');
  const name = texts.flatMap(tag => snapshotOf(tag) ?? [])[0];
  if (!name && !texts.includes(META_TAG)) return undefined;
  const end: unknown = typeof summary === 'object' && summary !== null ? (summary as Ended).backup_end : undefined;
  return { restic: id, store, time: isoTime(time), made: isoTime(end) || isoTime(time), id: name };
}

interface Ended {
  backup_end?: unknown;
}

function isoTime(text: unknown): string {
  const time = typeof text === 'string' && text.length <= 60 ? Date.parse(text) : NaN;
  return Number.isNaN(time) ? '' : new Date(time).toISOString();
}

/**
 * Makes a repository.
 * @returns whether it was made; else there was one, which this password opens
 * @throws PhlbError `offsite`
 */
export async function makeRepository(restic: Restic): Promise<boolean> {
  const { status } = await restic.run(['cat', 'config', '--no-lock'], { accepts: [NO_REPOSITORY] });
  if (status === NO_REPOSITORY) await restic.run(['init']);
  return status === NO_REPOSITORY;
}
