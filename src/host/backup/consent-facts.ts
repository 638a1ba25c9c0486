import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errno } from '../../engine/words/errors.js';

/** How much there is to back up. */
export interface FolderSize {
  files: number;
  bytes: number;
  /** counting was given up: it is more than that */
  more: boolean;
}

/** Beyond these, and when counting takes longer, a workspace is never backed up without a yes of its own. */
export const LIMITS = { files: 200_000, bytes: 10e9, milliseconds: 30_000 };

export function isLarge({ files, bytes, more }: FolderSize): boolean {
  return more || files > LIMITS.files || bytes > LIMITS.bytes;
}

/** Whether a folder is `/`, a whole drive or the home folder, rather than something that somebody works on. */
export function isNoProject(folder: string, home: string): boolean {
  const path = folder.replace(/[\\/]+$/, '');
  return path === '' || /^[a-z]:$/i.test(path) || path === home.replace(/[\\/]+$/, '');
}

/** Whether a disk fault would take one of the folders and the backups at `root`, which may not exist yet, together. */
export async function sharesDisk(folders: readonly string[], root: string): Promise<boolean> {
  const device = await deviceOf(root);
  const devices = await Promise.all(folders.map(deviceOf));
  return device !== undefined && devices.includes(device);
}

async function deviceOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).dev;
  } catch (error) {
    const parent = dirname(path);
    return errno(error) === 'ENOENT' && parent !== path ? deviceOf(parent) : undefined;
  }
}
