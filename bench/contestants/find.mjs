// Which of the contestants are on this machine.
/** @import { Contestant } from '../types.js' */
import { execFileSync } from 'node:child_process';
import { installMissing } from './install.mjs';
import { peers } from './peers.mjs';
import { phlb } from './phlb.mjs';
import { yardsticks } from './yardsticks.mjs';

/**
 * Installs what is missing, where it can.
 * @param {string[]} ids who is wanted
 * @returns {Promise<{ contestants: Contestant[], remarks: { id?: string, text: string }[] }>} those that are here, and
 *   remarks on those that are not
 */
export async function findContestants(ids) {
  const all = [phlb, ...peers, ...yardsticks].filter(({ id }) => ids.includes(id));
  const missing = await installMissing(all.filter(one => one.package));
  return {
    contestants: all.filter(one => !missing.includes(one)),
    remarks: missing.map(({ id, package: name }) => ({
      id,
      text: `${id}: not measured, it is not installed (Debian package ${name})`,
    })),
  };
}

/**
 * What those that have one say of their version, one line each.
 * @param {Contestant[]} contestants
 */
export function versionsOf(contestants) {
  return contestants.flatMap(({ program, version }) => {
    if (version === undefined) return [];
    const [line = ''] = execFileSync(program, version, { encoding: 'utf8' }).split('\n');
    return [line.trim()];
  });
}
