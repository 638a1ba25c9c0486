// A place on a ground with all that a run needs there; it is gone when the process ends.
/** @import { Ground, Site } from '../types.js' */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { describeGround, openGround } from './grounds.mjs';
import { remove } from './measure.mjs';

/**
 * @param {Ground} ground
 * @param {number} neededBytes
 * @returns {{ site: Site, lack?: undefined } | { site?: undefined, lack: string }} or why there is none
 */
export function openSite(ground, neededBytes) {
  const { scratch, lack } = openGround(ground, neededBytes);
  if (lack !== undefined) return { lack: `${ground.id}: not measured, ${lack}` };
  const close = () => remove(scratch);
  const closeAtLast = () => {
    console.error(`Removing ${scratch}`);
    close();
  };
  process.once('exit', closeAtLast);
  // A copy: whoever builds in this checkout during the run must not change what is measured.
  const program = join(scratch, 'dist');
  cpSync(join(import.meta.dirname, '..', '..', 'dist'), program, { recursive: true });
  return { site: { ground, description: describeGround(ground, scratch), scratch, program, close, closeAtLast } };
}

/**
 * Deletes a site's files now, and not when the process ends.
 * @param {Site} site
 */
export function closeSite({ close, closeAtLast }) {
  process.off('exit', closeAtLast);
  close();
}
