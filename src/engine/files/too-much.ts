/** Folders that are more than a project. For an agent they are backed up only where somebody has named them. */
import { parse } from 'node:path';
import { relativeInside } from '../words/names.js';
import { realSpelling } from './same-folder.js';

/** `drive`: it is the top of one; `home`: it is or holds the home folder; `backups`: it is or holds the backup location */
export type TooMuch = 'drive' | 'home' | 'backups';

/**
 * What of somebody's is all in a folder, wherever symlinks lead.
 * @param real absolute, without symlinks
 * @param places absolute: the home folder, if there is one, and the backup location
 */
export async function tooMuchIn(
  real: string,
  { home, root }: { home: string | undefined; root: string },
): Promise<TooMuch[]> {
  const holds = async (path: string): Promise<boolean> => relativeInside(real, await realSpelling(path)) !== undefined;
  return [
    ...(parse(real).root === real ? ['drive' as const] : []),
    ...(home !== undefined && (await holds(home)) ? ['home' as const] : []),
    ...((await holds(root)) ? ['backups' as const] : []),
  ];
}
