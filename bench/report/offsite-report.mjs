// What families/offsite.mjs has found.
/** @import { Report } from '../types.js' */
/** @import { OffsiteData } from '../families/offsite.mjs' */
import { count, list, table } from './markdown.mjs';
import { number, spread, summary } from './statistics.mjs';

const steps = {
  first: ['a first push', '`restic backup` of the source'],
  changed: ['a push after 1 % has changed', '`restic backup`, the same'],
  nothing: ['a push with nothing new', '`restic backup`, nothing changed'],
  recover: ['`phlb offsite recover`, two snapshots', '`restic restore` of the newest alone'],
};

/**
 * @param {OffsiteData | undefined} data
 * @returns {Report}
 */
export function offsiteReport(data) {
  if (!data) return { goals: [], blocks: [] };
  const { description, files, treeBytes, rounds, bytes } = data;
  /** @param {string} key @param {'seconds' | 'cpuSeconds'} what */
  const of = (key, what) => summary(rounds.map(round => round[key]?.[what] ?? NaN));
  const rows = Object.entries(steps).map(([step, [own = '', other = '']]) => {
    const [mine, theirs] = [`${step} phlb`, `${step} restic`];
    const ratio = summary(rounds.map(round => (round[mine]?.seconds ?? NaN) / (round[theirs]?.seconds ?? NaN)));
    return [
      own,
      spread(of(mine, 'seconds'), 2),
      number(of(mine, 'cpuSeconds').median, 1),
      other,
      spread(of(theirs, 'seconds'), 2),
      number(of(theirs, 'cpuSeconds').median, 1),
      number(ratio.median, 2),
    ];
  });
  return {
    goals: [],
    blocks: [
      table(['PHLB', 'seconds', 'CPU', 'beside it', 'seconds', 'CPU', 'ratio'], rows),
      list([
        `The repository: ${megabytes(bytes.repository)} MB with two snapshots of PHLB, ${megabytes(bytes.plain)} MB with restic's of the source`,
        `The backup location: ${megabytes(bytes.root)} MB before it was lost, ${megabytes(bytes.recovered)} MB when it was back`,
      ]),
    ],
    notes: [
      `${description}; ${count(files)} files, ${megabytes(treeBytes)} MB; the repositories are folders beside them. ${count(rounds.length)} rounds, ` +
        'PHLB first in each step; ratios are medians of those of one round.',
    ],
  };
}

/** @param {number} size */
function megabytes(size) {
  return number(size / 1e6, 0);
}
