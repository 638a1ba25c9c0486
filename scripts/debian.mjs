// Programs from Debian's packages.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { capture } from './processes.mjs';
import { step } from './steps.mjs';

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
  await step(`Debian packages: ${packages.join(' ')}`, async report => {
    const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
    report('which there are');
    await capture('apt-get', ['update', '-q'], options);
    const install = ['install', '-y', '-q', '--no-install-recommends'];
    report('fetching and installing');
    if ((await capture('apt-get', [...install, ...packages], options)).code === 0) return;
    for (const name of packages) {
      report(`${name} by itself`);
      const { code, output } = await capture('apt-get', [...install, name], options);
      if (code !== 0) console.error(`${name} could not be installed:\n${output}`);
    }
  });
}
