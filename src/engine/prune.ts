/** Thinning sources out by retention rules. */
import type { Context } from './threads/context.js';
import { measureFreed, removeSnapshots } from './threads/remove-snapshots.js';
import type { PathError, StoreLocation } from './words/model.js';
import { candidate } from './store/retention-candidate.js';
import { applyRetention, type KeepReason, type RetentionRules } from './words/retention.js';
import { snapshotId, type SnapshotName } from './store/layout.js';
import { refuseLinks } from './store/own-folders.js';
import { readSnapshots, sourceFolders } from './store/record.js';
import { openStoreToRead, noSource, openStore, readStoreFile, type Store } from './store/root.js';
import { itemError } from './files/store-error.js';
import { withLock } from './store/with-lock.js';

export interface PruneRequest {
  location: StoreLocation;
  /** of one source; default: of each */
  name?: string;
  /** without any, nothing is deleted */
  rules: RetentionRules;
  /** only look: the result is what the real run would give */
  dryRun?: boolean;
}

export interface PruneResult {
  sources: PrunedSource[];
  /** contents whose last name went, in bytes */
  freedBytes: number;
  /** snapshots that could not be deleted, by their ids, and sources that could not be looked at, by their names */
  errors: PathError[];
  /** further things worth telling, one sentence each */
  notes: string[];
}

/** One source's snapshots, oldest first. */
export interface PrunedSource {
  name: string;
  /** without safety snapshots, which no rule keeps */
  kept: { id: string; startedAt: string; reasons: KeepReason[] }[];
  /** with the safety snapshots that have outlived their use */
  deleted: { id: string; startedAt: string }[];
}

interface Plan {
  sources: PrunedSource[];
  victims: SnapshotName[];
  errors: PathError[];
}

/**
 * Deletes what no rule keeps. What cannot be deleted is in the result's errors, and the rest goes on. A dry run needs no lock and changes nothing.
 * @throws PhlbError `notFound` for a name that no source has; `store`; `cancelled` between two snapshots
 */
export async function prune(request: PruneRequest, context: Context): Promise<PruneResult> {
  if (request.dryRun) {
    const store = openStoreToRead(request.location, true);
    const { sources, victims, errors } = plan(store, request);
    return { sources, freedBytes: await measureFreed(store.layout, victims, context), errors, notes: [] };
  }
  const store = openStore(request.location);
  return withLock(store, context, async (lock, notes) => {
    const { sources, victims, errors } = plan(store, request);
    const removal = await removeSnapshots(store, lock, victims, { context, notes });
    const gone = new Set(removal.removed.map(snapshotId));
    for (const source of sources) source.deleted = source.deleted.filter(({ id }) => gone.has(id));
    return { sources, freedBytes: removal.freedBytes, errors: [...errors, ...removal.errors], notes };
  });
}

function plan(store: Store, request: PruneRequest): Plan {
  const now = new Date();
  const victims: SnapshotName[] = [];
  const errors: PathError[] = [];
  const sources = sourceNames(store, request.name).map(name => {
    const pruned: PrunedSource = { name, kept: [], deleted: [] };
    const snapshots = candidates(store, name, errors);
    for (const { snapshot, goes, reasons } of applyRetention(snapshots, request.rules, now)) {
      const { id, startedAt, stored, kind } = snapshot;
      if (goes) {
        victims.push(stored.id);
        pruned.deleted.push({ id, startedAt });
      } else if (kind === 'snapshot') pruned.kept.push({ id, startedAt, reasons });
    }
    return pruned;
  });
  return { sources: sources.filter(({ kept, deleted }) => kept.length + deleted.length > 0), victims, errors };
}

function candidates(store: Store, name: string, errors: PathError[]): ReturnType<typeof candidate>[] {
  try {
    return readSnapshots(store.layout, name).map(candidate);
  } catch (error) {
    errors.push(itemError(name, error));
    return [];
  }
}

// A folder that is a link is no source; asked for by name, it is refused rather than passed over.
function sourceNames(store: Store, name: string | undefined): string[] {
  const folders = sourceFolders(store.layout).sort();
  if (name === undefined) return folders;
  const registered = readStoreFile(store.layout)?.sources.some(entry => entry.name === name) ?? false;
  if (!registered && !folders.includes(name)) {
    throw noSource(store.layout, name);
  }
  refuseLinks(store.layout, name);
  return [name];
}
