/** The folder that is restored into. */
import { statSync, type BigIntStats } from 'node:fs';
import { dirname, isAbsolute } from 'node:path';
import { errno, PhlbError, reason } from '../errors.js';
import { fsPath, relativeInside } from '../names.js';
import { commandLineHint, phrase } from '../phrase.js';
import { realPath } from '../source-folder.js';

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
}

/** @throws PhlbError `usage` for no absolute path or one inside the backup root, `source` for what is no folder */
export function openTarget(path: string, root: string, inPlace: boolean): Target {
  if (!isAbsolute(path)) throw new PhlbError('usage', phrase`Not an absolute path`, { path });
  const nearest = nearestFolder(path);
  const stat = nearest === path ? statSync(fsPath(path), { bigint: true }) : undefined;
  const real = realPath(nearest) + path.slice(nearest.length);
  const realRoot = realPath(root);
  if (relativeInside(realRoot, real) !== undefined) {
    throw new PhlbError('usage', phrase`Nothing is restored into the backup location itself`, {
      path,
      hint: commandLineHint('otherTarget'),
    });
  }
  return { path, inPlace, stat, nearest, leaveOut: relativeInside(real, realRoot) };
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
