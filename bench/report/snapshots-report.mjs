// What families/snapshots.mjs has found.
/** @import { Goal, Plot, Report } from '../types.js' */
/** @import { Run, SnapshotsData } from '../families/snapshots.mjs' */
/** @import { Panel, Series } from './plots/lines.mjs' */
import { count, list, table } from './markdown.mjs';
import { lineFigure } from './plots/lines.mjs';
import { picture } from './plots/picture.mjs';
import { number, spread, summary } from './statistics.mjs';

/** Points of a line: each is the median of as many runs as are needed for that. */
const points = 50;
/** For 200 snapshots of 50,000 files: seconds of an answer that tells of very many files, CPU seconds to index all of them. */
const goals = { answer: 1, indexing: 15 };

/**
 * @param {SnapshotsData | undefined} data
 * @returns {Report}
 */
export function snapshotsReport(data) {
  if (!data) return { goals: [], blocks: [] };
  const { ground, description, files, runs, asked, removal } = data;
  const plot = plotOf(runs);
  return {
    goals: goalsOf(data),
    blocks: [
      picture(plot),
      list(factsOf(data)),
      'Questions, in seconds:',
      table(
        [
          ...['snapshots', 'phlb list', 'phlb find NAME', "phlb find '**'", 'phlb diff FIRST LAST'],
          ...["phlb find '*.txt' --deleted", 'phlb versions FILE'],
        ],
        asked.map(({ snapshots, list: listed, find, all, diff, deleted, versions }) => [
          count(snapshots),
          ...[listed, find, all, diff, deleted, versions].map(seconds => number(seconds, 2)),
        ]),
      ),
      `\`find -name\` through all trees took ${number(removal.walkSeconds, 1)} s at the end.`,
    ],
    plots: [plot],
    notes: [
      `${ground}: ${description}; ${count(files)} files in the tree. Before each snapshot one file in a hundred gets one line more and one ` +
        'always the same, two new ones come and two old ones go. The questions are about the file that always changes.',
    ],
  };
}

/**
 * @param {SnapshotsData} data
 * @returns {Goal[]}
 */
function goalsOf({ ground, runs, asked, anew }) {
  const last = asked.at(-1);
  const among = `${count(runs.length)} snapshots`;
  /** @param {string} work @param {number | undefined} seconds @param {number} atMost @param {string} unit */
  const goal = (work, seconds = NaN, atMost, unit) => ({
    work: `${work}, ${among}`,
    on: ground,
    goal: `≤ ${atMost} ${unit}`,
    measured: `${number(seconds, 2)} ${unit}`,
    met: seconds <= atMost,
  });
  return [
    goal("`phlb find '**'`", last?.all, goals.answer, 's'),
    goal('`phlb diff` of the first and the last one', last?.diff, goals.answer, 's'),
    goal('The first search, without an index', anew.cpuSeconds, goals.indexing, 'CPU seconds'),
  ];
}

/** @param {SnapshotsData} data */
function factsOf({ files, runs, takenBytes, anew, removal }) {
  const { prune } = removal;
  const tail = Math.max(1, Math.round(runs.length / 10));
  /** @param {Run[]} some */
  const time = some => spread(summary(some.map(({ seconds }) => seconds)), 2);
  // The second is the first that asks the index.
  const secondBytes = runs[1]?.indexBytes ?? NaN;
  const lastBytes = runs.at(-1)?.indexBytes ?? NaN;
  const growth = (lastBytes - secondBytes) / (runs.length - 2);
  return [
    `A snapshot: ${time(runs.slice(1, tail + 1))} s among the first ${tail}, ${time(runs.slice(-tail))} s among the last ${tail}`,
    `The index: ${number(secondBytes / 1e6, 1)} MB after the second snapshot, ${number(lastBytes / 1e6, 1)} MB after ` +
      `${count(runs.length)}: ${number(growth / 1024, 1)} KB more each, for ${count(files)} files`,
    `\`phlb find NAME\` where the index is lost: ${number(anew.seconds, 1)} s, ${number(anew.cpuSeconds ?? NaN, 1)} CPU seconds`,
    `All of it on the disk: ${number(takenBytes / 1e6, 0)} MB, for ${count(files * runs.length)} names of files`,
    `\`phlb delete\` of one: ${number(removal.deleteSeconds, 2)} s; \`rm -rf\` of one: ${number(removal.rmSeconds, 2)} s`,
    `\`phlb prune\`: ${count(prune.snapshots)} snapshots in ${number(prune.seconds, 1)} s, ${number(prune.seconds / prune.snapshots, 2)} s each`,
    `\`phlb list\` afterwards: ${number(removal.listSeconds, 2)} s; the index then: ${number(removal.indexBytes / 1e6, 1)} MB`,
  ];
}

/**
 * @param {Run[]} runs
 * @returns {Plot}
 */
function plotOf(runs) {
  const size = Math.ceil(runs.length / points);
  const groups = Array.from({ length: Math.ceil(runs.length / size) }, (_, i) => runs.slice(i * size, (i + 1) * size));
  /** @param {(run: Run) => number} pick @returns {[number, number][]} */
  const line = pick =>
    groups.map((group, i) => [Math.min(runs.length, (i + 1) * size), summary(group.map(pick)).median]);
  /** @param {string} title @param {Series[]} series @returns {Panel} */
  const panel = (title, series) => ({ title, xLabel: 'snapshots', series });
  return {
    name: 'snapshots',
    alt: 'Time of a snapshot and size of the index over the number of snapshots; the numbers are below',
    draw: lineFigure({
      title: 'One snapshot after another',
      panels: [
        panel('Seconds a snapshot', [{ label: 'backup', own: true, points: line(({ seconds }) => seconds) }]),
        panel('Index, MB', [{ label: 'index', own: true, points: line(({ indexBytes }) => indexBytes / 1e6) }]),
      ],
    }),
  };
}
