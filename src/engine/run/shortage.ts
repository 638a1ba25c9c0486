/** Telling before a run that its disk may have no room for it. Only told: what counts is what the disk says in the end. */
import { statfsSync, statSync } from 'node:fs';
import { isCancelled } from '../words/call.js';
import { passAllButRefusals, PhlbError } from '../words/errors.js';
import { fsPath, join } from '../words/names.js';
import type { ScanDirectory } from '../scan/scan.js';
import type { Run } from './run.js';
import { setUp } from './snapshot-run.js';
import { filesBelow, withoutOtherNames } from '../files/files-below.js';
import type { PoolThread } from '../threads/pool.js';

const BATCH = 32;
const BLOCK = 4096;
/** `statfs` types of file systems that clone: https://man7.org/linux/man-pages/man2/statfs.2.html */
const CLONING = new Set([0x9123683e, 0x58465342]);

/**
 * Reports what the run would have to store at most, if that is more than is free. Costs a second walk, so it is done only
 * where there is less room than the last snapshot holds or, before the first one, than the source's disk does.
 * @throws PhlbError `cancelled`
 */
export async function warnOfShortage(run: Run): Promise<void> {
  const { store, request, previous, context } = run;
  const disk = roomAt(store.layout.root);
  const sourceDisk = roomAt(request.source);
  if (!disk || !sourceDisk || (disk.device === sourceDisk.device && CLONING.has(disk.type))) return;
  // What dead runs have left is used, or goes.
  const free = disk.free + bytesLeft(store.layout.partial);
  if (free >= (previous?.record.counts.bytes ?? sourceDisk.used)) return;
  const needed = await bytesToStore(run);
  if (needed > free) {
    context.onProgress({ phase: 'measuring', files: 0, bytes: 0, shortage: { needed, free } });
  }
}

// The sizes of all files that will be read; which of them are known already is not known before.
async function bytesToStore(run: Run): Promise<number> {
  const { context, previous } = run;
  const job = (path: string, ignoreFiles: ScanDirectory['ignoreFiles']): ScanDirectory => {
    // Nothing is written, so nothing gets a mode or a time.
    return { path, mode: 0, mtime: 0, ignoreFiles, previous: previous?.manifest.groups.get(path) ?? null };
  };
  await setUp(run, null, null);
  const open = [job('', [])];
  let bytes = 0;
  const { threads } = context.pool();
  const scanSome = async (thread: PoolThread, batch: ScanDirectory[]): Promise<void> => {
    const { scans } = await thread.run('scan', batch);
    for (const { path, pending, directories } of scans) {
      for (const { size } of pending) bytes += Math.ceil(size / BLOCK) * BLOCK;
      open.push(...directories.map(({ name, ignoreFiles }) => job(join(path, name), ignoreFiles)));
    }
  };
  while (open.length > 0) {
    if (isCancelled(context)) throw PhlbError.cancelled();
    const share = Math.min(BATCH, Math.ceil(open.length / threads.length));
    await Promise.all(threads.map(thread => scanSome(thread, open.splice(-share, share))));
  }
  return bytes;
}

function bytesLeft(folder: string): number {
  return withoutOtherNames(filesBelow(folder)).reduce((sum, { size }) => sum + size, 0);
}

function roomAt(path: string): { free: number; used: number; type: number; device: number } | undefined {
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
