/** One run: from the last manifest to a published tree, or, for a dry run, to what it would publish. */
import { afterPublishing } from './after-publishing.js';
import { isCancelled } from '../words/call.js';
import type { Run } from './run.js';
import { PhlbError } from '../words/errors.js';
import { StoreIndex } from '../index/store-index.js';
import { HeldFolder } from '../files/held-folder.js';
import type { BackupResult } from '../words/model.js';
import { Leftovers } from './salvage.js';
import { keepsChangeTimes } from '../scan/change-times.js';
import { entryOf } from '../scan/entries.js';
import { rulesInForce } from '../scan/ignore-mode.js';
import { refuseUnread, rootInside } from '../scan/source-folder.js';
import { probe, UNTRIED } from '../store/capabilities.js';
import { readDamage } from '../store/damage.js';
import { snapshotId } from '../store/layout.js';
import type { StoreLock } from '../store/lock.js';
import { formatEntry } from '../store/manifest.js';
import { ManifestWriter, readManifest } from '../store/manifest-file.js';
import { otherOwner } from '../files/ownership.js';
import { makeDraft, publish, removeDraft, type Draft } from '../store/publish.js';
import { nextSequence, readSnapshots, sourceFolders, type SnapshotRecord } from '../store/record.js';
import { isFull } from '../files/store-error.js';
import { storeFolders } from '../store/store-folders.js';
import { Claims } from '../transfer/claims.js';
import type { RunSetup } from '../threads/jobs.js';
import { Placement } from './placement.js';
import type { LineSink } from './tree-lines.js';
import type { TreeResult } from './tree-tally.js';
import { nsToMicros } from '../words/times.js';
import { refusedRules, warningsOf } from './warnings.js';
import { writeTree } from './write-tree.js';

/** A file changed this long (ns) before a run began may have been changed again in the same tick of its clock. */
const RACY_NS = 2_000_000_000n;

/** Reads what a run builds upon. Call it under the lock, or for a dry run, which writes nothing. */
export async function prepareRun(
  basis: Pick<Run, 'store' | 'source' | 'request' | 'root' | 'context' | 'notes'>,
): Promise<Run> {
  const { store, source, notes } = basis;
  const snapshots = readSnapshots(store.layout, source.name);
  const base = snapshots.findLast(s => s.record?.kind === 'snapshot');
  const able = basis.request.dryRun ? UNTRIED : probe(store.layout.partial);
  if (!able.hardlinks) notes.push('The backup location has no hardlinks: every snapshot is a full copy there');
  let previous: Run['previous'] = null;
  // The threads take as long to start as the last manifest takes to be read.
  basis.context.pool();
  if (base?.record) {
    try {
      previous = { snapshot: base, record: base.record, manifest: await readManifest(store.layout.manifest(base.id)) };
    } catch (error) {
      if (!PhlbError.is(error, 'damaged')) throw error;
      notes.push(`The last manifest could not be read, so every file was: ${snapshotId(base.id)}`);
    }
  }
  return {
    ...basis,
    rules: rulesInForce(basis.request, source.rules),
    startedAt: new Date(),
    kind: 'snapshot',
    only: null,
    sequence: nextSequence(snapshots),
    previous,
    filled: snapshots.findLast(s => s.record?.kind === 'snapshot' && s.record.counts.files > 0)?.id ?? null,
    anySnapshots: snapshots.length > 0 || sourceFolders(store.layout).length > 0,
    able,
  };
}

/**
 * Writes the tree and publishes it. Out of room, what was copied goes at once, and what dead runs have left and this one has
 * no use for; if that has made room, it is tried once more.
 * @throws PhlbError `source` when nothing can be read, `store`, `lockLost`, `cancelled`
 */
export async function takeSnapshot(run: Run, lock: StoreLock): Promise<BackupResult> {
  const { layout } = run.store;
  const dead = new Leftovers(layout);
  for (;;) {
    let draft: Draft | undefined;
    try {
      draft = makeDraft(layout, lock.token);
      return await fillAndPublish(run, lock, draft, dead);
    } catch (error) {
      if (!isFull(error)) throw error;
      const isWorthATry = dead.makeRoom();
      if (draft) await removeDraft(layout, draft, run.notes);
      if (!isWorthATry) throw error;
    }
  }
}

async function fillAndPublish(run: Run, lock: StoreLock, draft: Draft, dead: Leftovers): Promise<BackupResult> {
  const { store, context } = run;
  let index: StoreIndex | undefined;
  const openIndex = async (): Promise<StoreIndex> => {
    if (!index) {
      index = await StoreIndex.open(store);
      if (run.previous) index.provide(run.previous.snapshot.id, run.previous.manifest);
      await index.synchronise();
    }
    return index;
  };
  // No content can be known but from this run itself.
  const isAlone = !run.anySnapshots && dead.isEmpty && run.able.hardlinks;
  const claims = isAlone ? Claims.share() : null;
  const manifest = manifestWriter(run, draft);
  try {
    const placement = new Placement(draft.tree, claims && new Claims(claims), async () => {
      if (!run.anySnapshots) return () => [];
      const opened = await openIndex();
      return (sha256, bits) => {
        const found = opened.findContent(sha256, bits);
        // What is saved will be destroyed: a stored file that has rotted under its size and time must not stand for it.
        return run.kind === 'safety' ? found.map(candidate => ({ ...candidate, doubted: true })) : found;
      };
    });
    await setUp(run, draft.tree, claims);
    if (!dead.isEmpty) {
      context.onProgress({ phase: 'salvaging', files: 0, bytes: 0 });
      await dead.offer(context.pool(), placement, context.cancel);
    }
    const written = await writeManifest(run, manifest, placement);
    context.onProgress({ phase: 'flushing', files: written.counts.files, bytes: written.counts.bytes });
    const record = recordOf(run, written);
    const result = resultOf(run, written, record);
    const id = publish(store.layout, lock, draft, record, run.request.flush ?? true);
    await afterPublishing(run, lock, { id, draft, manifest, written, dead, index });
    return { ...result, id: snapshotId(id), path: store.layout.tree(id), published: true };
  } finally {
    await manifest.discard();
    index?.close();
  }
}

function manifestWriter({ previous, store }: Run, draft: Draft): ManifestWriter {
  return new ManifestWriter(
    draft.manifest,
    previous && { file: store.layout.manifest(previous.snapshot.id), manifest: previous.manifest },
  );
}

async function writeManifest(run: Run, manifest: ManifestWriter, placement: Placement): Promise<TreeResult> {
  manifest.text(formatEntry(entryOf('', run.root)) + '\n');
  const written = await writeTree({ ...treeRequest(run), placement, manifest, stopAtChange: false });
  await manifest.close();
  refuseUnread(run.request.source, written.errors);
  return written;
}

/**
 * Only looks: what would change.
 * @param whole count everything; else stop at the first change
 * @param manifest given the lines of what is seen, but for the source folder's own
 */
export async function compareRun(run: Run, whole: boolean, manifest: LineSink | null = null): Promise<TreeResult> {
  await setUp(run, null, null);
  const seen = await writeTree({ ...treeRequest(run), placement: null, manifest, stopAtChange: !whole });
  refuseUnread(run.request.source, seen.errors);
  if (run.previous && run.previous.manifest.rootLine !== formatEntry(entryOf('', run.root))) seen.changed = true;
  return seen;
}

function treeRequest(run: Run): Omit<Parameters<typeof writeTree>[0], 'placement' | 'manifest' | 'stopAtChange'> {
  const { context, previous, root } = run;
  return {
    pool: context.pool(),
    previous: previous && {
      id: snapshotId(previous.snapshot.id),
      tree: run.store.layout.tree(previous.snapshot.id),
      manifest: previous.manifest,
    },
    root: { path: '', mode: Number(root.mode) & 0o7777, mtime: nsToMicros(root.mtimeNs) },
    device: run.root.dev,
    trustCtime: process.platform !== 'win32',
    onProgress: context.onProgress,
    cancelled: () => isCancelled(context),
  };
}

/**
 * Gives all threads what they need to know. What the path of the source leads to now is the folder that is meant from
 * here on.
 * @param tree the one to write; `null`: only look
 * @param claims `Claims`, where no content can be known but from this run itself
 * @throws PhlbError `source`
 */
export async function setUp(run: Run, tree: string | null, claims: SharedArrayBuffer | null): Promise<void> {
  const { previous, store, request, source, context } = run;
  // The folder that was looked at when the run began: the path may lead elsewhere by now.
  const { dev, ino } = run.root;
  const begun = source.unstableInodes ? undefined : { path: request.source, dev, ino };
  const held = run.held ?? HeldFolder.open(request.source, begun);
  run.root = held.lstat('');
  const setup: RunSetup = {
    source: held.id,
    tree,
    previous: previous && {
      tree: store.layout.tree(previous.snapshot.id),
      manifest: previous.manifest.bytes.buffer as SharedArrayBuffer,
    },
    rules: run.rules,
    leaveOut: rootInside(request.source, store.layout.root),
    storeFolders: storeFolders(store.layout),
    only: run.only,
    device: run.root.dev,
    racyFrom: previous ? BigInt(previous.record.scanStart) - RACY_NS : 0n,
    trustCtime: process.platform !== 'win32',
    trustInode: !source.unstableInodes,
    trustMoves: !source.unstableInodes && keepsChangeTimes(request.source),
    checksum: request.checksum ?? false,
    hardlinks: run.able.hardlinks,
    modes: run.able.modes,
    times: run.able.times,
    linkTimes: run.able.linkTimes,
    protectFiles: request.protectFiles ?? true,
    owner: tree === null ? null : otherOwner(store.layout.root),
    damaged: readDamage(store.layout),
    claims,
    cancel: context.cancel,
  };
  try {
    await Promise.all(context.pool().threads.map(thread => thread.run('setup', setup)));
  } finally {
    // From here on the threads hold it, each for itself.
    if (!run.held) held.close();
  }
}

function recordOf(run: Run, written: TreeResult): SnapshotRecord {
  const { source, request } = run;
  const { ignoreFiles, ...rulesOfSource } = run.rules;
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
    rules: rulesOfSource,
    ignoreFiles,
    counts: written.counts,
    changedFiles: written.changedFiles,
    errors: written.errors,
    label: request.label ?? null,
    pinned: false,
  };
}

/** What a run tells its caller. `record`: of the published snapshot, if there is one. */
export function resultOf(run: Run, written: TreeResult, record: SnapshotRecord | null): BackupResult {
  const { source, request, notes } = run;
  const { counts } = written;
  notes.push(...refusedRules(run, written));
  if (written.retimed > 0) notes.push(retimedNote(written.retimed));
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
    warnings: warningsOf(run, written),
    errors: written.errors,
    notes,
  };
}

// As after a backup location was carried elsewhere by `cp -r` or tar.
function retimedNote(count: number): string {
  const files = count === 1 ? 'One stored file had another time' : `${count} stored files had other times`;
  return `${files} than recorded; the contents are right, and the times were put back as far as they can be kept`;
}
