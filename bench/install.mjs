// The programs that PHLB is measured against, from Debian.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from '../scripts/processes.mjs';

/**
 * Installs what is missing, as root on Debian and its like.
 * @param wanted objects with `program` and the Debian `package` that has it
 * @returns those of them that are still missing
 */
export async function installMissing(wanted) {
  const missing = wanted.filter(isMissing);
  if (missing.length > 0 && process.getuid?.() === 0 && onPath('apt-get')) {
    const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: ['ignore', 'ignore', 2] };
    await run('apt-get', ['update', '-q'], options);
    for (const one of missing) {
      console.error(`Installing ${one.package}…`);
      await run('apt-get', ['install', '-y', '-q', '--no-install-recommends', one.package], options);
    }
  }
  return missing.filter(isMissing);
}

function isMissing({ program }) {
  return !onPath(program);
}

function onPath(command) {
  return (process.env.PATH ?? '').split(delimiter).some(dir => existsSync(join(dir, command)));
}
