// One very large file.
/** @import { CourseData, FamilyOf, Measurements, ShownRow, Site, Tools, Tree } from '../types.js' */
/** @import { RoundOptions } from '../harness/round.mjs' */
import { mkdirSync, statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from '../../scripts/processes.mjs';
import { canDropCaches } from '../harness/caches.mjs';
import { disk } from '../harness/grounds.mjs';
import { mountBtrfs } from '../harness/loop.mjs';
import { usedOnFileSystem } from '../harness/measure.mjs';
import { runRound } from '../harness/round.mjs';
import { first, unchanged } from './rows.mjs';
import { closeSite, openSite } from '../harness/site.mjs';
import { growOld } from '../tree/make-tree.mjs';
import { fileReport } from '../report/file-report.mjs';

/** @type {ShownRow[]} */
const rows = [
  {
    ...first,
    what: 'Into an empty place. `sha256sum` reads and hashes the file, and nothing else.',
    kinds: ['first', 'hash'],
    goals: [
      { on: 'btrfs', value: 'takenBytes', what: 'bytes beside the source: a clone takes next to none', atMost: 1e6 },
    ],
  },
  { ...unchanged, what: 'One more snapshot.' },
];
/** The file, one copy of it (contestants remove theirs before the next one starts), and room to breathe. */
const timesTheFile = 2.5;
/** Of the file on the loop device: what is to be seen there does not hang on its size. */
const reflinkedShare = 0.2;

/** @type {FamilyOf<{ megabytes: number, rounds: number }, CourseData[]>} */
export const family = {
  id: 'file',
  title: 'One large file',
  minutes: 5,
  full: { megabytes: 10_000, rounds: 1 },
  quick: { megabytes: 100, rounds: 1 },
  contestants: ['phlb', 'cp', 'rsync', 'restic', 'borg', 'sha256sum'],

  async measure({ megabytes, rounds }, tools) {
    const bytes = Math.min(megabytes * 1e6, roomOnDisk());
    if (bytes < megabytes * 1e6) tools.remarks.push(`a smaller file than ${megabytes} MB: the disk has no room for it`);
    const onDisk = await measureOn(bytes, rounds, tools);
    const onBtrfs = await measureReflinks(bytes * reflinkedShare, rounds, tools);
    return [onDisk, onBtrfs].flatMap(found => found ?? []);
  },

  report: data => fileReport(rows, data),

  notes: [
    'Before each turn all is flushed and, as root, the caches of the kernel are emptied. A contestant removes its copies before ' +
      'the next one starts.',
  ],
};

function roomOnDisk() {
  const { bavail, bsize } = statfsSync(tmpdir());
  return Math.floor((bavail * bsize) / (timesTheFile + 1));
}

/**
 * @param {number} bytes
 * @param {number} rounds
 * @param {Tools} tools
 */
async function measureOn(bytes, rounds, tools) {
  const { site, lack } = openSite(disk, bytes * timesTheFile);
  if (lack !== undefined) return void tools.remarks.push(lack);
  const found = await measureFile(site, bytes, rounds, { ...tools, apart: true });
  closeSite(site);
  return found;
}

/**
 * @param {number} bytes
 * @param {number} rounds
 * @param {Tools} tools
 */
async function measureReflinks(bytes, rounds, tools) {
  const { site, lack } = openSite(disk, bytes * timesTheFile);
  if (lack !== undefined) return void tools.remarks.push(lack);
  const { folder, unmount, lack: noBtrfs } = await mountBtrfs(site.scratch, Math.max(bytes * timesTheFile, 512e6));
  if (noBtrfs !== undefined) return void tools.remarks.push(noBtrfs);
  const onBtrfs = {
    ...site,
    ground: { ...disk, id: 'btrfs' },
    scratch: folder,
    description: 'btrfs in a file on the disk',
  };
  const contestants = tools.contestants.filter(({ id }) => ['phlb', 'cp', 'sha256sum'].includes(id));
  const found = await measureFile(onBtrfs, bytes, rounds, {
    ...tools,
    contestants,
    apart: true,
    usedBytes: usedOnFileSystem,
  });
  unmount();
  closeSite(site);
  return found;
}

/**
 * @param {Site} site
 * @param {number} bytes
 * @param {number} rounds
 * @param {Tools & RoundOptions} options
 * @returns {Promise<CourseData>}
 */
async function measureFile(site, bytes, rounds, options) {
  const path = join(site.scratch, 'tree');
  /** @type {Tree} */
  const tree = { path, files: 1, moved: [path] };
  await makeFile(join(tree.path, 'film.mkv'), bytes);
  await growOld();
  /** @type {Measurements} */
  const measurements = {};
  for (let round = 0; round < rounds; round++) {
    await runRound({ round, site, tree, rows, measurements, cold: canDropCaches(), ...options });
  }
  return {
    ground: site.ground.id,
    description: site.description,
    tree: { files: 1, directories: 1, bytes },
    measurements,
  };
}

/**
 * @param {string} path
 * @param {number} bytes
 */
async function makeFile(path, bytes) {
  console.error(`${path}: ${(bytes / 1e9).toFixed(1)} GB of noise`);
  mkdirSync(dirname(path));
  const code = await run('sh', ['-c', 'head -c "$1" /dev/urandom > "$0"', path, String(bytes)]);
  if (code !== 0) throw new Error(`${path} could not be written`);
}
