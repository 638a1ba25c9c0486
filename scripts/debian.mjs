// Programs from Debian's packages.
/** @import { SpawnOptions } from 'node:child_process' */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { run } from './processes.mjs';

/** Whether packages can be installed: as root, on Debian and its like. */
export function canInstall() {
  return process.getuid?.() === 0 && onPath('apt-get');
}

/** @param {string} command */
export function onPath(command) {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some(dir => existsSync(join(dir, command)));
}

/**
 * Installs packages; one that this release does not have does not keep the others away.
 * @param {string[]} packages
 */
export async function aptInstall(packages) {
  console.error(`Installing ${packages.join(' ')}…`);
  /** @type {SpawnOptions} */
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: ['ignore', 'ignore', 2] };
  await run('apt-get', ['update', '-q'], options);
  const install = ['install', '-y', '-q', '--no-install-recommends'];
  if ((await run('apt-get', [...install, ...packages], options)) === 0) return;
  for (const name of packages) await run('apt-get', [...install, name], options);
}
