// One tree of files, as it goes day by day.
import { courseReport } from '../course-report.mjs';
import { runRound } from '../course.mjs';
import { disk, tmpfs } from '../grounds.mjs';
import { changeShare, moveHalf, touchAll } from '../mutate.mjs';
import { openSite } from '../site.mjs';
import { makeTree } from '../tree.mjs';
import { join } from 'node:path';

/** What all contestants together take in one round, and a bit: contents, inodes, their share of directories. */
const bytesPerFile = 100_000;

/** Contestants build on a first snapshot of their own; goals: see course-report.mjs. */
const rows = [
  {
    id: 'first',
    title: 'First snapshot',
    what: 'Into an empty place: read, hash (not `cp`, not `rsync`), copy, flush.',
    kinds: ['first'],
    expect: ({ published, copiedFiles }, { files }) => published && copiedFiles === files,
    goals: [
      { on: 'tmpfs', against: 'cp', atMost: 1 },
      { on: 'disk', against: 'cp', atMost: 1 },
    ],
  },
  {
    id: 'unchanged',
    title: 'Nothing changed',
    what: 'One more snapshot of the same tree. `cp -al` does not look at it: it links the last snapshot, the system calls alone.',
    kinds: ['next', 'links'],
    expect: ({ published, unchangedFiles }, { files }) => published && unchangedFiles === files,
    goals: [
      { on: 'tmpfs', against: 'cp', atMost: 1.5 },
      { on: 'tmpfs', against: 'rsync', atMost: 0.25 },
      { on: 'tmpfs', against: 'restic', atMost: 0.25 },
      { on: 'tmpfs', against: 'borg', atMost: 0.25 },
      { on: 'disk', against: 'cp', atMost: 1.5 },
    ],
  },
  {
    id: 'skip',
    title: 'Nothing changed, no snapshot wanted',
    what: 'What an automatic backup does most of the time, beside `find` with a stat of each file.',
    kinds: ['skip', 'look'],
    expect: ({ published }) => !published,
    goals: [
      { on: 'tmpfs', against: 'find', atMost: 2 },
      { on: 'disk', against: 'find', atMost: 2 },
    ],
  },
  {
    id: 'changed',
    title: '1 % changed',
    what: 'Every hundredth file has one line more.',
    kinds: ['next'],
    rounds: 3,
    prepare: (tree, round) => changeShare(tree, 0.01, round),
    expect: ({ published, copiedFiles }, { changed }) => published && copiedFiles === changed,
    goals: [
      { on: 'tmpfs', against: 'phlb', than: 'unchanged', atMost: 1.2 },
      { on: 'disk', against: 'phlb', than: 'unchanged', atMost: 1.2 },
    ],
  },
  {
    id: 'moved',
    title: 'Half of the tree moved',
    what: 'Three of the six folders at the top have got another parent. `sha256sum` reads the files in them, and nothing else.',
    kinds: ['next', 'hash'],
    only: 'tmpfs',
    rounds: 3,
    prepare: moveHalf,
    expect: ({ published, copiedFiles }) => published && copiedFiles === 0,
    goals: [
      { on: 'tmpfs', against: 'sha256sum', atMost: 1 },
      { on: 'tmpfs', value: 'copiedBytes', what: 'bytes of contents stored anew', atMost: 0 },
    ],
  },
  {
    id: 'touched',
    title: 'All touched',
    what: 'Every file has a new time stamp and its old content: by times nothing can be told, all of it is read.',
    kinds: ['next'],
    only: 'tmpfs',
    rounds: 3,
    prepare: touchAll,
    expect: ({ published, linkedFiles }, { files }) => published && linkedFiles === files,
    goals: [{ on: 'tmpfs', value: 'copiedBytes', what: 'bytes of contents stored anew', atMost: 0 }],
  },
];

export const family = {
  id: 'tree',
  title: 'One tree, day by day',
  minutes: 17,
  full: { files: 50_000, rounds: 5 },
  quick: { files: 2000, rounds: 2 },

  async measure({ files, rounds, only }, { contestants, hasTime, remarks }) {
    const sites = [];
    for (const ground of [tmpfs, disk].filter(({ id }) => !only || id === only)) {
      // A disk keeps every round until the end (course.mjs).
      const { site, lack } = openSite(ground, files * bytesPerFile * (ground.flush ? rounds : 1));
      if (lack) remarks.push(lack);
      else sites.push({ site, tree: await makeTree(join(site.scratch, 'tree'), files), measurements: {} });
    }
    for (let round = 0; round < rounds; round++) {
      for (const { site, tree, measurements } of sites) {
        const here = rows.filter(row => !row.only || row.only === site.ground.id);
        await runRound({ round, site, tree, contestants, rows: here, measurements, hasTime });
      }
    }
    return sites.map(({ site, tree, measurements }) => ({
      ground: site.ground.id,
      description: site.description,
      tree: { files: tree.files, directories: tree.directories, bytes: tree.bytes },
      measurements,
    }));
  },

  report: data => courseReport('tree', rows, data),

  notes: [
    'The file systems take turns, and another contestant begins each round. The tree has been written shortly before: it is ' +
      'in the page cache for all. A disk keeps all rounds until the end: ext4 without a journal makes new files slowly when ' +
      'many were just deleted.',
    'After each run of PHLB it is checked that it did what the row means: every file copied in the first snapshot, none read ' +
      'when nothing had changed, none copied when only names or times had.',
  ],
};
