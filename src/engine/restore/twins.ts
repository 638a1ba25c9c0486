/** Other names of files that a restore tore apart. */
import { unlessRefused } from '../words/errors.js';
import type { HeldFolder } from '../files/held-folder.js';
import { join } from '../words/names.js';
import type { Entry } from '../store/manifest.js';
import { isStoreFolder, type Target } from './target.js';

/**
 * Finds names in the target that are no entries themselves but have the inode that entries with several names had when
 * they were saved. An inode number may have gone to another file since: content and times decide later.
 * @returns each as the entry would be under that name
 */
export function findTwins(target: Target, entries: readonly Entry[]): Entry[] {
  const { held, stat } = target;
  const wanted = new Map<string, Entry>();
  for (const entry of entries) {
    const { type, hardlinked, inode, dev = stat?.dev } = entry;
    if (type === 'file' && hardlinked && inode !== undefined) wanted.set(`${dev}:${inode}`, entry);
  }
  if (wanted.size === 0) return [];
  const known = new Set(entries.map(entry => entry.path));
  const twins: Entry[] = [];
  const visit = (folder: string): void => {
    for (const name of namesIn(held, folder)) {
      const child = join(folder, name);
      const is = held.find(child);
      if (isStoreFolder(target, child, is)) continue;
      if (is?.isDirectory()) visit(child);
      const entry = is?.isFile() && !known.has(child) ? wanted.get(`${is.dev}:${is.ino}`) : undefined;
      if (entry) twins.push({ ...entry, path: child });
    }
  };
  visit('');
  return twins;
}

// What cannot be read keeps its secrets: its names stay apart.
function namesIn(held: HeldFolder, folder: string): string[] {
  return unlessRefused(() => held.names(folder)) ?? [];
}
