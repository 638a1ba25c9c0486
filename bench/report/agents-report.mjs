// What families/agents.mjs has found.
/** @import { Report } from '../types.js' */
/** @import { AgentsData, Pair, SizeData } from '../families/agents.mjs' */
import { count, list, table } from './markdown.mjs';
import { number, spread, summary } from './statistics.mjs';

const steps = /** @type {const} */ ({
  first: 'the first one',
  nothing: 'a step in which nothing has changed',
  one: 'a step in which one file has changed',
});

/**
 * @param {AgentsData | undefined} data
 * @returns {Report}
 */
export function agentsReport(data) {
  if (!data) return { goals: [], blocks: [] };
  const { description, largeBytes, sizes } = data;
  const rows = sizes.flatMap(size =>
    Object.entries(steps).map(([step, title]) => {
      const pairs = pairsOf(size, /** @type {keyof typeof steps} */ (step));
      const ratio = summary(pairs.map(({ phlb, git }) => phlb.seconds / git.seconds));
      return [
        `${count(size.files)} files: ${title}`,
        ...figures(pairs, 'phlb'),
        ...figures(pairs, 'git'),
        number(ratio.median, 2),
      ];
    }),
  );
  const disk = sizes.map(
    ({ files, firstBytes, stepBytes, stored }) =>
      `${count(files)} files: the first one takes ${megabytes(firstBytes.phlb)} MB (git ${megabytes(firstBytes.git)}), each step ` +
      `with one changed file ${megabytes(stepBytes.phlb)} MB (git ${megabytes(stepBytes.git)}). PHLB has ${count(stored.phlb)} of the files, ` +
      `git ${count(stored.git)}`,
  );
  return {
    goals: [],
    blocks: [table(['', 'PHLB, seconds', 'CPU', 'git, seconds', 'CPU', 'ratio'], rows), list(disk)],
    notes: [
      `${description}. A project with another repository in it, data that is ignored, and a file of ${megabytes(largeBytes)} MB. ` +
        'PHLB: `phlb agent hook claude`, as `phlb agent setup` has an agent call it. git: `git add -A && git commit` with a repository beside ' +
        'the folder, as agents make their checkpoints; of the repository within, and of what is ignored, it holds nothing, and it ' +
        'writes into the index of the former each time, which PHLB then has to look at where one file has changed. Ratios are medians of ' +
        'those of one round.',
    ],
  };
}

/**
 * @param {SizeData} size
 * @param {keyof typeof steps} step
 * @returns {Pair[]}
 */
function pairsOf(size, step) {
  return step === 'first' ? [size.first] : size[step];
}

/**
 * @param {Pair[]} pairs
 * @param {keyof Pair} who
 */
function figures(pairs, who) {
  return [
    spread(summary(pairs.map(pair => pair[who].seconds)), 2),
    number(summary(pairs.map(pair => pair[who].cpuSeconds ?? NaN)).median, 1),
  ];
}

/** @param {number} size */
function megabytes(size) {
  return number(size / 1e6, size < 1e7 ? 1 : 0);
}
