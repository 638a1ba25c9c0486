/**
 * A backup location's own folders, told by device and inode: a walk that meets one under any name (a bind mount of the
 * location inside of the source has no path that shows it) must not store, or remove, the backups themselves.
 */
import { lstatSync, statSync, type BigIntStats } from 'node:fs';
import { join } from 'node:path';
import type { Layout } from './layout.js';
import { sourceFolders } from './record.js';

/** The root, what PHLB keeps in it, and the folder of each source: all in which backups grow. Fit for `postMessage`. */
export function storeFolders(layout: Layout): string[] {
  const options = { bigint: true, throwIfNoEntry: false } as const;
  const root = statSync(layout.root, options);
  // What stands in its place is told by whoever opens it.
  if (!root?.isDirectory()) return [];
  const names = sourceFolders(layout).flatMap(name => [layout.sourceFolder(name), join(layout.manifests, name)]);
  // Only the root may be reached through a link: one in a prepared root must not have a folder of the source left out.
  const stats = [layout.home, layout.partial, layout.manifests, ...names].map(folder => lstatSync(folder, options));
  return [root, ...stats].flatMap(stat => (stat ? [folderKey(stat)] : []));
}

export function folderKey({ dev, ino }: Pick<BigIntStats, 'dev' | 'ino'>): string {
  return `${dev}:${ino}`;
}
