// A place on a ground with all that a run needs there; it is gone when the process ends.
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describeGround, openGround } from './grounds.mjs';
import { remove, settle } from './measure.mjs';
import { makeTree } from './tree.mjs';

/**
 * ext4 without a journal passes over every inode that was deleted within the last minute when it looks for a free one
 * (`recently_deleted` in fs/ext4/ialloc.c): `cp -a` of the tree took 45 s right after its like had been deleted, and 6 s a
 * minute later.
 */
const restMs = 65_000;

/**
 * @returns `site`: the `ground`, its `description`, a `scratch` folder on it, PHLB's `program` folder, the `tree`, and
 *   `measurements` (round.mjs), still empty; or `lack`, why there is none
 */
export async function openSite(ground, files) {
  const { scratch, lack } = openGround(ground, files);
  if (lack) return { lack };
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));
  console.error(`${ground.id}: making a tree of ${files} files in ${scratch}`);
  // A copy: whoever builds in this checkout during the run must not change what is measured.
  const program = join(scratch, 'dist');
  cpSync(join(import.meta.dirname, '..', 'dist'), program, { recursive: true });
  const tree = await makeTree(join(scratch, 'tree'), files);
  const description = describeGround(ground, scratch);
  return { site: { ground, description, scratch, program, tree, measurements: {}, clearedAt: -Infinity } };
}

/** Waits until what was cleared away before does not matter any more. */
export async function rest(site) {
  if (!site.ground.flush) return;
  await sleep(Math.max(0, site.clearedAt + restMs - performance.now()));
}

export function clear(site, folders) {
  for (const folder of folders) remove(folder);
  if (site.ground.flush) settle(site.scratch);
  site.clearedAt = performance.now();
}
