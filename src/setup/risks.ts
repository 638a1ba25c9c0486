/** Whether what deletes a project may delete its backups, too. */
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { realSpelling } from '../engine/files/same-folder.js';
import { passAllButRefusals } from '../engine/words/errors.js';
import { relativeInside } from '../engine/words/names.js';
import { goesWithContainer } from './goes-with-container.js';

/**
 * `inside`: the backup location is in a folder that an agent works in, or the other way round; `container`: it goes with the
 * container; `memory`: it is kept in memory, and goes when the computer is turned off
 */
export type Risk = 'inside' | 'container' | 'memory';

/** `TMPFS_MAGIC`, `RAMFS_MAGIC` (statfs(2)). */
const IN_MEMORY = [0x01021994, 0x858458f6];

/**
 * What may befall a backup location.
 * @param folders those that an agent works in
 * @param remoteName of the editor's window, if it is one
 */
export async function risksOf(root: string, folders: readonly string[], remoteName?: string): Promise<Risk[]> {
  const place = await realSpelling(root);
  const real = await Promise.all(folders.map(realSpelling));
  const isInside = real.some(
    one => relativeInside(one, place) !== undefined || relativeInside(place, one) !== undefined,
  );
  const risks: Risk[] = isInside ? ['inside'] : [];
  if (await goesWithContainer(root, remoteName)) risks.push('container');
  else if (await isInMemory(root)) risks.push('memory');
  return risks;
}

async function isInMemory(path: string): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  try {
    return IN_MEMORY.includes((await statfs(path)).type);
  } catch (error) {
    passAllButRefusals(error);
    return dirname(path) !== path && isInMemory(dirname(path));
  }
}
