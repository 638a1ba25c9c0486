/**
 * One backup: lock, choose the source, read the last manifest, write the tree, publish, tell the index.
 * The work itself is in `write-tree.ts` and, on the threads, in `scan/directory.ts` and `transfer/executor.ts`.
 */
import { existsSync, realpathSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { isAbsolute } from 'node:path';
import { isCancelled, type Context } from './context.js';
import { PhlbError, reason } from './errors.js';
import { StoreIndex } from './index/store-index.js';
import type { BackupRequest, BackupResult, Rules, SnapshotKind } from './model.js';
import { fsPath, relativeInside } from './names.js';
import { leftovers, offerLeftovers, removeLeftovers } from './salvage.js';
import { entryOf } from './scan/directory.js';
import { DEFAULT_RULES, NO_RULES } from './scan/rules.js';
import { probe, type Capabilities } from './store/capabilities.js';
import { Layout, snapshotId } from './store/layout.js';
import { acquireLock, type StoreLock } from './store/lock.js';
import { formatEntry } from './store/manifest.js';
import { ManifestWriter, readManifest, type ManifestText } from './store/manifest-file.js';
import { makeDraft, publish, type Draft } from './store/publish.js';
import { readSnapshots, sourceFolders, type SnapshotRecord, type StoredSnapshot } from './store/record.js';
import { openOrFoundStore, readStoreFile, updateStoreFile, type SourceEntry, type Store } from './store/root.js';
import { chooseSource } from './store/sources.js';
import type { RunSetup } from './transfer/jobs.js';
import { Placement } from './transfer/placement.js';
import { writeTree, type TreeResult } from './write-tree.js';

/** A file changed this long (ns) before a run began may have been changed again in the same tick of its clock. */
const RACY_NS = 2_000_000_000n;

/**
 * Takes one snapshot of one folder.
 * @throws PhlbError `source` when the folder cannot be read, `usage`, `unreachable`, `store`, `lockLost`, `cancelled`.
 *   Whatever is thrown, published snapshots are whole and nothing half is published.
 */
export async function backup(request: BackupRequest, context: Context): Promise<BackupResult> {
  const root = sourceStat(request.source);
  if (request.dryRun && !existsSync(new Layout(request.place.root).storeFile)) return dryFirst(request, root, context);
  const store = openOrFoundStore(request.place, request.init ?? false);
  return withLock(store, context, async (lock, notes) => {
    const source = settleSource(store, request);
    const run = await prepare(store, source, request, root, context, notes);
    if (request.dryRun || (request.skipUnchanged && run.previous)) {
      const seen = await compare(run, request.dryRun === true);
      if (request.dryRun || !seen.changed) return result(run, seen, null);
    }
    return takeSnapshot(run, lock);
  });
}

/** What a safety snapshot is of. */
export interface SafetyRequest {
  store: Store;
  lock: StoreLock;
  /** the folder that is about to be written into */
  source: string;
  name: string;
  /** relative paths, with all their parents */
  paths: string[];
}

/** Publishes exactly these paths, whatever the rules say, before something writes over them. Returns the snapshot's id. */
export async function takeSafetySnapshot(request: SafetyRequest, context: Context): Promise<string> {
  const { store, lock, source, name } = request;
  const entry: SourceEntry = { name, host: store.host, path: source, rules: NO_RULES, unstableInodes: false };
  const run = await prepare(store, entry, { place: store.place, source }, sourceStat(source), context, []);
  run.kind = 'safety';
  run.only = request.paths;
  run.previous = null;
  const { id, errors } = await takeSnapshot(run, lock);
  const first = errors[0];
  if (first || id === null) {
    throw new PhlbError(
      'source',
      `What would be overwritten cannot be saved first (${first?.message ?? 'nothing stored'})`,
      {
        path: first?.path ?? source,
        hint: 'nothing was changed',
      },
    );
  }
  return id;
}

/** All that one run knows. */
interface Run {
  store: Store;
  request: BackupRequest;
  context: Context;
  source: SourceEntry;
  root: BigIntStats;
  startedAt: Date;
  kind: SnapshotKind;
  only: string[] | null;
  sequence: number;
  previous: { snapshot: StoredSnapshot; record: SnapshotRecord; manifest: ManifestText } | null;
  /** the store holds snapshots, so contents may be found */
  anySnapshots: boolean;
  able: Capabilities;
  notes: string[];
}

/** Runs an operation under the store's lock. */
export async function withLock<T>(
  store: Store,
  context: Context,
  operate: (lock: StoreLock, notes: string[]) => Promise<T>,
): Promise<T> {
  const notes: string[] = [];
  const lock = await acquireLock(store.layout.lock, store.host, {
    cancelled: () => isCancelled(context),
    onWait: detail => context.onProgress({ phase: 'waiting', files: 0, bytes: 0, detail }),
    onTakeover: detail => notes.push(`Took over the lock of a run that had ended: ${detail}`),
  });
  try {
    return await operate(lock, notes);
  } finally {
    lock.release();
  }
}

async function prepare(
  store: Store,
  source: SourceEntry,
  request: BackupRequest,
  root: BigIntStats,
  context: Context,
  notes: string[],
): Promise<Run> {
  const snapshots = readSnapshots(store.layout, source.name);
  const base = snapshots.findLast(s => s.record?.kind === 'snapshot');
  const able = probe(store.layout.partial);
  if (!able.hardlinks) notes.push('The backup location has no hardlinks: every snapshot is a full copy there');
  let previous: Run['previous'] = null;
  if (base?.record) {
    try {
      previous = { snapshot: base, record: base.record, manifest: await readManifest(store.layout.manifest(base.id)) };
    } catch (error) {
      if (!PhlbError.is(error, 'damaged')) throw error;
      notes.push(`The last manifest could not be read, so every file was: ${snapshotId(base.id)}`);
    }
  }
  return {
    store,
    request,
    context,
    source,
    root,
    startedAt: new Date(),
    kind: 'snapshot',
    only: null,
    sequence: Math.max(0, ...snapshots.map(s => s.record?.sequence ?? 0)) + 1,
    previous,
    anySnapshots: snapshots.length > 0 || sourceFolders(store.layout).length > 0,
    able,
    notes,
  };
}

async function takeSnapshot(run: Run, lock: StoreLock): Promise<BackupResult> {
  const { store, context } = run;
  const dead = leftovers(store.layout);
  const draft = makeDraft(store.layout, lock.token);
  let index: StoreIndex | undefined;
  const openIndex = async (): Promise<StoreIndex> => {
    if (!index) {
      index = await StoreIndex.open(store);
      await index.synchronise();
    }
    return index;
  };
  try {
    const placement = new Placement(draft.tree, async () => {
      if (!run.anySnapshots) return () => [];
      const opened = await openIndex();
      return (sha256, bits) => opened.findContent(sha256, bits);
    });
    await setUp(run, draft.tree);
    if (dead.length > 0) {
      context.onProgress({ phase: 'salvaging', files: 0, bytes: 0 });
      await offerLeftovers(dead, context.pool(), placement, context.cancel);
    }
    const written = await writeManifest(run, draft, placement);
    context.onProgress({ phase: 'flushing', files: written.counts.files, bytes: written.counts.bytes });
    const record = recordOf(run, written);
    const id = await publish(store.layout, lock, draft, record);
    removeLeftovers(dead);
    noteInodes(run, written);
    if ((index || !run.previous) && run.kind === 'snapshot') await tellIndex(run, lock, await openIndex(), written);
    else index?.save();
    return { ...result(run, written, record), id: snapshotId(id), path: store.layout.tree(id), published: true };
  } finally {
    index?.close();
  }
}

async function writeManifest(run: Run, draft: Draft, placement: Placement): Promise<TreeResult> {
  const { context } = run;
  const manifest = new ManifestWriter(draft.manifest);
  const rootEntry = entryOf('', run.root);
  manifest.text(formatEntry(rootEntry) + '\n');
  const written = await writeTree({ ...treeRequest(run), placement, manifest, stopAtChange: false });
  await manifest.close();
  await context
    .pool()
    .threads[0]?.run('finish', [{ path: '', mode: rootEntry.mode, mtime: Number(rootEntry.mtime / 1000n) }]);
  return written;
}

// Only looks: what would change.
async function compare(run: Run, whole: boolean): Promise<TreeResult> {
  await setUp(run, null);
  const seen = await writeTree({ ...treeRequest(run), placement: null, manifest: null, stopAtChange: !whole });
  if (run.previous && run.previous.manifest.rootLine !== formatEntry(entryOf('', run.root))) seen.changed = true;
  return seen;
}

function treeRequest(run: Run): Omit<Parameters<typeof writeTree>[0], 'placement' | 'manifest' | 'stopAtChange'> {
  const { context, previous } = run;
  return {
    pool: context.pool(),
    previous: previous && { id: snapshotId(previous.snapshot.id), manifest: previous.manifest },
    device: run.root.dev,
    trustCtime: process.platform !== 'win32',
    onProgress: context.onProgress,
    cancelled: () => isCancelled(context),
  };
}

async function setUp(run: Run, tree: string | null): Promise<void> {
  const { previous, store, request, source, context } = run;
  const setup: RunSetup = {
    source: request.source,
    tree,
    previous: previous && {
      tree: store.layout.tree(previous.snapshot.id),
      id: snapshotId(previous.snapshot.id),
      manifest: previous.manifest.bytes.buffer as SharedArrayBuffer,
    },
    rules: source.rules,
    leaveOut: rootInside(request.source, store.layout.root),
    only: run.only,
    device: run.root.dev,
    racyFrom: previous ? BigInt(previous.record.scanStart) - RACY_NS : 0n,
    trustCtime: process.platform !== 'win32',
    trustInode: !source.unstableInodes,
    checksum: request.checksum ?? false,
    hardlinks: run.able.hardlinks,
    protectFiles: request.protectFiles ?? true,
    cancel: context.cancel,
  };
  await Promise.all(context.pool().threads.map(thread => thread.run('setup', setup)));
}

async function tellIndex(run: Run, lock: StoreLock, index: StoreIndex, written: TreeResult): Promise<void> {
  const { files, bytes } = written.counts;
  run.context.onProgress({ phase: 'indexing', files, bytes });
  // The new snapshot stands on disk: it is taken in like any other that the index does not know.
  await index.synchronise();
  lock.check();
  index.save();
}

// More than half of the otherwise equal files: this file system makes inodes up.
function noteInodes(run: Run, written: TreeResult): void {
  const { source, store } = run;
  const equal = written.counts.unchangedFiles + written.inodeOnly;
  if (source.unstableInodes || written.inodeOnly * 2 <= equal) return;
  updateStoreFile(store.layout, file => {
    for (const one of file.sources) if (one.name === source.name) one.unstableInodes = true;
  });
  run.notes.push('Inode numbers are not stable on the source; from now on they are left out of the comparison');
}

function recordOf(run: Run, written: TreeResult): SnapshotRecord {
  const { source, request } = run;
  return {
    format: 1,
    kind: run.kind,
    name: source.name,
    source: request.source,
    host: run.store.host,
    startedAt: run.startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    sequence: run.sequence,
    scanStart: run.able.now.toString(),
    rules: source.rules,
    counts: written.counts,
    changedFiles: written.changedFiles + written.gone,
    errors: written.errors,
    label: request.label ?? null,
    pinned: false,
  };
}

function result(run: Run, written: TreeResult, record: SnapshotRecord | null): BackupResult {
  const { source, request, previous, notes } = run;
  const { counts } = written;
  if (counts.files === 0 && previous && previous.record.counts.files > 0 && written.changed) {
    notes.push('Nothing was stored although the last snapshot holds files; check the folder and the rules');
  }
  return {
    id: null,
    name: source.name,
    source: request.source,
    path: null,
    startedAt: run.startedAt.toISOString(),
    finishedAt: record?.finishedAt ?? new Date().toISOString(),
    published: false,
    ...counts,
    excluded: written.excluded,
    damaged: written.damaged,
    errors: written.errors,
    notes,
  };
}

function settleSource(store: Store, request: BackupRequest): SourceEntry {
  const file = readStoreFile(store.layout);
  if (!file) throw new PhlbError('unreachable', 'The backup location has gone', { path: store.layout.root });
  const choice = chooseSource(
    file.sources,
    { host: store.host, path: request.source, name: request.name, adopt: request.adopt ?? false },
    sourceFolders(store.layout),
  );
  const known = 'known' in choice ? choice.known : undefined;
  const entry: SourceEntry = {
    name: known?.name ?? ('name' in choice ? choice.name : ''),
    host: store.host,
    path: request.source,
    rules: { ...(known?.rules ?? DEFAULT_RULES), ...definedRules(request.rules) },
    unstableInodes: known?.unstableInodes ?? false,
  };
  if (!request.dryRun && JSON.stringify(known) !== JSON.stringify(entry)) {
    updateStoreFile(store.layout, current => {
      const at = current.sources.findIndex(one => one.name === entry.name);
      if (at < 0) current.sources.push(entry);
      else current.sources[at] = entry;
    });
  }
  return entry;
}

function definedRules(rules: Partial<Rules> | undefined): Partial<Rules> {
  return Object.fromEntries(Object.entries(rules ?? {}).filter(([, value]) => value !== undefined));
}

// A dry run founds no store: everything would be copied.
async function dryFirst(request: BackupRequest, root: BigIntStats, context: Context): Promise<BackupResult> {
  const layout = new Layout(request.place.root);
  const chosen = chooseSource([], { host: '', path: request.source, name: request.name, adopt: true }, []);
  const run: Run = {
    store: { layout, place: request.place, host: '', id: '' },
    request,
    context,
    source: {
      name: 'name' in chosen ? chosen.name : '',
      host: '',
      path: request.source,
      rules: { ...DEFAULT_RULES, ...definedRules(request.rules) },
      unstableInodes: false,
    },
    root,
    startedAt: new Date(),
    kind: 'snapshot',
    only: null,
    sequence: 1,
    previous: null,
    anySnapshots: false,
    able: { hardlinks: true, symlinks: true, now: 0n },
    notes: [],
  };
  return result(run, await compare(run, true), null);
}

function sourceStat(source: string): BigIntStats {
  if (!isAbsolute(source)) throw new PhlbError('usage', 'Not an absolute path', { path: source });
  try {
    const stat = statSync(fsPath(source), { bigint: true });
    if (stat.isDirectory()) return stat;
  } catch (error) {
    throw new PhlbError('source', `The folder cannot be read (${reason(error)})`, { path: source, cause: error });
  }
  throw new PhlbError('source', 'Not a folder', { path: source, hint: 'name the folder that holds the file' });
}

// The backup root is never backed up into itself.
function rootInside(source: string, root: string): string | null {
  if (!existsSync(root)) return null;
  const relative = relativeInside(realpathSync(source), realpathSync(root));
  if (relative === '') {
    throw new PhlbError('usage', 'The backup location cannot be backed up into itself', { path: source });
  }
  return relative ?? null;
}
