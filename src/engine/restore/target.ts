/** The folder that is restored into. */
import { statSync, type BigIntStats } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { errno, PhlbError, reason } from '../errors.js';
import { fsPath, relativeInside } from '../names.js';
import { commandLineHint, phrase } from '../phrase.js';
import { realPath } from '../source-folder.js';
import type { Layout } from '../store/layout.js';
import { folderKey, storeFolders } from '../store/store-folders.js';

export interface Target {
  /** absolute */
  path: string;
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

/** @throws PhlbError `usage` for no absolute path or one inside the backup root, `source` for what is no folder */
export function openTarget(path: string, layout: Layout, inPlace: boolean): Target {
  if (!isAbsolute(path)) throw new PhlbError('usage', phrase`Not an absolute path`, { path });
  const nearest = nearestFolder(path);
  const stat = nearest === path ? statSync(fsPath(path), { bigint: true }) : undefined;
  const real = realPath(nearest) + path.slice(nearest.length);
  const realRoot = realPath(layout.root);
  const own = new Set(storeFolders(layout));
  if (relativeInside(realRoot, real) !== undefined || (stat && own.has(folderKey(stat)))) {
    throw new PhlbError('usage', phrase`Nothing is restored into the backup location itself`, {
      path,
      hint: commandLineHint('otherTarget'),
    });
  }
  return { path, inPlace, stat, nearest, leaveOut: relativeInside(real, realRoot), storeFolders: own };
}

function nearestFolder(path: string): string {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      // The target itself may be reached through a symlink; nothing below it may.
      if (statSync(fsPath(folder)).isDirectory()) return folder;
      throw new PhlbError('source', phrase`Not a folder`, { path: folder, hint: commandLineHint('otherTarget') });
    } catch (error) {
      if (errno(error) === 'ENOENT' && folder !== dirname(folder)) continue;
      if (errno(error) === undefined) throw error;
      throw new PhlbError('source', phrase`The folder cannot be restored into (${reason(error)})`, { path: folder });
    }
  }
}
