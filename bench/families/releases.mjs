// A real history: the releases of packages, one after another in the same folder.
/** @import { CourseData, FamilyOf, Row, Tree } from '../types.js' */
import { copyFileSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fetchPackage } from '../../scripts/cache.mjs';
import { runCourse } from '../harness/course.mjs';
import { disk } from '../harness/grounds.mjs';
import { filesBelow } from '../tree/mutate.mjs';
import { growOld } from '../tree/make-tree.mjs';
import { releasesReport } from '../report/releases-report.mjs';

/** Oldest first. One has few and large files, one many small ones, one both. */
const histories = {
  typescript: ['5.7.2', '5.7.3', '5.8.2', '5.8.3', '5.9.2', '5.9.3'],
  'date-fns': ['4.0.0', '4.1.0', '4.2.0', '4.2.1', '4.3.0', '4.4.0'],
  'monaco-editor': ['0.52.0', '0.52.2', '0.53.0', '0.54.0', '0.55.0', '0.55.1'],
};
/** What all contestants take for one package, and a bit. */
const roomBytes = 4e9;

/** @typedef {keyof typeof histories} Package */
/** @typedef {CourseData & { name: string, versions: { version: string, files: number, bytes: number }[] }} PackageData */

/** @type {FamilyOf<{ rounds: number, packages: Package[] }, PackageData[]>} */
export const family = {
  id: 'releases',
  title: 'A real history: releases of npm packages',
  minutes: 2,
  full: { rounds: 1, packages: ['typescript', 'date-fns', 'monaco-editor'] },
  quick: { rounds: 1, packages: ['typescript'] },
  contestants: ['phlb', 'rsync', 'restic', 'borg'],

  async measure({ rounds, packages }, tools) {
    const found = [];
    for (const name of packages) {
      const releases = [];
      for (const version of histories[name]) {
        releases.push({ version, folder: await fetchPackage(`${name}@${version}`) });
      }
      const [course] = await runCourse({
        grounds: [disk],
        ...{ rounds, rows: rowsOf(releases), ...tools },
        makeTree: path => makeEmpty(path),
        bytesPerRound: roomBytes,
      });
      const versions = releases.map(({ version, folder }) => ({ version, ...sizeOf(folder) }));
      if (course) found.push({ name, versions, ...course });
    }
    return found;
  },

  report: data => releasesReport(data),
};

/**
 * @param {{ version: string, folder: string }[]} releases
 * @returns {Row[]}
 */
function rowsOf(releases) {
  return releases.map(({ version, folder }, i) => ({
    id: version,
    kinds: [i === 0 ? 'first' : 'next'],
    prepare: tree => checkOut(folder, tree),
    expect: ({ published, files }, tree) => published && files === tree.files,
  }));
}

/** @param {string} path */
async function makeEmpty(path) {
  mkdirSync(path);
  await growOld();
  return { path, files: 0 };
}

/**
 * As git would: only files that differ are written, and so get a new time.
 * @param {string} release
 * @param {Tree} tree
 */
function checkOut(release, tree) {
  const wanted = namesBelow(release);
  const present = namesBelow(tree.path);
  for (const path of present) if (!wanted.has(path)) rmSync(join(tree.path, path));
  for (const path of wanted) {
    const from = join(release, path);
    const to = join(tree.path, path);
    if (present.has(path) && readFileSync(from).equals(readFileSync(to))) continue;
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
  }
  removeEmpty(tree.path);
  tree.files = wanted.size;
}

/** @param {string} folder */
function namesBelow(folder) {
  return new Set(filesBelow(folder).map(path => relative(folder, path)));
}

/** @param {string} folder */
function removeEmpty(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).filter(one => one.isDirectory())) {
    const path = join(folder, entry.name);
    removeEmpty(path);
    if (readdirSync(path).length === 0) rmSync(path, { recursive: true });
  }
}

/** @param {string} folder */
function sizeOf(folder) {
  const files = filesBelow(folder);
  return { files: files.length, bytes: files.reduce((sum, path) => sum + lstatSync(path).size, 0) };
}
