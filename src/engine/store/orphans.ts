import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { unlessRefused } from '../words/errors.js';
import type { Layout } from './layout.js';
import { remove } from '../files/remove.js';

/**
 * Removes a source's manifests, records and restores' notes whose trees are not there: left by a run that died between publishing its
 * manifest and its tree, or by an `rm -rf` of a tree. Only under the lock, and only where the source's folder stands.
 */
export function removeOrphans(layout: Layout, name: string): void {
  if (!existsSync(layout.sourceFolder(name))) return;
  const folder = join(layout.manifests, name);
  for (const file of filesIn(folder)) {
    const stamp = file.replace(/(\.mtree\.gz|\.json|\.restore\.json\.gz)$/, '');
    if (stamp !== file && !existsSync(layout.tree({ name, stamp }))) remove(join(folder, file));
  }
}

const TEMPORARY_AGE_MS = 60 * 60_000;

/**
 * Removes what processes that were killed while they wrote a small file or took a lock have left beside it.
 * @param now the file system's clock, nanoseconds: a young one may be somebody's who is just about to use it
 */
export function removeTemporaries(layout: Layout, name: string, now: bigint): void {
  for (const folder of [layout.home, join(layout.manifests, name)]) {
    for (const file of filesIn(folder)) {
      if (!/^lock\.|^takeover-|\.new$/.test(file)) continue;
      const stat = statSync(join(folder, file), { throwIfNoEntry: false });
      if (stat && stat.mtimeMs < Number(now / 1_000_000n) - TEMPORARY_AGE_MS) {
        remove(join(folder, file));
      }
    }
  }
}

function filesIn(folder: string): string[] {
  return unlessRefused(() => readdirSync(folder), 'ENOENT') ?? [];
}
