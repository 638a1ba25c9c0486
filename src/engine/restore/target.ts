/** The folder that is restored into. */
import type { BigIntStats } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { errno, passAllButRefusals, PhlbError, reason, unlessRefused } from '../words/errors.js';
import { HeldFolder } from '../files/held-folder.js';
import { relativeInside } from '../words/names.js';
import { commandLineHint, phrase } from '../words/phrase.js';
import { isFolderAt, realPath } from '../scan/source-folder.js';
import type { Layout } from '../store/layout.js';
import { folderKey, storeFolders } from '../store/store-folders.js';

export interface Target {
  /** absolute */
  path: string;
  /** what is looked at and done there goes through this */
  held: HeldFolder;
  /** the snapshot's own source: its mode and time come back too */
  inPlace: boolean;
  /** `undefined`: it is to be made */
  stat: BigIntStats | undefined;
  /** itself, or the nearest folder above it that exists */
  nearest: string;
  /** relative path of the backup root below it, never touched */
  leaveOut: string | undefined;
  /** by device and inode (`storeFolders`), never touched under any name */
  storeFolders: ReadonlySet<string>;
}

/** Whether that is the backup location, or a folder of its own. */
export function isStoreFolder(target: Target, path: string, stat: BigIntStats | undefined): boolean {
  return path === target.leaveOut || (stat?.isDirectory() === true && target.storeFolders.has(folderKey(stat)));
}

/** What may be restored into. */
export interface TargetBounds {
  layout: Layout;
  /** as of `Target` */
  inPlace: boolean;
  /** absolute paths: the target must be one of these folders or lie in them, wherever symlinks lead; default: no bounds */
  within?: readonly string[] | undefined;
}

/**
 * Holds a folder while it is restored into.
 * @throws PhlbError `usage` for no absolute path, one inside the backup root or out of bounds, `source` for what is no folder
 */
export async function withTarget<T>(
  path: string,
  bounds: TargetBounds,
  use: (target: Target) => T | Promise<T>,
): Promise<T> {
  const target = openTarget(path, bounds);
  try {
    return await use(target);
  } finally {
    target.held.close();
  }
}

function openTarget(path: string, { layout, inPlace, within }: TargetBounds): Target {
  if (!isAbsolute(path)) throw new PhlbError('usage', phrase`Not an absolute path`, { path });
  const nearest = nearestFolder(path);
  const held = HeldFolder.open(nearest).below(relativeInside(nearest, path) ?? '');
  try {
    // Of the folder that is held: what its path leads to by now does not count.
    const real = held.realPath() + path.slice(nearest.length);
    refuseOutside(path, real, within);
    return { path, held, inPlace, nearest, ...lookAt(held, { path, real, nearest }, layout) };
  } catch (error) {
    held.close();
    throw error;
  }
}

function refuseOutside(path: string, real: string, within: readonly string[] | undefined): void {
  if (
    within?.some(folder => relativeInside(unlessRefused(() => realPath(folder)) ?? folder, real) !== undefined) ===
    false
  ) {
    throw new PhlbError('usage', phrase`Only the open folders, and what lies in them, can be restored into`, { path });
  }
}

function lookAt(
  held: HeldFolder,
  { path, real, nearest }: { path: string; real: string; nearest: string },
  layout: Layout,
): Pick<Target, 'stat' | 'leaveOut' | 'storeFolders'> {
  const stat = nearest === path ? held.lstat('') : undefined;
  const realRoot = realPath(layout.root);
  const own = new Set(storeFolders(layout));
  if (relativeInside(realRoot, real) !== undefined || (stat && own.has(folderKey(stat)))) {
    throw new PhlbError('usage', phrase`Nothing can be restored into the backup location itself`, {
      path,
      hint: commandLineHint('otherTarget'),
    });
  }
  return { stat, leaveOut: relativeInside(real, realRoot), storeFolders: own };
}

function nearestFolder(path: string): string {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      // The target itself may be reached through a symlink; nothing below it may.
      if (isFolderAt(folder)) return folder;
      throw new PhlbError('source', phrase`Not a folder`, { path: folder, hint: commandLineHint('otherTarget') });
    } catch (error) {
      if (errno(error) === 'ENOENT' && folder !== dirname(folder)) continue;
      passAllButRefusals(error);
      throw new PhlbError('source', phrase`Nothing can be restored into this folder (${reason(error)})`, {
        path: folder,
      });
    }
  }
}
