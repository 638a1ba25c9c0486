// The programs that the tests use as judges, as browser and as Windows, from Debian.
import { existsSync } from 'node:fs';
import { findChromium, isChromiumPacked } from '../browser.mjs';
import { aptInstall, canInstall, onPath } from '../debian.mjs';

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
  'mkfs.btrfs': 'btrfs-progs',
  'mkfs.xfs': 'xfsprogs',
  strace: 'strace',
  faketime: 'faketime',
  openssl: 'openssl',
  rclone: 'rclone',
  ssh: 'openssh-client',
  sshd: 'openssh-server',
};

/**
 * Installs what is missing, as root on Debian and its like.
 * @param {{ browser: boolean }} wanted
 * @returns what is still missing, each as a sentence
 */
export async function ensureSystemPackages({ browser }) {
  if (canInstall()) {
    const packages = missingJudges()
      .map(([, name]) => name)
      .filter(name => name !== 'openssh-server' || noDaemonStarts());
    const noBrowser = () => browser && !isChromiumPacked() && !findChromium();
    if (browser && !onPath('fc-list')) packages.push('fontconfig', 'fonts-dejavu-core');
    if (noBrowser()) packages.push('chromium-headless-shell');
    if (packages.length > 0) await aptInstall(packages);
    // Releases before bookworm have the whole one only.
    if (noBrowser()) await aptInstall(['chromium']);
  }
  return missingJudges().map(([command, name]) => `no ${command} (Debian package ${name}): its tests are skipped`);
}

/** @type {Promise<void> | undefined} */
let wine;

/** Installs Wine, once, where that can be done: apart, since it takes longest and is needed late. */
export function ensureWine() {
  return (wine ??=
    canInstall() && process.arch === 'x64' && !onPath('wine') ? aptInstall(['wine', 'wine64']) : Promise.resolve());
}

/** Whether a package's daemon stays off, as images of containers have it: nobody asked for one that lets others in. */
function noDaemonStarts() {
  return existsSync('/usr/sbin/policy-rc.d');
}

function missingJudges() {
  return Object.entries(judges).filter(([command]) => !onPath(command));
}
