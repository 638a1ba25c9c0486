// One tree of files, as it goes day by day.
/** @import { Contestant, CourseData, FamilyOf, Ground, Row, RowGoal, ShownRow } from '../types.js' */
import { courseReport } from '../report/course-report.mjs';
import { runCourse } from '../harness/course.mjs';
import { grounds } from '../harness/grounds.mjs';
import { changed, first, moved, skip, touched, unchanged } from './rows.mjs';
import { makeTree } from '../tree/make-tree.mjs';

/** What all contestants together take in one round, and a bit: contents, inodes, their share of directories. */
const bytesPerFile = 110_000;
/** @type {RowGoal} */
const nothingStored = { on: 'tmpfs', value: 'copiedBytes', what: 'bytes of contents stored anew', atMost: 0 };

/** @type {ShownRow[]} */
const rows = [
  {
    ...first,
    goals: [
      { on: 'tmpfs', against: 'cp', atMost: 1 },
      { on: 'disk', against: 'cp', atMost: 1 },
    ],
  },
  {
    ...unchanged,
    goals: [
      { on: 'tmpfs', against: 'cp', atMost: 1.5 },
      { on: 'tmpfs', against: 'rsync', atMost: 0.25 },
      { on: 'tmpfs', against: 'restic', atMost: 0.25 },
      { on: 'tmpfs', against: 'borg', atMost: 0.25 },
      { on: 'disk', against: 'cp', atMost: 1.5 },
    ],
  },
  {
    ...skip,
    goals: [
      { on: 'tmpfs', against: 'find', atMost: 2 },
      { on: 'disk', against: 'find', atMost: 2 },
    ],
  },
  {
    ...changed,
    goals: [
      { on: 'tmpfs', against: 'phlb', than: 'unchanged', atMost: 1.2 },
      { on: 'disk', against: 'phlb', than: 'unchanged', atMost: 1.2 },
    ],
  },
  { ...moved, only: 'tmpfs', goals: [{ on: 'tmpfs', against: 'sha256sum', atMost: 1 }, nothingStored] },
  { ...touched, only: 'tmpfs', goals: [nothingStored] },
];

/** Rounds of those whom no goal names: they take most of the time. */
const fewRounds = 2;

/**
 * @param {Contestant} contestant
 * @param {Row} row
 * @param {Ground} ground
 * @param {number} round
 */
function takesPart({ id }, row, { id: ground }, round) {
  // There it is rsync once more, and a gigabyte of memory.
  if (id === 'rsnapshot' && row.only) return false;
  if (round < fewRounds || id === 'phlb') return true;
  // Whoever has a goal in the second row needs the first one.
  const related = row.id === 'first' || row.id === 'unchanged' ? ['first', 'unchanged'] : [row.id];
  const goals = rows.flatMap(one => (related.includes(one.id) ? (one.goals ?? []) : []));
  return goals.some(goal => goal.on === ground && 'against' in goal && goal.against === id);
}

/** @type {FamilyOf<{ files: number, rounds: number }, CourseData[]>} */
export const family = {
  id: 'tree',
  title: 'One tree, day by day',
  minutes: 12,
  full: { files: 50_000, rounds: 5 },
  quick: { files: 2000, rounds: 2 },
  contestants: ['phlb', 'cp', 'rsync', 'rsnapshot', 'restic', 'borg', 'sha256sum', 'find'],

  measure: ({ files, rounds, only }, tools) =>
    runCourse({
      grounds: grounds.filter(({ id }) => !only || id === only),
      ...{ rounds, rows, ...tools },
      makeTree: path => makeTree(path, files),
      takesPart,
      bytesPerRound: files * bytesPerFile,
    }),

  report(data) {
    const report = courseReport('tree', rows, data);
    // For the README: what everybody has, on one ground.
    const everyday = data.filter(({ ground }) => ground === 'tmpfs');
    const [short] = courseReport('everyday', [first, unchanged, changed], everyday).plots;
    return { ...report, plots: [...report.plots, ...(short ? [{ ...short, name: 'everyday' }] : [])] };
  },

  notes: [
    `Whom no goal names takes part in ${fewRounds} of the rounds. ` +
      'The file systems take turns, and another contestant begins each round. The tree has been written shortly before: it is ' +
      'in the page cache for all. A disk keeps all rounds until the end: ext4 without a journal makes new files slowly when ' +
      'many were just deleted.',
    'After each run of PHLB it is checked that it did what the row means: every file copied in the first snapshot, none read ' +
      'when nothing had changed, none copied when only names or times had.',
  ],
};
