/** What has changed between two snapshots, or between a snapshot and its source as it is now. */
import { compareManifests, countKinds, type Change, type ChangeKind } from './index/changes.js';
import type { Context } from './threads/context.js';
import { PhlbError } from './words/errors.js';
import { LeftOut } from './run/left-out.js';
import { openLiveSource, rulesOf } from './run/live-source.js';
import type { PathError, StoreLocation } from './words/model.js';
import { OnDisk } from './files/on-disk.js';
import { commandLineHint, phrase } from './words/phrase.js';
import { repositoryOf } from './words/repositories.js';
import { NO_RULES } from './scan/rules.js';
import { openSnapshot } from './store/open-snapshot.js';
import { snapshotId } from './store/layout.js';
import type { Entry } from './store/manifest.js';
import type { ManifestText } from './store/manifest-text.js';
import { openStoreToRead, type Store } from './store/root.js';

export interface DiffRequest {
  location: StoreLocation;
  /** the older side: id, `<name>/latest`, or the path of a tree on disk */
  snapshot: string;
  /** the newer side, likewise; default: the live source, looked at with the rules of `snapshot` */
  other?: string;
  /** changes in git repositories come after all others: a part of the changes then is of what people know */
  repositoriesLast?: boolean;
  /** how many changes are passed over */
  offset?: number;
  /** how many changes are returned at most; default: all */
  limit?: number;
}

export interface DiffResult {
  /** id of the older side */
  older: string;
  /** id of the newer side; `null`: the live source */
  newer: string | null;
  /** from the older to the newer side, sorted by path in byte order (or in two such parts, the second of repositories) */
  changes: Change[];
  /** of all changes, whatever part of them was asked for */
  counts: Record<ChangeKind, number>;
  /** what could not be read in the live source; such paths are told as `unstored` */
  errors: PathError[];
}

type Snapshot = Awaited<ReturnType<typeof openSnapshot>>;

/** The newer of two sides: what it holds, and what it may have left out of what the older one holds. */
interface NewerSide {
  id: string | null;
  manifest: ManifestText;
  isLeftOut: (entry: Entry) => boolean;
  errors: PathError[];
}

/**
 * Compares. Takes no lock and changes nothing, neither in the store nor in the source.
 * @throws PhlbError `notFound`, `damaged` for a snapshot that cannot be read, `usage` when the live source is another
 *   host's, `source` when it cannot be read, `cancelled`
 */
export async function diff(request: DiffRequest, context: Context): Promise<DiffResult> {
  const store = openStoreToRead(request.location);
  const older = await openSnapshot(store, request.snapshot);
  const newer =
    request.other === undefined
      ? await liveSide(store, older, context)
      : snapshotSide(await openSnapshot(store, request.other));
  const all = compare(older, newer);
  const changes = request.repositoriesLast ? repositoriesLast(all) : all;
  const from = request.offset ?? 0;
  return {
    older: snapshotId(older.id),
    newer: newer.id,
    changes: changes.slice(from, request.limit === undefined ? undefined : from + request.limit),
    counts: countKinds(changes),
    errors: newer.errors,
  };
}

function repositoriesLast(changes: Change[]): Change[] {
  const isOfRepository = ({ path }: Change): boolean => repositoryOf(path) !== undefined;
  return [...changes.filter(change => !isOfRepository(change)), ...changes.filter(isOfRepository)];
}

async function liveSide(store: Store, older: Snapshot, context: Context): Promise<NewerSide> {
  const { folder, manifest, errors } = await openLiveSource(store, older, context);
  const disk = new OnDisk(folder);
  return { id: null, manifest, errors, isLeftOut: ({ path }) => disk.has(path) ?? true };
}

function snapshotSide({ id, record, tree, manifest }: Snapshot): NewerSide {
  const leftOut = new LeftOut(rulesOf(record) ?? NO_RULES, record, tree, manifest);
  return { id: snapshotId(id), manifest, errors: [], isLeftOut: entry => leftOut.has(entry) };
}

function compare(older: Snapshot, newer: NewerSide): Change[] {
  try {
    return compareManifests(older.manifest, newer.manifest, newer.isLeftOut);
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    const path = newer.id === null ? snapshotId(older.id) : `${snapshotId(older.id)}, ${newer.id}`;
    throw new PhlbError('damaged', phrase`A manifest is not valid (${cause.message})`, {
      path,
      hint: commandLineHint('rehash'),
      cause,
    });
  }
}
