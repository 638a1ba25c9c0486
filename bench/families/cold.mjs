// With empty caches: as after a start of the machine.
/** @import { CourseData, FamilyOf } from '../types.js' */
import { canDropCaches } from '../harness/caches.mjs';
import { courseReport } from '../report/course-report.mjs';
import { runCourse } from '../harness/course.mjs';
import { disk } from '../harness/grounds.mjs';
import { first, unchanged } from './rows.mjs';
import { makeTree } from '../tree/make-tree.mjs';

const bytesPerFile = 100_000;
const rows = [first, unchanged];

/** @type {FamilyOf<{ files: number, rounds: number }, CourseData[]>} */
export const family = {
  id: 'cold',
  title: 'Cold caches',
  minutes: 2,
  full: { files: 20_000, rounds: 3 },
  quick: { files: 2000, rounds: 1 },
  contestants: ['phlb', 'cp', 'rsync', 'restic', 'borg'],

  async measure({ files, rounds }, tools) {
    if (!canDropCaches()) {
      tools.remarks.push('not measured: only root can empty the caches of the kernel');
      return [];
    }
    return runCourse({
      grounds: [disk],
      ...{ rounds, rows, ...tools },
      cold: true,
      makeTree: path => makeTree(path, files),
      bytesPerRound: files * bytesPerFile,
    });
  },

  report: data => courseReport('cold', rows, data),

  notes: [
    'Before each turn all is flushed and the kernel drops its caches of contents, directories and inodes: the tree, the last ' +
      'snapshot, the index and the program itself are read from the disk. What the disk or the host of a virtual machine ' +
      'caches is beyond that.',
  ],
};
