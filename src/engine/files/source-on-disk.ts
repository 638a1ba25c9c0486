import { OnDisk } from './on-disk.js';

/**
 * Tells of paths whether a source has them right now; `undefined`: cannot be told, since it is another host's or not there.
 * @param folder the source's, absolute; `undefined`: none on this host
 */
export function sourceOnDisk(folder: string | undefined): (path: string) => boolean | undefined {
  if (folder === undefined) return () => undefined;
  const disk = new OnDisk(folder);
  return disk.has('') ? path => disk.has(path) : () => undefined;
}
