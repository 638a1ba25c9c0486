/** Which folder a hook backs up: what an agent says of where it works is data, and may lead anywhere. */
import { lstat, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { passAllButRefusals } from '../engine/words/errors.js';
import { pathKey, relativeInside } from '../engine/words/names.js';
import { realFolder } from './risks.js';

export interface Surroundings {
  /** the paths of this host's sources */
  sources: readonly string[];
  /** the backup location */
  root: string;
  /** `undefined`: this account has none */
  home: string | undefined;
}

/** What to back up, and whether it is a source already; or why nothing is. */
export type HookFolder = { source: string; isKnown: boolean } | { passedOver: string };

/**
 * The innermost source that is the folder or contains it; else the top of its git work tree; else the folder itself. Never the
 * top of a drive, the home folder, or what holds the backup location or lies in it.
 */
export async function folderOf(given: string, { sources, root, home }: Surroundings): Promise<HookFolder> {
  const path = fromUri(given);
  if (path.includes('\0') || !isAbsolute(path)) return { passedOver: 'it is not an absolute path' };
  const folder = resolve(path);
  if (!(await isFolder(folder))) return { passedOver: 'there is no such folder' };
  const real = await realpath(folder);
  const realRoot = await realFolder(root);
  const homes = home === undefined ? [] : [home, await realFolder(home)];
  const problem = (candidate: string): string | undefined => {
    if (dirname(candidate) === candidate) return 'it is the top of a drive';
    if (homes.some(one => pathKey(one) === pathKey(candidate))) return 'it is the home folder';
    const roots = [root, realRoot];
    if (roots.some(one => relativeInside(one, candidate) !== undefined)) return 'it is in the backup location';
    if (roots.some(one => relativeInside(candidate, one) !== undefined)) return 'it holds the backup location';
    return undefined;
  };
  const known = sources
    .filter(source => [folder, real].some(one => relativeInside(source, one) !== undefined))
    .filter(source => problem(source) === undefined)
    .reduce((longest, source) => (source.length > longest.length ? source : longest), '');
  if (known !== '') return { source: known, isKnown: true };
  const top = await workTree(real);
  if (top !== undefined && problem(top) === undefined) return { source: top, isKnown: false };
  const reason = problem(real);
  return reason === undefined ? { source: real, isKnown: false } : { passedOver: reason };
}

// Cursor on Windows gives `/c:/Users/…`, as in an address.
function fromUri(path: string): string {
  return process.platform === 'win32' ? path.replace(/^\/(?=[A-Za-z]:)/, '') : path;
}

/** The folder with `.git` in it, which is a file in linked work trees. */
async function workTree(folder: string): Promise<string | undefined> {
  if (await isThere(join(folder, '.git'))) return folder;
  return dirname(folder) === folder ? undefined : workTree(dirname(folder));
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    passAllButRefusals(error);
    return false;
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    passAllButRefusals(error);
    return false;
  }
}
