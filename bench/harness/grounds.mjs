// Where it is measured: on a file system in memory and on one on a disk.
/** @import { Ground } from '../types.js' */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, statfsSync } from 'node:fs';
import { freemem, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { cacheDir } from '../../scripts/cache.mjs';

/** @type {Ground} */
export const tmpfs = { id: 'tmpfs', flush: false, folders: ['/dev/shm', tmpdir()] };
/** @type {Ground} */
export const disk = { id: 'disk', flush: true, folders: [tmpdir(), '/var/tmp', cacheDir] };

export const grounds = [tmpfs, disk];

/**
 * @param {Ground} ground
 * @param {number} neededBytes
 * @returns {{ scratch: string, lack?: undefined } | { scratch?: undefined, lack: string }} a new folder there, or why there
 *   is none
 */
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

/**
 * @param {Ground} ground
 * @param {string} folder
 * @returns the file system and, for a disk, where it lies: `ext4 on /dev/sda1`
 */
export function describeGround(ground, folder) {
  const { type, device } = mountOf(folder);
  if (!ground.flush) return type;
  return `${type}${lacksJournal(device) ? ' without a journal' : ''} on ${device}`;
}

/**
 * It makes flushing cheaper. The kernel lists mounted ext4 file systems, and the journals that it writes.
 * @param {string} device
 */
function lacksJournal(device) {
  const name = basename(device);
  if (!existsSync(`/proc/fs/ext4/${name}`)) return false;
  return !existsSync('/proc/fs/jbd2') || !readdirSync('/proc/fs/jbd2').some(journal => journal.startsWith(`${name}-`));
}

/** @param {string} folder */
function makeIfMissing(folder) {
  if (folder === cacheDir) mkdirSync(folder, { recursive: true });
  return existsSync(folder);
}

/** @param {string} folder */
function isInMemory(folder) {
  return ['tmpfs', 'ramfs'].includes(mountOf(folder).type);
}

/** @param {string} folder */
function mountOf(folder) {
  const table = execFileSync('df', ['--output=fstype,source', folder], { encoding: 'utf8' });
  const [, type, device] = /\n(\S+)\s+(.+)$/.exec(table.trim()) ?? [];
  if (type === undefined || device === undefined) throw new Error(`df says of ${folder}: ${table}`);
  return { type, device };
}

/** @param {number} bytes */
function gigabytes(bytes) {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
