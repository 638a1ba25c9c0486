/**
 * Taking files out of every snapshot, for good. Snapshot by snapshot: what matches is moved out of the tree, then record
 * and manifest say so. A purge that dies in between leaves names in a manifest whose files are gone; run again, it
 * completes.
 */
import { mkdirSync } from 'node:fs';
import { afterwards } from './files/afterwards.js';
import type { Context } from './threads/context.js';
import { isCancelled } from './words/call.js';
import { errno, PhlbError } from './words/errors.js';
import { allSnapshots, manifestOf, stands } from './store/all-snapshots.js';
import { rememberedCopies } from './offsite/remembered.js';
import { removeContents } from './index/store-contents.js';
import { inodeKey } from './verify/inspect.js';
import type { PathError, StoreLocation } from './words/model.js';
import { dirname, fsPath, join } from './words/names.js';
import { phrase } from './words/phrase.js';
import { purgedRecord } from './verify/purged-record.js';
import { refuseImpossible } from './scan/impossible-globs.js';
import { compileGlob } from './scan/rules.js';
import { onAllThreads } from './threads/on-all-threads.js';
import { anyDepth, type MatchedEntry } from './threads/stored-names.js';
import { TreeFolders } from './files/tree-folders.js';
import { syncDirectory, syncFile } from './files/durable.js';
import { findGuards } from './store/guards.js';
import { snapshotId } from './store/layout.js';
import type { StoreLock } from './store/lock.js';
import { parseEntry } from './store/manifest.js';
import { ManifestWriter } from './store/manifest-file.js';
import type { ManifestText } from './store/manifest-text.js';
import { unprotected } from './files/protected-folders.js';
import { refuseMounts } from './files/mounts.js';
import { refuseLinks } from './store/own-folders.js';
import { syncFileSystem } from './files/sync-file-system.js';
import { writeRecord, type StoredSnapshot } from './store/record.js';
import { rename } from './files/rename.js';
import { openStoreToRead, openStore, type Store } from './store/root.js';
import { Scratch } from './store/scratch.js';
import { itemError, storeError } from './files/store-error.js';
import { putBackTimes } from './verify/tree-times.js';
import { withLock } from './store/with-lock.js';

export interface PurgeRequest {
  location: StoreLocation;
  /** minimatch, hidden names too; without `/` at any depth, with one at its end folders only; a directory goes with all below it */
  glob: string;
  /** only look: the result is what the real run would give */
  dryRun: boolean;
}

export interface PurgeResult {
  /** every entry, directories included */
  removed: { snapshot: string; path: string }[];
  /** of files whose last name goes, in bytes */
  freedBytes: number;
  dryRun: boolean;
  /** snapshots in which something matches, or may match, but which cannot be changed */
  leftAlone: { snapshot: string; reason: string }[];
  /** ids of those snapshots that are known to have a copy off this machine, which holds it still */
  copies: string[];
  /** what matches but could not be removed, as `NAME/STAMP` or `NAME/STAMP/PATH` */
  errors: PathError[];
  /** further things worth telling, one sentence each */
  notes: string[];
}

/** What matches in one snapshot. */
interface Match {
  snapshot: StoredSnapshot;
  entries: MatchedEntry[];
}

/**
 * Removes what matches from every snapshot, pinned and safety ones too. Never from adopted ones. What cannot be removed is
 * in the result's errors, and the rest goes on.
 * @throws PhlbError `usage` for what is no glob; `store`, `lockLost`; `cancelled` between two snapshots: those done are done
 */
export async function purge(request: PurgeRequest, context: Context): Promise<PurgeResult> {
  const { location, glob, dryRun } = request;
  checkGlob(glob);
  const store = dryRun ? openStoreToRead(location, true) : openStore(location);
  if (dryRun)
    return withCopies(store, { ...resultOf(await findMatches(store, glob, context), dryRun, []), errors: [] });
  return withLock(store, context, async (lock, notes) => {
    for (const name of new Set(allSnapshots(store).map(({ id }) => id.name))) refuseLinks(store.layout, name);
    const scratch = new Scratch(store.layout, lock, 'purged');
    try {
      const found = await findMatches(store, glob, context);
      const errors: PathError[] = [];
      const done: Match[] = [];
      for (const [at, match] of found.matches.entries()) {
        if (isCancelled(context)) throw PhlbError.cancelled();
        context.onProgress({
          phase: 'deleting',
          files: 0,
          bytes: 0,
          detail: phrase`${at + 1} of ${found.matches.length}`,
        });
        const id = snapshotId(match.snapshot.id);
        const one = new SnapshotPurge(store, lock, scratch, match);
        try {
          await one.run(entriesBefore(match, found.matches));
          errors.push(...one.failed.map(error => ({ ...error, path: `${id}/${error.path}` })));
          done.push({ ...match, entries: one.purged });
        } catch (error) {
          errors.push(itemError(id, error));
        }
        await afterwards(notes, 'What was purged still takes up space', () => removeMoved(store, one.moved, context));
      }
      // A part of a hash is enough to tell that somebody had a certain file.
      await afterwards(notes, 'What was purged can still be told by the index', () =>
        removeContents(store.location.index, store.id),
      );
      return withCopies(store, { ...resultOf({ ...found, matches: done }, dryRun, notes), errors });
    } finally {
      await scratch.remove(notes);
    }
  });
}

function withCopies({ location, id }: Store, result: Omit<PurgeResult, 'copies'>): PurgeResult {
  const known = rememberedCopies(location.state, id);
  const copies = new Set(result.removed.map(({ snapshot }) => snapshot).filter(snapshot => known.has(snapshot)));
  return { ...result, copies: [...copies] };
}

function checkGlob(glob: string): void {
  const hint = phrase`use a name, or a glob such as *.iso or sub/**/secret.txt`;
  if (/^[./]*$/.test(glob))
    throw new PhlbError('usage', phrase`This glob would match everything or nothing`, { path: glob, hint });
  const rule = anyDepth(glob).replace(/^\.?\//, '');
  refuseImpossible(rule);
  compileGlob(rule);
}

/** Reads every manifest, on all threads. In the order of the snapshots. */
async function findMatches(
  store: Store,
  glob: string,
  context: Context,
): Promise<{ matches: Match[]; leftAlone: PurgeResult['leftAlone'] }> {
  const snapshots = allSnapshots(store);
  const found = await onAllThreads(snapshots, context, async (thread, snapshot, at) => {
    context.onProgress({ phase: 'measuring', files: 0, bytes: 0, detail: phrase`${at + 1} of ${snapshots.length}` });
    const tree = store.layout.tree(snapshot.id);
    const manifest = await manifestOf(store, snapshot);
    const bytes = manifest?.bytes.buffer as SharedArrayBuffer | undefined;
    const entries = bytes ? await thread.run('match', { tree, manifest: bytes, glob, cancel: context.cancel }) : null;
    // Removed meanwhile: nothing is there to be purged.
    return { snapshot, entries: stands(store, snapshot) ? entries : [] };
  });
  const matches: Match[] = [];
  const leftAlone: PurgeResult['leftAlone'] = [];
  for (const { snapshot, entries } of found) {
    if (entries?.length === 0) continue;
    const reason = whyNot(snapshot, entries);
    if (reason !== undefined) leftAlone.push({ snapshot: snapshotId(snapshot.id), reason });
    else if (entries) matches.push({ snapshot, entries });
  }
  return { matches, leftAlone };
}

function whyNot({ record }: StoredSnapshot, entries: MatchedEntry[] | null): string | undefined {
  if (!entries) return 'Its manifest cannot be read, so what it holds is not known; rebuild --rehash rebuilds it';
  if (!record) return 'Its record cannot be read; rebuild --rehash rebuilds it';
  return record.adopted ? 'It was adopted from PyHardLinkBackup, whose trees are never altered' : undefined;
}

// What the same source's snapshot before held of it: a file that was there already was not copied again.
function entriesBefore({ snapshot }: Match, matches: readonly Match[]): readonly MatchedEntry[] {
  if (snapshot.record?.kind !== 'snapshot') return [];
  const own = matches.filter(m => m.snapshot.id.name === snapshot.id.name && m.snapshot.record?.kind === 'snapshot');
  return own[own.findIndex(m => m.snapshot === snapshot) - 1]?.entries ?? [];
}

function resultOf(
  { matches, leftAlone }: { matches: Match[]; leftAlone: PurgeResult['leftAlone'] },
  dryRun: boolean,
  notes: string[],
): Omit<PurgeResult, 'errors' | 'copies'> {
  const inodes = new Map<string, { names: number; links: number; size: number }>();
  let freedBytes = 0;
  for (const { state } of matches.flatMap(({ entries }) => entries)) {
    if (state?.links === 1) freedBytes += state.size;
    if (!state || state.links === 1) continue;
    const inode = inodes.get(inodeKey(state)) ?? { names: 0, links: state.links, size: state.size };
    inodes.set(inodeKey(state), inode);
    inode.names++;
  }
  for (const { names, links, size } of inodes.values()) if (names >= links) freedBytes += size;
  const removed = matches.flatMap(({ snapshot, entries }) =>
    entries.map(({ entry }) => ({ snapshot: snapshotId(snapshot.id), path: entry.path })),
  );
  return { removed, freedBytes, dryRun, leftAlone, notes };
}

class SnapshotPurge {
  /** what goes: all that matches, but for what could not be moved out */
  purged: MatchedEntry[];
  /** what could not be moved out, and why */
  readonly failed: PathError[] = [];
  /** the folder where the rest is now, if anything was moved */
  moved: string | undefined;
  private readonly tree: string;

  constructor(
    private readonly store: Store,
    private readonly lock: StoreLock,
    private readonly scratch: Scratch,
    private readonly match: Match,
  ) {
    this.tree = store.layout.tree(match.snapshot.id);
    this.purged = match.entries;
  }

  /** @param before what the snapshot before held of what matches */
  async run(before: readonly MatchedEntry[]): Promise<void> {
    const { layout } = this.store;
    const { snapshot } = this.match;
    const manifest = await manifestOf(this.store, snapshot);
    if (!manifest || !snapshot.record) return;
    this.lock.check();
    this.moveOut();
    const entries = (this.purged = withoutFailed(this.match.entries, this.failed));
    if (entries.length === 0) return;
    const parents = new Set(entries.filter(({ top }) => top).map(({ entry }) => dirname(entry.path)));
    putBackTimes(this.tree, manifest, parents);
    // The files are gone for good before the manifest forgets them: a name too many in it is found again, a file is not.
    if (!syncFileSystem(layout.root)) {
      for (const path of parents) syncDirectory(fsPath(join(this.tree, path)));
    }
    const scratchFile = this.scratch.next();
    await writeWithout(manifest, entries, scratchFile);
    this.lock.check();
    // The record first: without it the index would not hear of the changed manifest.
    writeRecord(layout, snapshot.id, purgedRecord(snapshot.record, manifest, entries, before));
    rename(scratchFile, layout.manifest(snapshot.id));
    syncDirectory(join(layout.manifests, snapshot.id.name));
  }

  // Out of sight with one rename each.
  private moveOut(): void {
    const folder = (this.moved = this.scratch.next());
    const folders = new TreeFolders(this.tree);
    mkdirSync(folder, { mode: 0o700 });
    for (const [at, { entry, top }] of this.match.entries.entries()) {
      if (!top || !folders.has(dirname(entry.path))) continue;
      const path = join(this.tree, entry.path);
      try {
        if (entry.type === 'dir') refuseMounts(path);
        // A folder can be moved only by who may write into it, too.
        const move = (): void => rename(fsPath(path), join(folder, String(at)));
        unprotected(dirname(path), () => (entry.type === 'dir' ? unprotected(path, move) : move()));
      } catch (error) {
        // Only recorded, or moved by a purge that died.
        if (errno(error) !== 'ENOENT') this.failed.push(itemError(entry.path, storeError(error, entry.path)));
      }
    }
  }
}

async function removeMoved({ layout }: Store, moved: string | undefined, context: Context): Promise<void> {
  if (moved === undefined) return;
  await context.pool().threads[0]?.run('remove', { tree: moved, guards: findGuards(layout, [moved]) });
}

function withoutFailed(entries: readonly MatchedEntry[], failed: readonly PathError[]): MatchedEntry[] {
  const left = failed.map(({ path }) => path);
  return entries.filter(({ entry: { path } }) => !left.some(top => path === top || path.startsWith(`${top}/`)));
}

/** Writes the manifest again, flushed, without these entries; all other lines stay as they are. */
async function writeWithout(manifest: ManifestText, entries: readonly MatchedEntry[], file: string): Promise<void> {
  const gone = new Set(entries.map(({ entry }) => entry.path));
  const affected = new Set(entries.map(({ entry }) => dirname(entry.path)));
  const writer = new ManifestWriter(file);
  try {
    await copyWithout(manifest, { gone, affected }, writer);
    await writer.close();
  } finally {
    await writer.discard();
  }
  syncFile(file);
}

async function copyWithout(
  manifest: ManifestText,
  { gone, affected }: { gone: ReadonlySet<string>; affected: ReadonlySet<string> },
  writer: ManifestWriter,
): Promise<void> {
  writer.text(`${manifest.rootLine}\n`);
  for (const [directory, range] of manifest.groups) {
    if (gone.has(directory)) continue;
    if (!affected.has(directory)) writer.text(manifest.bytes.toString('latin1', range.start, range.end));
    else {
      const kept = manifest.lines(range).filter(line => !gone.has(parseEntry(line)?.path ?? ''));
      writer.text(kept.map(line => `${line}\n`).join(''));
    }
    await writer.drained();
  }
}
