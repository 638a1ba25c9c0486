// A file system of one's own, in a file on the disk; root only.
import { execFileSync } from 'node:child_process';
import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { installMissing } from '../contestants/install.mjs';

/**
 * Makes one and mounts it; it is unmounted by `unmount`, or when the process ends.
 * @param {string} scratch where its file is put
 * @param {number} bytes
 * @returns {Promise<
 *   | { folder: string, unmount: () => void, lack?: undefined }
 *   | { folder?: undefined, unmount?: undefined, lack: string }
 * >} where it is mounted, or why it could not be
 */
export async function mountBtrfs(scratch, bytes) {
  if (process.getuid?.() !== 0) return { lack: 'btrfs: not measured, only root can mount one' };
  const maker = { program: 'mkfs.btrfs', package: 'btrfs-progs' };
  if ((await installMissing([maker])).length > 0) return { lack: `btrfs: not measured, no ${maker.program}` };
  const image = join(scratch, 'btrfs.img');
  const folder = join(scratch, 'btrfs');
  mkdirSync(folder);
  writeFileSync(image, '');
  truncateSync(image, bytes);
  try {
    execFileSync('mkfs.btrfs', ['-q', image], { env: { PATH: `${process.env.PATH}:/usr/sbin:/sbin` }, stdio: 'pipe' });
    execFileSync('mount', ['-o', 'loop', image, folder], { stdio: 'pipe' });
  } catch (error) {
    return { lack: `btrfs: not measured, ${complaintOf(error)}` };
  }
  // Lazily: at an end before its time somebody may still be in there.
  const detach = () => execFileSync('umount', ['-l', folder]);
  // Before the site is removed: listeners that come first are called first.
  process.prependOnceListener('exit', detach);
  return { folder, unmount };

  function unmount() {
    process.off('exit', detach);
    detach();
  }
}

/** @param {unknown} error of execFileSync */
function complaintOf(error) {
  if (!(error instanceof Error)) throw error;
  return 'stderr' in error ? String(error.stderr).trim() : error.message;
}
