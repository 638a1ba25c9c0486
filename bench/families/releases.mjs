// A real history: the releases of packages, one after another in the same folder.
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

export const family = {
  id: 'releases',
  title: 'A real history: releases of npm packages',
  minutes: 2,
  full: { rounds: 1, packages: Object.keys(histories) },
  quick: { rounds: 1, packages: ['typescript'] },
  contestants: ['phlb', 'rsync', 'restic', 'borg'],

  async measure({ rounds, packages }, tools) {
    const found = [];
    for (const name of packages) {
      const versions = histories[name];
      const folders = [];
      for (const version of versions) folders.push(await fetchPackage(`${name}@${version}`));
      const [course] = await runCourse({
        grounds: [disk],
        ...{ rounds, rows: rowsOf(versions, folders), ...tools },
        makeTree: path => makeEmpty(path),
        bytesPerRound: roomBytes,
      });
      if (course)
        found.push({ name, versions: versions.map((version, i) => ({ version, ...sizeOf(folders[i]) })), ...course });
    }
    return found;
  },

  report: data => releasesReport(data),
};

function rowsOf(versions, folders) {
  return versions.map((version, i) => ({
    id: version,
    kinds: [i === 0 ? 'first' : 'next'],
    prepare: tree => checkOut(folders[i], tree),
    expect: ({ published, files }, tree) => published && files === tree.files,
  }));
}

async function makeEmpty(path) {
  mkdirSync(path);
  await growOld();
  return { path, files: 0 };
}

// As git would: only files that differ are written, and so get a new time.
function checkOut(release, tree) {
  const wanted = namesBelow(release);
  const present = namesBelow(tree.path);
  for (const path of present) if (!wanted.has(path)) rmSync(join(tree.path, path));
  for (const path of wanted) {
    const [from, to] = [join(release, path), join(tree.path, path)];
    if (present.has(path) && readFileSync(from).equals(readFileSync(to))) continue;
    mkdirSync(dirname(to), { recursive: true });
    copyFileSync(from, to);
  }
  removeEmpty(tree.path);
  tree.files = wanted.size;
}

function namesBelow(folder) {
  return new Set(filesBelow(folder).map(path => relative(folder, path)));
}

function removeEmpty(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true }).filter(one => one.isDirectory())) {
    const path = join(folder, entry.name);
    removeEmpty(path);
    if (readdirSync(path).length === 0) rmSync(path, { recursive: true });
  }
}

function sizeOf(folder) {
  const files = filesBelow(folder);
  return { files: files.length, bytes: files.reduce((sum, path) => sum + lstatSync(path).size, 0) };
}
