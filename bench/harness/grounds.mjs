// Where it is measured: on a file system in memory and on one on a disk.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { cacheDir } from '../../scripts/cache.mjs';

/** flush: a contestant's time includes that of its data reaching the disk */
export const grounds = [
  { id: 'tmpfs', flush: false, folders: ['/dev/shm', tmpdir()] },
  { id: 'disk', flush: true, folders: [tmpdir(), '/var/tmp', cacheDir] },
];

export const [tmpfs, disk] = grounds;

/** @returns `scratch`, a new folder there, or `lack`, why there is none */
export function openGround(ground, neededBytes) {
  const wanted = ground.id === 'tmpfs';
  const folder = ground.folders.filter(makeIfMissing).find(path => isInMemory(path) === wanted);
  if (!folder) return { lack: `no such file system at ${ground.folders.join(', ')}` };
  const { bavail, bsize } = statfsSync(folder);
  const free = wanted ? Math.min(bavail * bsize, freemem()) : bavail * bsize;
  if (free < neededBytes)
    return { lack: `${folder} has ${gigabytes(free)} free, ${gigabytes(neededBytes)} are needed` };
  return { scratch: mkdtempSync(join(folder, 'phlb-bench-')) };
}

/** @returns the file system and, for a disk, where it lies: `ext4 on /dev/sda1` */
export function describeGround(ground, folder) {
  const [type, device] = mountOf(folder);
  if (!ground.flush) return type;
  return `${type}${lacksJournal(device) ? ' without a journal' : ''} on ${device}`;
}

// It makes flushing cheaper. The kernel lists mounted ext4 file systems, and the journals that it writes.
function lacksJournal(device) {
  const name = basename(device);
  if (!existsSync(`/proc/fs/ext4/${name}`)) return false;
  return !existsSync('/proc/fs/jbd2') || !readdirSync('/proc/fs/jbd2').some(journal => journal.startsWith(`${name}-`));
}

function makeIfMissing(folder) {
  if (folder === cacheDir) mkdirSync(folder, { recursive: true });
  return existsSync(folder);
}

function isInMemory(folder) {
  return ['tmpfs', 'ramfs'].includes(mountOf(folder)[0]);
}

function mountOf(folder) {
  const table = execFileSync('df', ['--output=fstype,source', folder], { encoding: 'utf8' });
  return table.trim().split('\n')[1].trim().split(/\s+/);
}

function gigabytes(bytes) {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
