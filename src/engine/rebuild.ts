/** Making again what can be made again: the index from the manifests, manifests and records from the trees. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { adoptedKind } from './store/adopted.js';
import { afterwards } from './files/afterwards.js';
import type { Context } from './threads/context.js';
import { isCancelled } from './words/call.js';
import { passAllButRefusals, PhlbError, reason } from './words/errors.js';
import { removeDatabase } from './index/database.js';
import { removeContents } from './index/store-contents.js';
import { StoreIndex } from './index/store-index.js';
import type { PathError, StoreLocation } from './words/model.js';
import { dirname } from './words/names.js';
import { phrase, textOf } from './words/phrase.js';
import { Rehasher } from './verify/rehash.js';
import { markOf } from './restore/safety.js';
import { DEFAULT_RULES, NO_RULES } from './scan/rules.js';
import { syncDirectory } from './files/durable.js';
import { snapshotId, type Layout } from './store/layout.js';
import type { StoreLock } from './store/lock.js';
import { makeFolder } from './files/make-folder.js';
import { readManifest } from './store/manifest-file.js';
import { readSnapshots, sourceFolders, writeRecord, type SnapshotRecord, type StoredSnapshot } from './store/record.js';
import { remove } from './files/remove.js';
import { rename } from './files/rename.js';
import { findRestoreNote } from './store/restore-note.js';
import { openOrRefoundStore, openStore, updateStoreFile, type Store } from './store/root.js';
import { isFull, itemError } from './files/store-error.js';
import { stampTime } from './words/times.js';
import { withLock } from './store/with-lock.js';

export interface RebuildRequest {
  location: StoreLocation;
  /** also the manifests and records that are missing or cannot be read, and `store.json` */
  rehash?: boolean;
}

export interface RebuildResult {
  /** in the index now */
  snapshots: number;
  /** versions of paths in the index now */
  entries: number;
  /** what could not be read; paths are `NAME/STAMP` or `NAME/STAMP/PATH` */
  errors: PathError[];
  /** further things worth telling, one sentence each */
  notes: string[];
}

/**
 * Rebuilds the index and, with `rehash`, what it is built from. Trees are only read. A rehash takes in the trees of a
 * PyHardLinkBackup too, and founds a store around them.
 * @throws PhlbError `notFound`, `unreachable`, `store`, `cancelled`
 */
export async function rebuild(request: RebuildRequest, context: Context): Promise<RebuildResult> {
  const { location, rehash = false } = request;
  const store = rehash ? openOrRefoundStore(location) : openStore(location);
  return withLock(store, context, async (lock, notes) => {
    const errors: PathError[] = [];
    if (rehash) {
      const rebuilder = new ManifestRebuilder(store, lock, context, errors, notes);
      try {
        for (const name of sourceFolders(store.layout)) await eachOf(errors, name, () => rebuilder.source(name));
      } catch (error) {
        if (isFull(error)) rebuilder.takeBack();
        throw error;
      }
      registerSources(store);
    }
    const { snapshots, entries } = await rebuildIndex(store, lock, context, errors);
    return { snapshots, entries, errors, notes };
  });
}

// One item that fails is named, and the rest goes on.
async function eachOf(errors: PathError[], item: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    errors.push(itemError(item, error));
  }
}

async function rebuildIndex(
  store: Store,
  lock: StoreLock,
  context: Context,
  errors: PathError[],
): Promise<{ snapshots: number; entries: number }> {
  context.onProgress({ phase: 'indexing', files: 0, bytes: 0 });
  removeDatabase(store.location.index, store.id);
  removeContents(store.location.index, store.id);
  const index = await StoreIndex.open(store);
  try {
    for (const id of await index.synchronise()) {
      const message = 'The manifest cannot be read; rebuild --rehash rebuilds it';
      if (!errors.some(e => e.path === id)) errors.push({ path: id, code: 'damaged', message });
    }
    for (const { id, problem } of allSnapshots(store.layout)) {
      if (problem !== undefined) errors.push({ path: snapshotId(id), code: 'damaged', message: textOf(problem) });
    }
    lock.check();
    save(index, store);
    return index.size();
  } finally {
    index.close();
  }
}

function save(index: StoreIndex, { location }: Store): void {
  try {
    index.save();
  } catch (error) {
    passAllButRefusals(error);
    throw new PhlbError('store', phrase`The index cannot be written (${reason(error)})`, {
      path: location.index,
      hint: isFull(error)
        ? phrase`free some space on its disk, then try again; the snapshots are whole`
        : phrase`the snapshots are whole`,
      cause: error,
    });
  }
}

/** Makes manifests and records for trees that have none that can be read. */
class ManifestRebuilder {
  private readonly rehasher: Rehasher;
  /** files, and the folders that they are in, that were not there */
  private readonly made: string[] = [];

  constructor(
    private readonly store: Store,
    private readonly lock: StoreLock,
    private readonly context: Context,
    private readonly errors: PathError[],
    private readonly notes: string[],
  ) {
    this.rehasher = new Rehasher(context);
  }

  async source(name: string): Promise<void> {
    // By time, so that a tree without a record finds its place after the one before it.
    const snapshots = readSnapshots(this.store.layout, name).sort((a, b) => (startOf(a) < startOf(b) ? -1 : 1));
    let sequence = 0;
    for (const snapshot of snapshots) {
      if (isCancelled(this.context)) throw PhlbError.cancelled();
      await eachOf(this.errors, snapshotId(snapshot.id), async () => {
        if (snapshot.record && (await this.hasManifest(snapshot))) sequence = snapshot.record.sequence;
        else sequence = await this.rehash(snapshot, sequence);
      });
    }
  }

  /** Out of room: gives back what was taken. What replaced something that could not be read has taken none. */
  takeBack(): void {
    for (const path of this.made.reverse()) remove(path);
  }

  private async hasManifest({ id }: StoredSnapshot): Promise<boolean> {
    try {
      // Reading every line finds nonsense in any of them, and a name that stands twice in its folder.
      let names = new Set<string>();
      let folder: string | undefined;
      for (const { path } of (await readManifest(this.store.layout.manifest(id))).entries()) {
        if (dirname(path) !== folder) names = new Set();
        folder = dirname(path);
        if (names.has(path)) return false;
        names.add(path);
      }
      return true;
    } catch (error) {
      if (PhlbError.is(error, 'damaged')) return false;
      throw error;
    }
  }

  private async rehash(snapshot: StoredSnapshot, before: number): Promise<number> {
    const { layout, host } = this.store;
    const { id, record: known } = snapshot;
    const kind = known ? (known.adopted ?? null) : adoptedKind(layout, id);
    const note = known ? undefined : findRestoreNote(layout, id);
    const folder = join(layout.partial, `${this.lock.token}-rehash`);
    makeFolder(folder);
    try {
      const scratchFile = join(folder, 'manifest.mtree.gz');
      const { counts, errors } = await this.rehasher.write(layout.tree(id), kind, scratchFile);
      for (const error of errors) this.errors.push({ ...error, path: `${snapshotId(id)}/${error.path}` });
      const startedAt = startOf(snapshot);
      const record: SnapshotRecord = {
        ...(known ?? {
          ...{ format: 1, kind: 'snapshot', name: id.name, source: '', host, startedAt, finishedAt: startedAt },
          ...{ sequence: before, scanStart: '0', rules: NO_RULES, changedFiles: 0, label: null, pinned: false },
          ...(kind === null ? {} : { adopted: kind }),
          // The note beside it says that it was a restore's: else it would be taken for all that there was.
          ...(note ? { kind: 'safety', source: note.target, restore: markOf(note) } : {}),
        }),
        counts,
        errors,
        errorCount: errors.length,
        rehashed: true,
        revision: (known?.revision ?? 0) + 1,
      };
      this.lock.check();
      const manifests = join(layout.manifests, id.name);
      this.made.push(...[manifests, layout.manifest(id), layout.record(id)].filter(path => !existsSync(path)));
      makeFolder(manifests);
      rename(scratchFile, layout.manifest(id));
      syncDirectory(manifests);
      writeRecord(layout, id, record);
      return record.sequence;
    } finally {
      await afterwards(this.notes, `What was put aside is still there: ${folder}`, () => remove(folder));
    }
  }
}

// A store whose `store.json` was lost learns its sources from the records; what no record names waits for its source.
function registerSources(store: Store): void {
  updateStoreFile(store.layout, file => {
    for (const name of sourceFolders(store.layout)) {
      if (file.sources.some(s => s.name === name)) continue;
      const snapshots = readSnapshots(store.layout, name);
      if (snapshots.length === 0) continue;
      const known = snapshots.findLast(s => s.record && s.record.source !== '')?.record;
      file.sources.push({
        name,
        host: known?.host ?? '',
        path: known?.source ?? '',
        rules: known && !known.rehashed ? known.rules : DEFAULT_RULES,
        unstableInodes: false,
      });
    }
  });
}

function allSnapshots(layout: Layout): StoredSnapshot[] {
  return sourceFolders(layout).flatMap(name => readSnapshots(layout, name));
}

function startOf({ record, id }: StoredSnapshot): string {
  return record?.startedAt ?? stampTime(id.stamp).toISOString();
}
