// Rows of work that several families have (harness/round.mjs, report/course-report.mjs).
/** @import { ShownRow } from '../types.js' */
import { changeShare, moveHalf, touchAll } from '../tree/mutate.mjs';

/** @type {ShownRow} */
export const first = {
  id: 'first',
  title: 'First snapshot',
  what: 'Into an empty place: read, hash (not `cp`, not `rsync`), copy, flush.',
  kinds: ['first'],
  expect: ({ published, copiedFiles }, { files }) => published && copiedFiles === files,
};

/** @type {ShownRow} */
export const unchanged = {
  id: 'unchanged',
  title: 'Nothing changed',
  what: 'One more snapshot of the same tree. `cp -al` does not look at it: it links the last snapshot, the system calls alone.',
  kinds: ['next', 'links'],
  expect: ({ published, unchangedFiles }, { files }) => published && unchangedFiles === files,
};

/** @type {ShownRow} */
export const skip = {
  id: 'skip',
  title: 'Nothing changed, no snapshot wanted',
  what: 'What an automatic backup does most of the time, beside `find` with a stat of each file.',
  kinds: ['skip', 'look'],
  expect: ({ published }) => !published,
};

/** @type {ShownRow} */
export const changed = {
  id: 'changed',
  title: '1 % changed',
  what: 'Every hundredth file has one line more.',
  kinds: ['next'],
  prepare: (tree, round) => changeShare(tree, 0.01, round),
  expect: ({ published, copiedFiles }, tree) => published && copiedFiles === tree.changed,
};

/** @type {ShownRow} */
export const moved = {
  id: 'moved',
  title: 'Half of the tree moved',
  what: 'Three of the six folders at the top have got another parent. `sha256sum` reads the files in them, and nothing else.',
  kinds: ['next', 'hash'],
  prepare: moveHalf,
  expect: ({ published, copiedFiles }) => published && copiedFiles === 0,
};

/** @type {ShownRow} */
export const touched = {
  id: 'touched',
  title: 'All touched',
  what: 'Every file has a new time stamp and its old content: by times nothing can be told, all of it is read.',
  kinds: ['next'],
  prepare: touchAll,
  expect: ({ published, linkedFiles }, { files }) => published && linkedFiles === files,
};
