// The programs that the tests use as judges and as browser, from Debian.
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { findChromium } from './browser.mjs';
import { run } from './processes.mjs';

/** command → Debian package */
const judges = {
  mtree: 'mtree-netbsd',
  bsdtar: 'libarchive-tools',
  sqlite3: 'sqlite3',
  diff: 'diffutils',
  setpriv: 'util-linux',
  'mkfs.exfat': 'exfatprogs',
  'mount.exfat-fuse': 'exfat-fuse',
  'mkfs.ntfs': 'ntfs-3g',
};

/**
 * Installs what is missing, as root on Debian and its like.
 * @returns what is still missing, each as a sentence
 */
export async function ensureSystemPackages({ browser }) {
  if (process.getuid?.() === 0 && onPath('apt-get')) {
    const packages = missingJudges().map(([, name]) => name);
    if (browser && !findChromium()) packages.push('chromium');
    if (packages.length > 0) await aptInstall(packages);
  }
  return missingJudges().map(([command, name]) => `no ${command} (Debian package ${name}): its tests are skipped`);
}

function missingJudges() {
  return Object.entries(judges).filter(([command]) => !onPath(command));
}

function onPath(command) {
  return [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'].some(dir => existsSync(join(dir, command)));
}

async function aptInstall(packages) {
  console.error(`Installing ${packages.join(' ')}…`);
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: ['ignore', 'ignore', 2] };
  await run('apt-get', ['update', '-q'], options);
  const install = ['install', '-y', '-q', '--no-install-recommends'];
  if ((await run('apt-get', [...install, ...packages], options)) === 0) return;
  // One package that this release does not have must not keep the others away.
  for (const name of packages) await run('apt-get', [...install, name], options);
}
