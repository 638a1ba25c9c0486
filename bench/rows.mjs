// What is measured, in this order in each round: every row builds on the ones before it.

/**
 * id: a contestant takes part with its command of that name.
 * prepare(tree, round): what happens to the tree before the row, untimed; optional.
 * everyFile: which of PHLB's counts must be that of all files; optional.
 * goals: on a ground, the most that PHLB's time may be, as a multiple of a contestant's.
 */
export const rows = [
  {
    id: 'first',
    title: 'First snapshot',
    what: 'Into an empty place: read, hash (not cp, not rsync), copy, flush.',
    everyFile: 'copiedFiles',
    goals: [
      { on: 'tmpfs', against: 'cp', atMost: 1 },
      { on: 'disk', against: 'cp', atMost: 1 },
    ],
  },
  {
    id: 'unchanged',
    title: 'Nothing changed',
    what: 'One more snapshot of the same tree.',
    everyFile: 'unchangedFiles',
    goals: [
      { on: 'tmpfs', against: 'cp', atMost: 1.5 },
      { on: 'tmpfs', against: 'rsync', atMost: 0.25 },
      { on: 'tmpfs', against: 'restic', atMost: 0.25 },
      { on: 'tmpfs', against: 'borg', atMost: 0.25 },
      { on: 'disk', against: 'cp', atMost: 1.5 },
    ],
  },
];
