/** The moment at which a tree becomes a snapshot. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterwards } from '../files/afterwards.js';
import { passAllButRefusals, PhlbError, reason, unlessRefused } from '../words/errors.js';
import { fsPath } from '../words/names.js';
import { phrase } from '../words/phrase.js';
import { localStamp, parseStamp } from '../words/times.js';
import { syncDirectory, syncFile } from '../files/durable.js';
import { filesBelow, withoutOtherNames } from '../files/files-below.js';
import { findGuards } from './guards.js';
import { snapshotId, type Layout, type SnapshotName } from './layout.js';
import type { StoreLock } from './lock.js';
import { makeFolder } from '../files/make-folder.js';
import { formatRecord, type SnapshotRecord } from './record.js';
import { protectFolders } from '../files/protected-folders.js';
import { giveToFolderOwner } from '../files/ownership.js';
import { remove, removeEmpty } from '../files/remove.js';
import { rename } from '../files/rename.js';
import { isFull, storeHint } from '../files/store-error.js';
import { flushFileSystem } from '../files/sync-file-system.js';
import { readStoreFile } from './root.js';
import { removeTree } from './trash.js';

/** A finished run in `partial/`. */
export interface PartialSnapshot {
  folder: string;
  tree: string;
  manifest: string;
}

/** Makes a run's own folder. Only under the lock. */
export function makePartial(layout: Layout, token: string): PartialSnapshot {
  const folder = join(layout.partial, token);
  mkdirSync(folder, { mode: 0o700 });
  try {
    mkdirSync(join(folder, 'tree'), { mode: 0o700 });
    giveToFolderOwner(folder, join(folder, 'tree'));
  } catch (error) {
    remove(folder);
    throw error;
  }
  return { folder, tree: join(folder, 'tree'), manifest: join(folder, 'manifest.mtree.gz') };
}

/**
 * Publishes a partial, in the order that makes every crash harmless: data flushed, then manifest and record, then the
 * tree by one rename. A manifest without its tree is no snapshot. With that rename it ends: the rest is `settle`.
 * @param known of one that was published before, and comes back; else it is named after its start
 * @param flushes without, the same order holds against a death of the process, but not against one of the machine
 * @throws PhlbError `store`, `lockLost`, `cancelled`
 */
export async function publish(
  layout: Layout,
  lock: StoreLock,
  partial: PartialSnapshot,
  record: SnapshotRecord,
  { flushes, cancelled }: { flushes: boolean; cancelled: () => boolean },
  known?: SnapshotName,
): Promise<SnapshotName> {
  let id: SnapshotName | undefined;
  try {
    // First of all: where the store has gone, its folders must not be made again.
    lock.check();
    const parent = layout.sourceFolder(record.name);
    const manifests = join(layout.manifests, record.name);
    makeFolder(parent);
    makeFolder(manifests);
    // A rename onto an empty folder would succeed.
    if (known && existsSync(layout.tree(known))) {
      throw new PhlbError('store', phrase`This snapshot stands here already`, { path: layout.tree(known) });
    }
    id = known ?? freeStamp(layout, record);
    const partialRecord = join(partial.folder, 'record.json');
    writeFileSync(partialRecord, formatRecord(record), { mode: 0o600 });
    giveToFolderOwner(partial.manifest, partialRecord);
    const isFlushed = !flushes || (await flushFileSystem(partial.folder, cancelled));
    if (cancelled()) throw PhlbError.cancelled();
    if (!isFlushed) {
      syncTree(layout);
      syncFile(partial.manifest);
      syncFile(partialRecord);
    }
    lock.check();
    rename(partial.manifest, layout.manifest(id));
    rename(partialRecord, layout.record(id));
    if (flushes) [manifests, layout.manifests].forEach(syncDirectory);
    lock.check();
    rename(partial.tree, layout.tree(id));
    return id;
  } catch (error) {
    // A server's answer may be lost when the work is done.
    if (id && existsSync(layout.tree(id)) && !existsSync(partial.tree)) return id;
    if (!PhlbError.is(error, 'lockLost')) withdraw(layout, record.name, id);
    passAllButRefusals(error);
    throw new PhlbError('store', phrase`The snapshot cannot be published (${reason(error)})`, {
      path: layout.root,
      hint: isFull(error)
        ? storeHint(error)
        : phrase`older snapshots are whole; the next backup reuses what was copied`,
      cause: error,
    });
  }
}

/**
 * What is left to do for a snapshot that stands.
 * @param notes what of it could not be done
 */
export async function settle(
  layout: Layout,
  partial: PartialSnapshot,
  id: SnapshotName,
  flushes: boolean,
  notes: string[],
): Promise<void> {
  await afterwards(notes, 'Folders of the snapshot have kept their write permission', () => {
    if (readStoreFile(layout)?.protectFolders && process.platform !== 'win32') protectFolders(layout.tree(id));
  });
  await afterwards(notes, 'The snapshot stands, but a power failure now may undo it', () => {
    if (flushes) [layout.sourceFolder(id.name), partial.folder, layout.root].forEach(syncDirectory);
  });
  await removePartial(layout, partial, notes);
}

/** Removes a run's own folder with all that it has copied. */
export async function removePartial(layout: Layout, { folder }: PartialSnapshot, notes: string[]): Promise<void> {
  await afterwards(notes, 'The folder of this run is still there', () =>
    removeTree({ tree: folder, guards: findGuards(layout, [folder]) }),
  );
}

// Takes back what was put in place for a snapshot that does not come about. What cannot be goes with the next run.
function withdraw(layout: Layout, name: string, id: SnapshotName | undefined): void {
  try {
    if (id) [layout.manifest(id), layout.record(id)].forEach(remove);
    // Those that hold something stay.
    [join(layout.manifests, name), layout.sourceFolder(name)].forEach(removeEmpty);
  } catch (error) {
    passAllButRefusals(error);
  }
}

// File by file, where a whole file system cannot be flushed. A file that has names in snapshots was flushed with the first
// of them; one that a dead run has left was not.
function syncTree(layout: Layout): void {
  const folders: string[] = [];
  const files = filesBelow(layout.partial, path => folders.push(path));
  for (const { path } of withoutOtherNames(files)) syncFile(fsPath(path));
  for (const path of folders) syncDirectory(fsPath(path));
}

// The start's local time; a second run within the second gets -2, -3… Nothing may stand there in any form, for a
// rename onto an empty folder would succeed. Nor does it get the name of one that was deleted while later ones stand.
function freeStamp(layout: Layout, record: SnapshotRecord): SnapshotName {
  const stamp = localStamp(new Date(record.startedAt));
  const idOf = (n: number): SnapshotName => ({ name: record.name, stamp: n === 1 ? stamp : `${stamp}-${n}` });
  const isTaken = (id: SnapshotName): boolean =>
    [layout.tree(id), layout.manifest(id), layout.record(id), layout.restoreNote(id)].some(path => existsSync(path));
  const standing = unlessRefused(() => readdirSync(layout.sourceFolder(record.name)), 'ENOENT') ?? [];
  const numbers = standing.map(parseStamp).map(one => (one?.stamp === stamp ? one.number : 0));
  const last = numbers.reduce((most, n) => Math.max(most, n), 0);
  // From 1, where somebody's own folder has the last number that there is.
  for (const first of [last + 1, 1]) {
    for (let n = first; n < 1_000_000; n++) if (!isTaken(idOf(n))) return idOf(n);
  }
  throw new PhlbError('store', phrase`Too many snapshots in one second`, {
    path: snapshotId({ name: record.name, stamp }),
  });
}
