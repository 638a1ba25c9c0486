// What a course (harness/course.mjs) has found: goals, a table for each row and ground, a plot for each ground.
/** @import { CourseData, Goal, Plot, Report, RowGoal, Sample, ShownRow } from '../types.js' */
/** @import { Figure } from './statistics.mjs' */
import { barFigure } from './plots/bars.mjs';
import { picture } from './plots/picture.mjs';
import { count, table } from './markdown.mjs';
import { number, ratios, spread, summary, summaryOf } from './statistics.mjs';

/** @typedef {{ key: Figure, unit: string, divisor: number, digits: number }} Measure what plots show of each sample */
/** @typedef {CourseData & { rows: ShownRow[] }} Site what a ground has, and the rows that were run there */

/** @type {Measure} */
const seconds = { key: 'seconds', unit: 'Seconds', divisor: 1, digits: 2 };
/** @type {Measure} */
export const taken = { key: 'takenBytes', unit: 'MB on the disk', divisor: 1e6, digits: 1 };

/**
 * @param {string} name of the plots
 * @param {ShownRow[]} rows
 * @param {CourseData[]} data for each ground
 * @param {Measure} measure what the plots show
 * @returns {Report & { plots: Plot[] }}
 */
export function courseReport(name, rows, data, measure = seconds) {
  const sites = data.map(site => ({ ...site, rows: rows.filter(({ id }) => site.measurements[id]) }));
  const parts = sites.map(site => ({ site, plot: plotOf(name, site, measure) }));
  const blocks = parts.flatMap(({ site, plot }) => [
    `### On ${site.ground}`,
    picture(plot),
    ...site.rows.flatMap(row => [
      `#### ${row.title}, ${site.ground}`,
      row.what,
      tableOf(row, site),
      fastestOf(row, site),
    ]),
  ]);
  return {
    goals: sites.flatMap(site => site.rows.flatMap(row => goalsOf(row, site))),
    blocks,
    plots: parts.map(({ plot }) => plot),
    notes: notesOf(data),
  };
}

/**
 * @param {ShownRow} row
 * @param {Site} site
 * @returns {Goal[]}
 */
function goalsOf(row, { ground, rows, measurements }) {
  const phlb = measurements[row.id]?.phlb;
  if (!phlb) return [];
  const here = (row.goals ?? []).filter(({ on }) => on === ground);
  return here.flatMap(goal => {
    const base = { work: row.title, on: ground };
    if ('value' in goal) {
      const values = phlb.samples.map(sample => sample[goal.value] ?? NaN);
      return { ...base, against: goal.what, ...judge(values, goal, 0) };
    }
    const other = measurements[goal.than ?? row.id]?.[goal.against];
    if (!other) return [];
    const than = `\`${other.label}\`${goal.than ? `, ${titleOf(goal.than, rows)}` : ''}`;
    return { ...base, against: than, ...judge(ratios(phlb.samples, other.samples), goal, 2) };
  });
}

/**
 * @param {string} id
 * @param {ShownRow[]} rows
 */
function titleOf(id, rows) {
  return (rows.find(row => row.id === id)?.title ?? id).toLowerCase();
}

/**
 * @param {number[]} values
 * @param {RowGoal} goal
 * @param {number} digits
 */
function judge(values, { atMost }, digits) {
  const found = summary(values);
  return {
    goal: `≤ ${number(atMost, digits)}`,
    measured: spread(found, digits),
    met: found.median <= atMost,
    rounds: `${values.filter(value => value <= atMost).length} of ${values.length}`,
  };
}

/**
 * @param {ShownRow} row
 * @param {Site} site
 */
function tableOf(row, { measurements }) {
  const measured = measurements[row.id] ?? {};
  const own = measured.phlb?.samples ?? [];
  const headings = ['command', 'seconds', 'PHLB ÷ it', 'CPU seconds', 'peak memory, MB', 'disk taken, MB'];
  return table(
    headings,
    Object.entries(measured).map(([id, { label, samples }]) => [
      `\`${label}\``,
      spread(summaryOf(samples, 'seconds'), 2),
      id === 'phlb' ? '' : spread(summary(ratios(own, samples)), 2),
      number(summaryOf(samples, 'cpuSeconds')?.median, 2),
      megabytes(samples, 'peakBytes', 0),
      megabytes(samples, 'takenBytes', 1),
    ]),
  );
}

/**
 * Who is the fastest of those that make a snapshot of a folder: yardsticks do not.
 * @param {ShownRow} row
 * @param {Site} site
 */
function fastestOf({ id }, { measurements }) {
  const { phlb, ...others } = measurements[id] ?? {};
  const ranked = Object.entries(others)
    .filter(([who]) => !['cp', 'find', 'sha256sum'].includes(who))
    .map(([, { label, samples }]) => ({ label, ratio: summary(ratios(phlb?.samples ?? [], samples)).median }))
    .sort((a, b) => b.ratio - a.ratio);
  const [best] = ranked;
  if (!best) return 'No other program does this.';
  if (best.ratio <= 1)
    return `Fastest: PHLB. Next comes \`${best.label}\`; PHLB takes ${number(best.ratio, 2)} of its time.`;
  const ahead = ranked.filter(({ ratio }) => ratio > 1);
  return `**Faster than PHLB: ${ahead.map(({ label, ratio }) => `\`${label}\` (${number(ratio, 2)})`).join(', ')}.**`;
}

/**
 * @param {string} name
 * @param {Site} site
 * @param {Measure} measure
 * @returns {Plot}
 */
function plotOf(name, { ground, tree, rows, measurements }, { key, unit, divisor, digits }) {
  const groups = rows.map(({ id, title }) => ({
    title,
    bars: Object.entries(measurements[id] ?? {}).map(([who, { label, samples }]) => ({
      label,
      ...summary(samples.map(sample => (sample[key] ?? NaN) / divisor)),
      own: who === 'phlb',
    })),
  }));
  const what = tree.files > 1 ? `${count(tree.files)} files` : `a file of ${number(inMegabytes(tree.bytes), 0)} MB`;
  return {
    name: `${name}-${ground}`,
    alt: `${unit} for each program, ${what}, ${ground}; the tables below have the numbers`,
    draw: barFigure({ title: `${unit}, ${what}, ${ground}: shorter is better`, groups, digits }),
  };
}

/** @param {CourseData[]} data */
function notesOf(data) {
  return data.map(
    ({ ground, description, tree }) =>
      `${ground}: ${description}` +
      (tree.bytes
        ? `; ${count(tree.files)} files in ${count(tree.directories ?? NaN)} directories, ${number(inMegabytes(tree.bytes), 0)} MB`
        : ''),
  );
}

/**
 * @param {Sample[]} samples
 * @param {Figure} key
 * @param {number} digits
 */
function megabytes(samples, key, digits) {
  return number(inMegabytes(summaryOf(samples, key)?.median), digits);
}

/** @param {number | undefined} bytes */
function inMegabytes(bytes = NaN) {
  return bytes / 1e6;
}
