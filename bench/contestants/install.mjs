// The programs that PHLB is measured against, from Debian.
import { aptInstall, canInstall, onPath } from '../../scripts/debian.mjs';

/**
 * Installs what is missing, as root on Debian and its like.
 * @param wanted objects with `program` and the Debian `package` that has it
 * @returns those of them that are still missing
 */
export async function installMissing(wanted) {
  const missing = wanted.filter(isMissing);
  if (missing.length > 0 && canInstall()) await aptInstall(missing.map(one => one.package));
  return missing.filter(isMissing);
}

function isMissing({ program }) {
  return !onPath(program);
}
