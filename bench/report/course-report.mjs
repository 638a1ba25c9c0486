// What a course (harness/course.mjs) has found: goals, a table for each row and ground, a plot for each ground.
import { barFigure } from './plots/bars.mjs';
import { picture } from './plots/picture.mjs';
import { count, table } from './markdown.mjs';
import { number, ratios, spread, summary, summaryOf } from './statistics.mjs';

/** What plots show of each sample. */
const seconds = { key: 'seconds', unit: 'Seconds', divisor: 1, digits: 2 };
export const taken = { key: 'takenBytes', unit: 'MB on the disk', divisor: 1e6, digits: 1 };

/**
 * @param rows with `title`, `what` and `goals`: on a ground, the most that PHLB's time may be as a multiple of a contestant's,
 *   in the same row or in that named by `than`; or the most that a `value` of PHLB's samples may be
 * @param data for each ground `ground`, `description`, `tree` and `measurements`
 * @param measure what the plots show: `seconds` or `taken`
 * @returns see families/all.mjs
 */
export function courseReport(name, rows, data, measure = seconds) {
  const sites = data.map(site => ({ ...site, rows: rows.filter(({ id }) => site.measurements[id]) }));
  const plots = sites.map(site => plotOf(name, site, measure));
  const blocks = sites.flatMap((site, i) => [
    `### On ${site.ground}`,
    picture(plots[i]),
    ...site.rows.flatMap(row => [`#### ${row.title}, ${site.ground}`, row.what, tableOf(row, site)]),
  ]);
  return {
    goals: sites.flatMap(site => site.rows.flatMap(row => goalsOf(row, site))),
    blocks,
    plots,
    notes: notesOf(data),
  };
}

function goalsOf(row, { ground, rows, measurements }) {
  const measured = measurements[row.id];
  const here = (row.goals ?? []).filter(({ on }) => on === ground);
  return here.flatMap(goal => {
    const base = { work: row.title, on: ground };
    if (goal.value) {
      const values = measured.phlb.samples.map(sample => sample[goal.value]);
      return { ...base, ...judge(values, goal, 0) };
    }
    const other = measurements[goal.than ?? row.id]?.[goal.against];
    if (!other) return [];
    const than = `\`${other.label}\`${goal.than ? `, ${titleOf(goal.than, rows)}` : ''}`;
    return { ...base, against: than, ...judge(ratios(measured.phlb.samples, other.samples), goal, 2) };
  });
}

function titleOf(id, rows) {
  return rows.find(row => row.id === id).title.toLowerCase();
}

function judge(values, { atMost, what }, digits) {
  const found = summary(values);
  return {
    ...(what ? { against: what } : {}),
    goal: `≤ ${number(atMost, digits)}`,
    measured: spread(found, digits),
    met: found.median <= atMost,
    rounds: `${values.filter(value => value <= atMost).length} of ${values.length}`,
  };
}

function tableOf(row, { measurements }) {
  const measured = measurements[row.id];
  const headings = ['command', 'seconds', 'PHLB ÷ it', 'CPU seconds', 'peak memory, MB', 'disk taken, MB'];
  return table(
    headings,
    Object.entries(measured).map(([id, { label, samples }]) => [
      `\`${label}\``,
      spread(summaryOf(samples, 'seconds'), 2),
      id === 'phlb' ? '' : spread(summary(ratios(measured.phlb.samples, samples)), 2),
      number(summaryOf(samples, 'cpuSeconds')?.median, 2),
      number(summaryOf(samples, 'peakBytes')?.median / 1e6, 0),
      number(summaryOf(samples, 'takenBytes').median / 1e6, 1),
    ]),
  );
}

function plotOf(name, { ground, tree, rows, measurements }, { key, unit, divisor, digits }) {
  const groups = rows.map(({ id, title }) => ({
    title,
    bars: Object.entries(measurements[id]).map(([who, { label, samples }]) => ({
      label,
      ...summary(samples.map(sample => sample[key] / divisor)),
      own: who === 'phlb',
    })),
  }));
  const what = tree.files > 1 ? `${count(tree.files)} files` : `a file of ${number(tree.bytes / 1e6, 0)} MB`;
  return {
    name: `${name}-${ground}`,
    alt: `${unit} for each program, ${what}, ${ground}; the tables below have the numbers`,
    draw: barFigure({ title: `${unit}, ${what}, ${ground}: shorter is better`, groups, digits }),
  };
}

function notesOf(data) {
  return data.map(
    ({ ground, description, tree }) =>
      `${ground}: ${description}` +
      (tree?.bytes
        ? `; ${count(tree.files)} files in ${count(tree.directories)} directories, ${number(tree.bytes / 1e6, 0)} MB`
        : ''),
  );
}
