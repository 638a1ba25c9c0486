/** One run: from the last manifest to a published tree. */
import { otherOwner } from '../files/ownership.js';
import { isFull } from '../files/store-error.js';
import { entryOf } from '../scan/entries.js';
import { refuseUnread } from '../scan/source-folder.js';
import { readDamage } from '../store/damage.js';
import type { SnapshotName } from '../store/layout.js';
import { formatEntry } from '../store/manifest.js';
import { ManifestWriter } from '../store/manifest-file.js';
import { makePartial, publish, removePartial, type PartialSnapshot } from '../store/publish.js';
import type { SnapshotRecord } from '../store/record.js';
import type { WritingSetup } from '../threads/jobs.js';
import { Claims, type ClaimsMemory } from '../transfer/claims.js';
import { isCancelled } from '../words/call.js';
import { afterPublishing } from './after-publishing.js';
import { setUpThreads, treeToWalk } from './comparison.js';
import { KnownContents } from './known-contents.js';
import { PlacedFiles } from './placed-files.js';
import { Placement, type ContentLookup } from './placement.js';
import type { Run } from './run.js';
import { Leftovers } from './salvage.js';
import type { TreeResult } from './tree-tally.js';
import { walkTree } from './walk-tree.js';
import { notesOf } from './warnings.js';

/** A snapshot that stands. */
export interface TakenSnapshot {
  id: SnapshotName;
  record: SnapshotRecord;
  written: TreeResult;
}

/**
 * Writes the tree and publishes it. Out of room, what was copied goes at once, and what dead runs have left and this one has
 * no use for; if that has made room, it is tried once more.
 * @throws PhlbError `source` when nothing can be read, `store`, `lockLost`, `cancelled`
 */
export async function takeSnapshot(run: Run): Promise<TakenSnapshot> {
  const { layout } = run.store;
  const dead = new Leftovers(layout);
  // Of a shortage the first try has told.
  for (let current = run; ; current = { ...run, freeInDoubt: undefined }) {
    let partial: PartialSnapshot | undefined;
    try {
      partial = makePartial(layout, run.lock.token);
      return await fillAndPublish(current, partial, dead);
    } catch (error) {
      if (!isFull(error)) throw error;
      const isWorthATry = dead.freeSpace();
      if (partial) await removePartial(layout, partial, run.notes);
      if (!isWorthATry) throw error;
    }
  }
}

async function fillAndPublish(run: Run, partial: PartialSnapshot, dead: Leftovers): Promise<TakenSnapshot> {
  const { store, context, lock, notes, comparison, options } = run;
  const contents = await KnownContents.open(store, comparison.previous, () => isCancelled(context));
  const claims = mayStoreUnasked(run, dead) ? new Claims(shareClaims(run)) : null;
  const manifest = manifestWriter(run, partial);
  try {
    const written = await writeTree(run, partial, { dead, contents, claims, manifest });
    context.onProgress({ phase: 'flushing', files: written.counts.files, bytes: written.counts.bytes });
    const record = recordOf(run, written);
    const id = await publish(store.layout, lock, partial, record, {
      flushes: options.flush ?? true,
      cancelled: () => isCancelled(context),
    });
    // Not before: what had no room is tried once more, and would tell them twice.
    notes.push(...notesOf(comparison.rules, written));
    await afterPublishing(run, { id, partial, manifest, written, dead, contents, claims });
    return { id, record, written };
  } finally {
    await manifest.discard();
    contents.close();
  }
}

// What dead runs have left is known to the engine's thread alone; where nothing can be linked, nothing is met again; and where
// there may be too little space, nothing is stored before that was told.
function mayStoreUnasked({ capabilities, freeInDoubt }: Run, dead: Leftovers): boolean {
  return dead.isEmpty && capabilities.hardlinks && freeInDoubt === undefined;
}

function manifestWriter({ comparison: { previous }, store }: Run, partial: PartialSnapshot): ManifestWriter {
  return new ManifestWriter(
    partial.manifest,
    previous && { file: store.layout.manifest(previous.id), manifest: previous.manifest },
  );
}

interface TreeParts {
  dead: Leftovers;
  contents: KnownContents;
  /** `null`: the threads ask where each file is to go */
  claims: Claims | null;
  manifest: ManifestWriter;
}

// The partial's tree with its manifest.
async function writeTree(
  run: Run,
  partial: PartialSnapshot,
  { dead, contents, claims, manifest }: TreeParts,
): Promise<TreeResult> {
  const { comparison, context } = run;
  const placement = new Placement(partial.tree, claims, lookupOf(run, contents));
  const shared = claims && { claims: claims.memory, stored: contents.stored.shared };
  const root = setUpThreads(comparison, context, writingSetup(run, partial, shared));
  if (!dead.isEmpty) {
    context.onProgress({ phase: 'salvaging', files: 0, bytes: 0 });
    await dead.offer(context.pool(), placement, context.cancel);
  }
  manifest.text(formatEntry(entryOf('', root)) + '\n');
  const tree = treeToWalk(comparison, context, root);
  const written = await walkTree(tree, {
    lines: manifest,
    stopAtChange: false,
    freeInDoubt: run.freeInDoubt,
    files: (output, jobs) => new PlacedFiles(tree, placement, output, jobs),
  });
  await manifest.close();
  refuseUnread(comparison.source.path, written.errors);
  return written;
}

function lookupOf({ kind }: Run, contents: KnownContents): ContentLookup {
  if (kind !== 'safety') return (sha256, bits) => contents.find(sha256, bits);
  // What is saved will be destroyed: a stored file that has rotted under its size and time must not stand for it.
  return async (sha256, bits) => {
    const found = await contents.find(sha256, bits);
    return found.map(candidate => ({ ...candidate, doubted: true }));
  };
}

// A first snapshot may bring a million of them.
function shareClaims({ anySnapshots }: Run): ClaimsMemory {
  return Claims.share(anySnapshots ? 1 << 17 : 1 << 20);
}

function writingSetup(
  { capabilities, store: { layout }, comparison: { previous }, options }: Run,
  partial: PartialSnapshot,
  contents: WritingSetup['contents'],
): WritingSetup {
  return {
    tree: partial.tree,
    lastTree: previous && layout.tree(previous.id),
    hardlinks: capabilities.hardlinks,
    modes: capabilities.modes,
    times: capabilities.times,
    linkTimes: capabilities.linkTimes,
    protectFiles: options.protectFiles ?? true,
    owner: otherOwner(layout.root),
    damaged: readDamage(layout),
    contents,
  };
}

function recordOf({ comparison, capabilities, ...run }: Run, written: TreeResult): SnapshotRecord {
  const { ignoreFiles, ...rulesOfSource } = comparison.rules;
  return {
    format: 1,
    kind: run.kind,
    name: run.name,
    source: comparison.source.path,
    host: run.store.host,
    startedAt: run.startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    sequence: run.sequence,
    scanStart: capabilities.now.toString(),
    rules: rulesOfSource,
    ignoreFiles,
    counts: written.counts,
    changedFiles: written.changedFiles,
    errors: written.errors,
    label: run.options.label ?? null,
    pinned: false,
    ...(run.options.cause === undefined ? {} : { cause: run.options.cause }),
    ...(run.mark === undefined ? {} : { turns: [run.mark] }),
  };
}
