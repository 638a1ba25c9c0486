/** The folder that is backed up, and where it lies to the backup location. */
import { accessSync, constants, existsSync, realpathSync, statSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';
import { isAbsolute } from 'node:path';
import { passAllButRefusals, PhlbError, reason } from '../words/errors.js';
import type { PathError } from '../words/model.js';
import { fsPath, nameFromBuffer, relativeInside } from '../words/names.js';
import { phrase } from '../words/phrase.js';
import type { Layout } from '../store/layout.js';
import { folderKey, storeFolders } from '../store/store-folders.js';

/** @throws PhlbError `usage`, or `source` when the folder cannot be read */
export function sourceStat(source: string): BigIntStats {
  if (!isAbsolute(source)) throw new PhlbError('usage', phrase`Not an absolute path`, { path: source });
  try {
    const stat = statSync(fsPath(source), { bigint: true });
    if (stat.isDirectory()) {
      // Listed but not entered, each thing in it would be an error of its own, and the snapshot empty.
      accessSync(fsPath(source), constants.R_OK | constants.X_OK);
      return stat;
    }
  } catch (error) {
    passAllButRefusals(error);
    throw unreadable(source, reason(error), error);
  }
  throw new PhlbError('source', phrase`Not a folder`, {
    path: source,
    hint: phrase`name the folder that holds the file`,
  });
}

/** Whether there is a folder, or a symlink to one. @throws the system's error where there is nothing, or no way to it */
export function isFolderAt(path: string): boolean {
  return statSync(fsPath(path)).isDirectory();
}

/**
 * A folder that could not be listed is no empty one: published, it would say that everything in it has been deleted.
 * @param errors of a run that walked over it
 * @throws PhlbError `source`
 */
export function refuseUnread(source: string, errors: readonly PathError[]): void {
  const own = errors.find(({ path }) => path === '');
  if (own) throw unreadable(source, own.message);
}

function unreadable(path: string, why: string, cause?: unknown): PhlbError {
  return new PhlbError('source', phrase`The folder cannot be read (${why})`, { path, cause });
}

/**
 * A run that stores what it is writing has no end.
 * @throws PhlbError `usage` for a folder that is the backup location or lies in it
 */
export function refuseInside(source: string, stat: BigIntStats, layout: Layout): void {
  const { root } = layout;
  if (!existsSync(root)) return;
  const isOwn = storeFolders(layout).includes(folderKey(stat));
  if (!isOwn && relativeInside(realPath(root), realPath(source)) === undefined) return;
  throw new PhlbError('usage', phrase`The backup location cannot be backed up into itself`, { path: source });
}

/**
 * Where the backup root lies in the source, as a path below it; it is left out. `null`: it lies elsewhere.
 * @throws PhlbError `source` when the source is gone
 */
export function rootInside(source: string, root: string): string | null {
  return existsSync(root) ? (relativeInside(realSource(source), realPath(root)) ?? null) : null;
}

function realSource(source: string): string {
  try {
    return realPath(source);
  } catch (error) {
    throw unreadable(source, reason(error), error);
  }
}

/** A path without symlinks, with each byte of its names. @throws what Node does where there is nothing at the path */
export function realPath(path: string): string {
  // Node's own `realpathSync` makes strings of bytes.
  return nameFromBuffer(realpathSync.native(fsPath(path), { encoding: 'buffer' }));
}
