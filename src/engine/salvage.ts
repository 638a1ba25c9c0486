/** What dead runs have left in `partial/`: whole files are offered to the next run, the rest goes. */
import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { errno } from './errors.js';
import { fsPath, join as joinPath, nameFromBuffer } from './names.js';
import { findGuards } from './store/guards.js';
import type { Layout } from './store/layout.js';
import { removeTree } from './store/trash.js';
import { nsToMicros } from './times.js';
import type { Placement } from './transfer/placement.js';
import type { Pool } from './transfer/pool.js';

interface Leftover {
  path: string;
  mode: number;
  /** microseconds */
  mtime: number;
  inode: bigint;
  nlink: bigint;
}

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
  const files = onlyHere(folders.flatMap(folder => [...filesBelow(joinPath(folder, 'tree'))]));
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

// One name of each inode whose names are all in leftovers (a second dead run has linked what the first had copied). What
// has further ones stands in a snapshot and is found through the index.
function onlyHere(files: readonly Leftover[]): Leftover[] {
  const inodes = new Map<bigint, { file: Leftover; names: bigint }>();
  for (const file of files) {
    const known = inodes.get(file.inode);
    if (known) known.names++;
    else inodes.set(file.inode, { file, names: 1n });
  }
  return [...inodes.values()].filter(({ file, names }) => names === file.nlink).map(({ file }) => file);
}

function* filesBelow(dir: string): Generator<Leftover> {
  let names: string[];
  try {
    names = readdirSync(fsPath(dir), { encoding: 'buffer' }).map(nameFromBuffer);
  } catch (error) {
    if (errno(error) === undefined) throw error;
    return;
  }
  for (const name of names) {
    const path = joinPath(dir, name);
    const stat = lstatSync(fsPath(path), { bigint: true });
    if (stat.isDirectory()) yield* filesBelow(path);
    else if (stat.isFile()) {
      const { ino: inode, nlink } = stat;
      yield { path, mode: Number(stat.mode & 0o777n), mtime: nsToMicros(stat.mtimeNs), inode, nlink };
    }
  }
}
