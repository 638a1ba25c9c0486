import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { errno } from '../errors.js';
import type { Layout } from './layout.js';

/**
 * Removes a source's manifests and records whose trees are not there: left by a run that died between publishing its
 * manifest and its tree, or by an `rm -rf` of a tree. Only under the lock, and only where the source's folder stands.
 */
export function removeOrphans(layout: Layout, name: string): void {
  if (!existsSync(layout.sourceFolder(name))) return;
  const folder = join(layout.manifests, name);
  for (const file of filesIn(folder)) {
    const stamp = file.replace(/(\.mtree\.gz|\.json)$/, '');
    if (stamp !== file && !existsSync(layout.tree({ name, stamp }))) rmSync(join(folder, file), { force: true });
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (errno(error) === 'ENOENT') return [];
    throw error;
  }
}
