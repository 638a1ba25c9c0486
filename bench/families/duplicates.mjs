// A tree in which every content stands many times.
/** @import { CourseData, FamilyOf, ShownRow } from '../types.js' */
import { courseReport, taken } from '../report/course-report.mjs';
import { runCourse } from '../harness/course.mjs';
import { grounds } from '../harness/grounds.mjs';
import { picture } from '../report/plots/picture.mjs';
import { first, unchanged } from './rows.mjs';
import { makeTree } from '../tree/make-tree.mjs';

const bytesPerFile = 100_000;
const copies = 10;

/** @type {ShownRow[]} */
const rows = [
  {
    ...first,
    what: 'Into an empty place. PHLB stores each content once and links the others to it.',
    expect: ({ published, copiedFiles, linkedFiles }, { files }) =>
      published && copiedFiles === Math.ceil(files / copies) && copiedFiles + linkedFiles === files,
  },
  unchanged,
];

/** @type {FamilyOf<{ files: number, rounds: number }, CourseData[]>} */
export const family = {
  id: 'duplicates',
  title: 'Many duplicates',
  minutes: 2,
  full: { files: 50_000, rounds: 2 },
  quick: { files: 2000, rounds: 2 },
  contestants: ['phlb', 'cp', 'rsync', 'restic', 'borg'],

  measure: ({ files, rounds, only = 'tmpfs' }, tools) =>
    runCourse({
      grounds: grounds.filter(({ id }) => id === only),
      ...{ rounds, rows, ...tools },
      makeTree: path => makeTree(path, files, { distinct: Math.ceil(files / copies) }),
      bytesPerRound: files * bytesPerFile,
    }),

  report(data) {
    const report = courseReport('duplicates', rows, data);
    const [disk] = courseReport('duplicates-taken', rows.slice(0, 1), data, taken).plots;
    return disk ? { ...report, blocks: [picture(disk), ...report.blocks], plots: [...report.plots, disk] } : report;
  },

  notes: [`Of ${copies} files on average one has a content of its own.`],
};
