/** The moment at which a tree becomes a snapshot. */
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PhlbError, reason } from '../errors.js';
import { fsPath } from '../names.js';
import { phrase } from '../phrase.js';
import { localStamp } from '../times.js';
import { syncDirectory, syncFile } from './durable.js';
import { filesBelow, withoutOtherNames } from './files-below.js';
import { snapshotId, type Layout, type SnapshotName } from './layout.js';
import type { StoreLock } from './lock.js';
import { makeFolder } from './make-folder.js';
import { formatRecord, type SnapshotRecord } from './record.js';
import { giveToFolderOwner } from './ownership.js';
import { rename } from './rename.js';
import { syncFileSystem } from './sync-file-system.js';

/** A finished run in `partial/`. */
export interface Draft {
  folder: string;
  tree: string;
  manifest: string;
}

/** Makes a run's own folder. Only under the lock. */
export function makeDraft(layout: Layout, token: string): Draft {
  const folder = join(layout.partial, token);
  mkdirSync(folder, { mode: 0o700 });
  mkdirSync(join(folder, 'tree'), { mode: 0o700 });
  giveToFolderOwner(folder, join(folder, 'tree'));
  return { folder, tree: join(folder, 'tree'), manifest: join(folder, 'manifest.mtree.gz') };
}

/**
 * Publishes a draft, in the order that makes every crash harmless: data flushed, then manifest and record, then the
 * tree by one rename. A manifest without its tree is no snapshot.
 * @param flushes without, the same order holds against a death of the process, but not against one of the machine
 * @throws PhlbError `store`, `lockLost`
 */
export function publish(
  layout: Layout,
  lock: StoreLock,
  draft: Draft,
  record: SnapshotRecord,
  flushes: boolean,
): SnapshotName {
  const flushEach = (...folders: string[]): void => (flushes ? folders : []).forEach(syncDirectory);
  try {
    // First of all: where the store has gone, its folders must not be made again.
    lock.check();
    const parent = layout.sourceFolder(record.name);
    const manifests = join(layout.manifests, record.name);
    makeFolder(parent);
    makeFolder(manifests);
    const id = freeStamp(layout, record);
    const recordDraft = join(draft.folder, 'record.json');
    writeFileSync(recordDraft, formatRecord(record), { mode: 0o600 });
    giveToFolderOwner(draft.manifest, recordDraft);
    if (flushes && !syncFileSystem(draft.folder)) {
      syncTree(layout);
      syncFile(draft.manifest);
      syncFile(recordDraft);
    }
    lock.check();
    rename(draft.manifest, layout.manifest(id));
    rename(recordDraft, layout.record(id));
    flushEach(manifests, layout.manifests);
    lock.check();
    rename(draft.tree, layout.tree(id));
    flushEach(parent, draft.folder, layout.root);
    rmSync(draft.folder, { recursive: true, force: true });
    return id;
  } catch (error) {
    if (PhlbError.is(error)) throw error;
    throw new PhlbError('store', phrase`The snapshot cannot be published (${reason(error)})`, {
      path: layout.root,
      hint: phrase`older snapshots are whole; the next backup reuses what was copied`,
      cause: error,
    });
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
// rename onto an empty folder would succeed.
function freeStamp(layout: Layout, record: SnapshotRecord): SnapshotName {
  const stamp = localStamp(new Date(record.startedAt));
  for (let n = 1; n < 1_000_000; n++) {
    const id = { name: record.name, stamp: n === 1 ? stamp : `${stamp}-${n}` };
    if (![layout.tree(id), layout.manifest(id), layout.record(id)].some(path => existsSync(path))) return id;
  }
  throw new PhlbError('store', phrase`Too many snapshots in one second`, {
    path: snapshotId({ name: record.name, stamp }),
  });
}
