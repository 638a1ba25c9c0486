// The programs that PHLB is measured against, from Debian.
/** @import { Program } from '../types.js' */
import { aptInstall, canInstall, onPath } from '../../scripts/debian.mjs';

/**
 * Installs what is missing, as root on Debian and its like.
 * @template {Program} Wanted
 * @param {Wanted[]} wanted
 * @returns those of them that are still missing
 */
export async function installMissing(wanted) {
  const missing = wanted.filter(isMissing);
  const packages = missing.flatMap(({ package: name }) => name ?? []);
  if (packages.length > 0 && canInstall()) await aptInstall(packages);
  return missing.filter(isMissing);
}

/** @param {Program} wanted */
function isMissing({ program }) {
  return !onPath(program);
}
