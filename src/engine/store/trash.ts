/**
 * Removed snapshots on their way out. A tree is renamed into `partial/` before anything of it is removed, so that a
 * deletion that is interrupted never looks like a snapshot; the next backup clears what it finds there.
 */
import { chmodSync, lstatSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { passAllButRefusals, PhlbError, reason, unlessRefused } from '../words/errors.js';
import { fsPath, join as joinPath, nameFromBuffer } from '../words/names.js';
import { phrase } from '../words/phrase.js';
import { syncDirectory } from '../files/durable.js';
import { removeGuarded, type Guards } from './guards.js';
import { snapshotId, type Layout, type SnapshotName } from './layout.js';
import type { StoreLock } from './lock.js';
import { unprotected } from '../files/protected-folders.js';
import { makeFolder } from '../files/make-folder.js';
import { refuseMounts } from '../files/mounts.js';
import { remove, removeEmpty } from '../files/remove.js';
import { rename } from '../files/rename.js';

const SUFFIX = '-deleted';

/** One run's trash. Only under the lock. */
export class Trash {
  private readonly folder: string;
  private count = 0;

  constructor(
    private readonly layout: Layout,
    private readonly lock: StoreLock,
  ) {
    this.folder = join(layout.partial, `${lock.token}${SUFFIX}`);
  }

  /**
   * Takes a snapshot out of sight, for good: then `forget` it. Returns where its tree is now, to be removed with `removeTree`.
   * @throws PhlbError `store`, `lockLost`; the snapshot is then still there
   */
  hide(id: SnapshotName): string {
    const tree = this.layout.tree(id);
    // Not `tree`, where the next run would look for files of use.
    const hidden = join(this.folder, String(++this.count));
    try {
      refuseMounts(tree);
      makeFolder(this.folder);
      syncDirectory(this.layout.partial);
      this.lock.check();
      unprotected(tree, () => rename(tree, hidden));
    } catch (error) {
      passAllButRefusals(error);
      throw new PhlbError('store', phrase`The snapshot ${snapshotId(id)} cannot be deleted (${reason(error)})`, {
        path: tree,
        hint: phrase`check that the backup location can be written to`,
        cause: error,
      });
    }
    return hidden;
  }

  /** Removes manifest and record of a snapshot that is out of sight. @throws the system's error */
  forget(id: SnapshotName): void {
    syncDirectory(dirname(this.layout.tree(id)));
    syncDirectory(this.folder);
    remove(this.layout.manifest(id));
    remove(this.layout.record(id));
    remove(this.layout.restoreNote(id));
  }

  /** Removes the emptied trash. One that is not empty waits for the next backup. */
  close(): void {
    unlessRefused(() => removeEmpty(this.folder), 'ENOENT', 'ENOTEMPTY', 'EEXIST');
  }
}

/** What deletions that died have left. Only under the lock, or to look at. */
export function deadTrash(layout: Layout): string[] {
  const names = unlessRefused(() => readdirSync(layout.partial), 'ENOENT') ?? [];
  return names.filter(name => name.endsWith(SUFFIX)).map(name => join(layout.partial, name));
}

export interface RemoveRequest {
  /** absolute */
  tree: string;
  guards: Guards;
}

/**
 * Removes a tree that was hidden. Follows no link; gets past folders without write permission.
 * @throws PhlbError `store`
 */
export function removeTree({ tree, guards }: RemoveRequest): null {
  try {
    if (lstatSync(fsPath(tree), { throwIfNoEntry: false })?.isDirectory()) refuseMounts(tree);
    try {
      if (guards.size > 0) removeGuarded(tree, guards);
      else remove(tree);
    } catch (error) {
      passAllButRefusals(error, 'EACCES', 'EPERM', 'ENOTEMPTY');
      openFolders(tree);
      remove(tree);
    }
  } catch (error) {
    passAllButRefusals(error);
    throw new PhlbError('store', phrase`What was deleted cannot be removed from the disk (${reason(error)})`, {
      path: tree,
      hint: phrase`the next backup tries again`,
      cause: error,
    });
  }
  return null;
}

function openFolders(folder: string): void {
  if (!lstatSync(fsPath(folder)).isDirectory()) return;
  chmodSync(fsPath(folder), 0o700);
  for (const name of readdirSync(fsPath(folder), { encoding: 'buffer' }).map(nameFromBuffer)) {
    openFolders(joinPath(folder, name));
  }
}
