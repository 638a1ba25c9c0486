/** Telling that a run's disk may have too little space for it. Only told: what counts is what the disk says in the end. */
import { statfsSync, statSync } from 'node:fs';
import { isCancelled } from '../words/call.js';
import { passAllButRefusals, PhlbError } from '../words/errors.js';
import { fsPath, join } from '../words/names.js';
import { filesBelow, withoutOtherNames } from '../files/files-below.js';
import type { Context } from '../threads/context.js';
import type { DirectoryToWalk } from '../threads/jobs.js';
import type { PoolThread } from '../threads/pool.js';
import { setUpThreads, treeToWalk, type Comparison } from './comparison.js';
import { bytesOnDisk } from './space-in-doubt.js';

const BATCH = 32;
/** `statfs` types of file systems that clone: https://man7.org/linux/man-pages/man2/statfs.2.html */
const CLONING = new Set([0x9123683e, 0x58465342]);

/**
 * Finds out whether it is doubtful that a run has space: less is free than the last snapshot holds or, before the first one,
 * than the source's disk does. Before a first one, which is stored as it is met, a walk of its own tells what it would have to
 * store at most, and that is reported if it is more than is free. Any other run finds it out by itself (`SpaceInDoubt`).
 * @returns what is free, bytes, where the run is to find it out
 * @throws PhlbError `cancelled`
 */
export async function warnOfShortage(comparison: Comparison, context: Context): Promise<number | undefined> {
  const free = freeInDoubt(comparison);
  if (free === undefined || comparison.previous) return free;
  const needed = await bytesToStore(comparison, context);
  if (needed > free) {
    context.onProgress({ phase: 'measuring', files: 0, bytes: 0, shortage: { needed, free } });
  }
  return undefined;
}

function freeInDoubt({ layout, source, previous }: Comparison): number | undefined {
  const disk = diskSpaceAt(layout.root);
  const sourceDisk = diskSpaceAt(source.path);
  if (!disk || !sourceDisk || (disk.device === sourceDisk.device && CLONING.has(disk.type))) return undefined;
  // What dead runs have left is used, or goes.
  const free = disk.free + bytesLeft(layout.partial);
  return free < (previous?.record.counts.bytes ?? sourceDisk.used) ? free : undefined;
}

// Of all files, where nothing is known to compare with; which of them are alike is not known before.
async function bytesToStore(comparison: Comparison, context: Context): Promise<number> {
  const root = setUpThreads(comparison, context, null);
  const open: DirectoryToWalk[] = [{ ...treeToWalk(comparison, context, root).root, previous: null, ignoreFiles: [] }];
  let bytes = 0;
  const walkSome = async (thread: PoolThread, batch: DirectoryToWalk[]): Promise<void> => {
    const { compared } = await thread.run('walk', batch);
    for (const { path, pending, directories } of compared) {
      for (const { size } of pending) bytes += bytesOnDisk(size);
      open.push(...directories.map(({ name, ...found }) => ({ ...found, path: join(path, name), previous: null })));
    }
  };
  while (open.length > 0) {
    if (isCancelled(context)) throw PhlbError.cancelled();
    const threads = context.pool().forMoments;
    const share = Math.min(BATCH, Math.ceil(open.length / threads.length));
    await Promise.all(threads.map(thread => walkSome(thread, open.splice(-share, share))));
  }
  return bytes;
}

function bytesLeft(folder: string): number {
  return withoutOtherNames(filesBelow(folder)).reduce((sum, { size }) => sum + size, 0);
}

function diskSpaceAt(path: string): { free: number; used: number; type: number; device: number } | undefined {
  try {
    const { bsize, bavail, bfree, blocks, type } = statfsSync(fsPath(path));
    // Some network file systems do not tell.
    if (blocks === 0) return undefined;
    return { free: bavail * bsize, used: (blocks - bfree) * bsize, type, device: statSync(fsPath(path)).dev };
  } catch (error) {
    passAllButRefusals(error);
    return undefined;
  }
}
