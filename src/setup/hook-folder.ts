/** Which folder a hook backs up: what an agent says of where it works is data, and may lead anywhere. */
import { lstat, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, resolve } from 'node:path';
import { realSpelling } from '../engine/files/same-folder.js';
import { tooMuchIn } from '../engine/files/too-much.js';
import { passAllButRefusals } from '../engine/words/errors.js';
import { pathKey, relativeInside } from '../engine/words/names.js';

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
 * top of a drive, or what holds the home folder or the backup location, or lies in the latter.
 */
export async function folderOf(given: string, { sources, root, home }: Surroundings): Promise<HookFolder> {
  const path = fromUri(given);
  if (path.includes('\0') || !isAbsolute(path)) return { passedOver: 'it is not an absolute path' };
  const folder = resolve(path);
  if (!(await isFolder(folder))) return { passedOver: 'there is no such folder' };
  const real = await realSpelling(folder);
  const problem = (candidate: string): Promise<string | undefined> => problemOf(candidate, { root, home });
  const around = sources.filter(source => [folder, real].some(one => relativeInside(source, one) !== undefined));
  for (const source of around.toSorted((a, b) => b.length - a.length)) {
    if ((await problem(source)) === undefined) return { source, isKnown: true };
  }
  const top = await workTree(real);
  if (top !== undefined && (await problem(top)) === undefined) return { source: top, isKnown: false };
  const reason = await problem(real);
  return reason === undefined ? { source: real, isKnown: false } : { passedOver: reason };
}

async function problemOf(folder: string, { root, home }: Omit<Surroundings, 'sources'>): Promise<string | undefined> {
  const real = await realSpelling(folder);
  if (relativeInside(await realSpelling(root), real) !== undefined) return 'it is in the backup location';
  const held = await tooMuchIn(real, { home, root });
  if (held.includes('drive')) return 'it is the top of a drive';
  const isHome = home !== undefined && pathKey(await realSpelling(home)) === pathKey(real);
  if (isHome) return 'it is the home folder';
  if (held.includes('backups')) return 'it holds the backup location';
  return held.includes('home') ? 'it holds the home folder' : undefined;
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
