// docs/benchmarks.md: composed of the last results of every family.
/** @import { Family, Goal, Report, Result } from './types.js' */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { families } from './families/all.mjs';
import { list, table } from './report/markdown.mjs';
import { writePlot, writePngs } from './report/plots/picture.mjs';
import { readResult } from './results.mjs';

const page = join(import.meta.dirname, '..', 'docs', 'benchmarks.md');
/** Load average at the start above which other work has been going on. */
const busyLoad = 1;
/** The plots that the README shows. */
const forReadme = ['everyday', 'scale'];

/**
 * @typedef {object} Part what is said of one family
 * @property {Family} family
 * @property {Result} result
 * @property {Report} report
 */

/** Writes the page and its plots. */
export async function writePage() {
  const parts = families.flatMap(family => {
    const result = readResult(family.id);
    return result ? [{ family, result, report: family.report(result.data) }] : [];
  });
  const plots = parts.flatMap(({ report }) => report.plots ?? []);
  for (const plot of plots) writePlot(plot);
  await writePngs(plots.filter(({ name }) => forReadme.includes(name)));
  const blocks = [...head(parts), ...parts.flatMap(part => partOf(part, { withGoals: false })), ...foot()];
  writeFileSync(page, `${blocks.join('\n\n')}\n`);
}

/**
 * One family's part of the page, as Markdown.
 * @param {Part} part
 * @param {{ withGoals: boolean }} how
 */
export function partOf({ family, result, report }, { withGoals }) {
  return [
    `## ${family.title}`,
    ...doubtsAbout(result).map(doubt => `**${doubt}**`),
    ...(withGoals && report.goals.length > 0 ? [goalTable(report.goals)] : []),
    ...report.blocks,
    list([...(report.notes ?? []), ...(family.notes ?? []), ...conditionsOf(family, result)]),
  ];
}

/**
 * What keeps a result from being a measurement.
 * @param {Result} result
 */
function doubtsAbout({ reduced, loadAtStart }) {
  return [
    ...(reduced ? ['A reduced run, to show that it works: no figures to go by.'] : []),
    ...(Number(loadAtStart) > busyLoad
      ? [`On a machine that was busy with other work (load average ${loadAtStart}): no times to go by.`]
      : []),
  ];
}

/** @param {Part[]} parts */
function head(parts) {
  const goals = parts.flatMap(({ family, report }) => report.goals.map(goal => ({ ...goal, part: partLink(family) })));
  const met = goals.filter(goal => goal.met).length;
  const doubtful = parts.filter(({ result }) => doubtsAbout(result).length > 0);
  return [
    '# Benchmarks',
    `Written by \`npm run bench\`. Each part is of the last run of its family, and says when and on what. **${met} of ${goals.length} ` +
      'goals are met.**',
    ...(doubtful.length > 0
      ? [
          `**Reduced runs, or on a busy machine, so no times to go by: ${doubtful.map(({ family }) => family.title).join('; ')}.**`,
        ]
      : []),
    goalTable(goals),
    '## How to read it',
    list([
      'Wall time of the whole process, start-up included. Programs take turns, and times are compared round by round: PHLB ÷ it below ' +
        '1 means that PHLB is faster. Behind a median stand the smallest and the largest of all rounds. A goal is met when the ' +
        'median meets it; beside it stands in how many rounds it was.',
      'On a disk the flush belongs to it: where a program does not flush by itself, `sync -f` follows within its time. ' +
        'What the one before has left unwritten is flushed in between.',
      'Source, copies, repositories, indexes and caches lie on the file system that is measured. Trees are the same at every run: ' +
        'sizes as in source trees, printable noise, no two files alike unless said.',
      'PHLB is called as in a shell: `node dist/cli.js`, a new process each time.',
      'CPU seconds: of all threads. Memory: the largest resident size of the largest process (`ru_maxrss`). Disk: by `du`, all ' +
        'that the program keeps, index and caches too (a tmpfs counts no blocks for directories and inodes).',
      '`cp`, `rsync` and `rsnapshot` do not hash; `restic` always encrypts, `borg` does not here; both compress, and so keep less. ' +
        'Else all run with their defaults.',
    ]),
  ];
}

/**
 * As GitHub and the editor's preview name a heading.
 * @param {Family} family
 */
function partLink({ title }) {
  const anchor = title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-');
  return `[${title}](#${anchor})`;
}

/** @param {(Goal & { part?: string })[]} goals */
function goalTable(goals) {
  const headings = ['work', 'on', 'against', 'goal', 'measured', 'met', 'in rounds'];
  const withPart = goals.some(({ part }) => part);
  const rows = goals.map(({ part = '', work, on = '', against = '', goal, measured, met, rounds = '' }) => [
    ...(withPart ? [part] : []),
    ...[work, on, against, goal, measured],
    ...[met ? 'yes' : '**no**', rounds],
  ]);
  return table(withPart ? ['part', ...headings] : headings, rows);
}

/**
 * @param {Family} family
 * @param {Result} result
 */
function conditionsOf({ id }, { machine, loadAfter, versions, remarks }) {
  return [
    `${machine.date}, ${machine.processor}, ${machine.memory} memory, ${machine.kernel}; PHLB ${machine.phlb}, Node ` +
      `${machine.node}; load average ${machine.loadBefore} at the start, ${loadAfter} at the end (the benchmark itself included)`,
    ...(versions.length > 0 ? [versions.join('; ')] : []),
    ...remarks,
    `Again: \`npm run bench -- --family ${id}\``,
  ];
}

function foot() {
  const minutes = families.filter(({ apart }) => !apart).reduce((sum, family) => sum + family.minutes, 0);
  /** @type {[string, string][]} */
  const commands = [
    ['npm run bench', `all of it but the editor: ${minutes} minutes; writes this page`],
    ...families.map(
      ({ id, minutes: each }) => /** @type {[string, string]} */ ([`npm run bench -- --family ${id}`, `${each} min`]),
    ),
    ['npm run bench -- --quick', 'small sizes, a few minutes; prints only'],
    ['npm run bench -- --page', 'writes this page and its plots again, from the last results'],
  ];
  const widest = Math.max(...commands.map(([command]) => command.length));
  const lines = commands.map(([command, what]) => `${command.padEnd(widest)}  # ${what}`);
  return ['## Again', `\`\`\`sh\n${lines.join('\n')}\n\`\`\``];
}
