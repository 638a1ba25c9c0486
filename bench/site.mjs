// A place on a ground with all that a run needs there; it is gone when the process ends.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describeGround, openGround } from './grounds.mjs';
import { remove } from './measure.mjs';
import { makeTree } from './tree.mjs';

/**
 * @returns `site`: the `ground`, its `description`, a `scratch` folder on it, PHLB's `program` folder, the `tree`, and
 *   `measurements` (round.mjs), still empty; or `lack`, why there is none
 */
export async function openSite(ground, { files, rounds }) {
  const { scratch, lack } = openGround(ground, { files, rounds });
  if (lack) return { lack };
  process.once('exit', () => remove(scratch));
  console.error(`${ground.id}: making a tree of ${files} files in ${scratch}`);
  // A copy: whoever builds in this checkout during the run must not change what is measured.
  const program = join(scratch, 'dist');
  cpSync(join(import.meta.dirname, '..', 'dist'), program, { recursive: true });
  const tree = await makeTree(join(scratch, 'tree'), files);
  const description = describeGround(ground, scratch);
  return { site: { ground, description, scratch, program, tree, measurements: {} } };
}

/**
 * Deletes what one round has made, except on a disk: ext4 without a journal passes over every inode that was deleted within
 * the last minutes when it looks for a free one (`recently_deleted` in fs/ext4/ialloc.c). `cp -a` of the tree took 45 s
 * right after its like had been deleted, 6 s else.
 */
export function clear(site, folder) {
  if (!site.ground.flush) remove(folder);
}
