// What families/grep.mjs has found.
/** @import { Goal, Report } from '../types.js' */
/** @import { GrepData, GrepRound } from '../families/grep.mjs' */
import { count, table } from './markdown.mjs';
import { number, spread, summary } from './statistics.mjs';

const shown = {
  phlb: '`phlb grep -F`',
  phlbExpression: '`phlb grep`, one line',
  rgDistinct: '`rg -F`, each content once',
  rgDistinctExpression: '`rg`, one line, each content once',
  rgOne: '`rg -F`, one snapshot',
  rgAll: '`rg -F`, all trees',
  gitGrep: '`git grep -F`, all commits',
  phlbChanges: '`phlb grep --changes`',
  gitLog: '`git log -S`',
};
const atMostRipgrep = 2;
const flat = 1.25;

/**
 * @param {GrepData | undefined} data
 * @returns {Report}
 */
export function grepReport(data) {
  if (!data) return { goals: [], blocks: [] };
  const { ground, description, files, versions, asked } = data;
  const states = /** @type {const} */ (['warm', 'cold']);
  const rows = asked.flatMap(({ snapshots, contents, ...measured }) =>
    states
      .filter(state => measured[state].length > 0)
      .map(state => [
        count(snapshots),
        count(contents),
        state,
        ...Object.keys(shown).map(id => spread(secondsOf(measured[state], id), 2)),
      ]),
  );
  return {
    goals: goalsOf(data),
    blocks: [table(['snapshots', 'contents', 'caches', ...Object.values(shown)], rows)],
    notes: [
      `${ground}: ${description}; ${count(files)} files, lines of 64 characters. Between two snapshots one file in a hundred gets ` +
        'one line more; all of these lines are looked for with `-F`, and one of them by an expression. Each content once: a ' +
        'folder with one name of each, as nobody has it. Seconds; cold: with all caches of the kernel emptied before each.',
      versions.join('; '),
    ],
  };
}

/**
 * @param {GrepData} data
 * @returns {Goal[]}
 */
function goalsOf({ ground, asked }) {
  const [first, last] = [asked[0], asked.at(-1)];
  if (!first || !last) return [];
  const work = `Text in ${count(last.snapshots)} snapshots`;
  /** @param {string} id @param {string} other @param {string} what */
  const beside = (id, other, what) => {
    const ratios = last.warm.map(round => (round[id]?.seconds ?? NaN) / (round[other]?.seconds ?? NaN));
    const { median } = summary(ratios);
    return {
      work: `${work}, ${what}`,
      on: ground,
      against: 'rg on each content once',
      goal: `≤ ${atMostRipgrep} × its time`,
      measured: `${number(median, 2)} ×`,
      met: median <= atMostRipgrep,
      rounds: `${ratios.filter(ratio => ratio <= atMostRipgrep).length} of ${ratios.length}`,
    };
  };
  const growth = secondsOf(last.warm, 'phlbExpression').median / secondsOf(first.warm, 'phlbExpression').median;
  const more = last.contents / first.contents;
  return [
    beside('phlbExpression', 'rgDistinctExpression', 'one line'),
    beside('phlb', 'rgDistinct', 'in most of the contents'),
    {
      work: `${work}, one line`,
      on: ground,
      against: `in ${count(first.snapshots)}, as many more contents as there are`,
      goal: `≤ ${flat} × its time`,
      measured: `${number(growth / more, 2)} ×`,
      met: growth / more <= flat,
    },
  ];
}

/**
 * @param {GrepRound[]} rounds
 * @param {string} id
 */
function secondsOf(rounds, id) {
  return summary(rounds.map(round => round[id]?.seconds ?? NaN));
}
