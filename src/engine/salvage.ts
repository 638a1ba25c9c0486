/** What dead runs have left in `partial/`: whole files are offered to the next run, the rest goes. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errno } from './errors.js';
import { filesBelow, isFolder, withoutOtherNames } from './store/files-below.js';
import { findGuards } from './store/guards.js';
import type { Layout } from './store/layout.js';
import { removeTree } from './store/trash.js';
import type { Placement } from './transfer/placement.js';
import type { Pool } from './transfer/pool.js';

/** Folders of dead runs. Only under the lock: then every folder there is one. */
export function leftovers(layout: Layout): string[] {
  try {
    return readdirSync(layout.partial).map(name => join(layout.partial, name));
  } catch (error) {
    if (errno(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Hashes the files that only a dead run holds and offers them to this run's placement. */
export async function offerLeftovers(
  folders: readonly string[],
  pool: Pool,
  placement: Placement,
  cancel: SharedArrayBuffer,
): Promise<void> {
  // A second dead run has linked what the first had copied. What has further names stands in a snapshot and is found
  // through the index.
  const files = withoutOtherNames(folders.filter(isFolder).flatMap(folder => [...filesBelow(join(folder, 'tree'))]));
  const share = Math.ceil(files.length / pool.threads.length);
  await Promise.all(
    pool.threads.map(async (thread, t) => {
      const part = files.slice(t * share, (t + 1) * share);
      const replies = await thread.run('hash', { paths: part.map(file => file.path), cancel });
      replies.forEach((reply, i) => {
        const file = part[i];
        if (!file || reply.sha256 === undefined) return;
        placement.offer(reply.sha256, file.mode, {
          path: file.path,
          storedMtime: file.mtime,
          snapshot: '',
          name: file.path,
        });
      });
    }),
  );
}

/** @throws PhlbError `store` */
export function removeLeftovers(layout: Layout, folders: readonly string[]): void {
  if (folders.length === 0) return;
  const guards = findGuards(layout, folders);
  for (const tree of folders) removeTree({ tree, guards });
}
