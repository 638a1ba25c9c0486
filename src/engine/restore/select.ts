/** Which entries of a snapshot a restore is about. */
import { PhlbError } from '../words/errors.js';
import { dirname, isSafeRelative, namedAmong } from '../words/names.js';
import { phrase } from '../words/phrase.js';
import type { Entry } from '../store/manifest.js';

export interface Selection {
  /** what is wanted, and the folders on the way there; in the manifest's order */
  entries: Entry[];
  /** at or below what was asked for */
  wants: (path: string) => boolean;
  /** the paths that were given, as the snapshot has them */
  asked: ReadonlySet<string>;
  /** wanted, or on the way there */
  leadsToWanted: (path: string) => boolean;
}

/**
 * @param paths relative to the source, as `pathInSnapshot` gives them; none, or `''` among them: everything
 * @throws PhlbError `usage` for what is no path below the source, `notFound` for what the snapshot does not hold
 */
export function select(all: readonly Entry[], paths: readonly string[], snapshot: string): Selection {
  if (paths.length === 0 || paths.includes('')) {
    return { entries: [...all], wants: () => true, asked: new Set(paths), leadsToWanted: () => true };
  }
  const known = new Set(all.map(entry => entry.path));
  const asked = new Set(paths.map(path => namedAmong(known, path)));
  const onTheWay = new Set(['']);
  for (const path of asked) {
    if (!isSafeRelative(path)) throw new PhlbError('usage', phrase`Not a path below the source`, { path });
    if (!known.has(path)) throw new PhlbError('notFound', phrase`Not in snapshot ${snapshot}`, { path });
    for (const parent of parentsOf(path)) onTheWay.add(parent);
  }
  const wants = (path: string): boolean => asked.has(path) || parentsOf(path).some(parent => asked.has(parent));
  const leadsToWanted = (path: string): boolean => onTheWay.has(path) || wants(path);
  return { entries: all.filter(entry => leadsToWanted(entry.path)), wants, asked, leadsToWanted };
}

/** The folders that a path lies in, the nearest first, without the source folder itself. */
export function parentsOf(path: string): string[] {
  const parents: string[] = [];
  for (let parent = dirname(path); parent !== ''; parent = dirname(parent)) parents.push(parent);
  return parents;
}
