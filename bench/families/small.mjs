// Folders as small as most that people work in: start-up counts there.
/** @import { CourseData, FamilyOf } from '../types.js' */
import { courseReport } from '../report/course-report.mjs';
import { runCourse } from '../harness/course.mjs';
import { grounds } from '../harness/grounds.mjs';
import { changed, first, skip, unchanged } from './rows.mjs';
import { makeTree } from '../tree/make-tree.mjs';

const rows = [first, unchanged, skip, changed];

export const few = family('few', 'A folder of 200 files', 200);
export const workspace = family('workspace', 'A workspace of 5,000 files', 5000);

/**
 * @param {string} id
 * @param {string} title
 * @param {number} files
 * @returns {FamilyOf<{ files: number, rounds: number }, CourseData[]>}
 */
function family(id, title, files) {
  return {
    id,
    title,
    minutes: 2,
    full: { files, rounds: 7 },
    quick: { rounds: 2 },
    contestants: ['phlb', 'cp', 'rsync', 'rsnapshot', 'restic', 'borg', 'git', 'find'],

    measure: ({ files: number, rounds, only }, tools) =>
      runCourse({
        grounds: grounds.filter(ground => !only || ground.id === only),
        ...{ rounds, rows, ...tools },
        makeTree: path => makeTree(path, number),
        bytesPerRound: number * 200_000,
      }),

    report: data => courseReport(id, rows, data),

    notes: ['`git` keeps a repository beside the folder, as coding agents do to go back in: all files, none ignored.'],
  };
}
