// Which of the contestants are on this machine.
import { execFileSync } from 'node:child_process';
import { installMissing } from './install.mjs';
import { peers } from './peers.mjs';
import { phlb } from './phlb.mjs';
import { yardsticks } from './yardsticks.mjs';

/**
 * Installs what is missing, where it can.
 * @param ids who is wanted
 * @returns `contestants`, those that are here, and `remarks` on those that are not, each with its `id` and a `text`
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

/** What those that have one say of their version, one line each. */
export function versionsOf(contestants) {
  return contestants
    .filter(({ version }) => version)
    .map(({ program, version }) => execFileSync(program, version, { encoding: 'utf8' }).split('\n')[0].trim());
}
