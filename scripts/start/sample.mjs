// A small workspace with a history of some days, to try PHLB on.
import { existsSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from '../cache.mjs';
import { run } from '../processes.mjs';

const root = join(import.meta.dirname, '..', '..');

/** @param {string[]} texts */
const lines = (...texts) => `${texts.join('\n')}\n`;
/** @param {string} place */
const invitation = place => lines('Dear members,', '', `our yearly meeting is on Friday at seven${place}.`);
/** @param {string[]} intro @param {string[]} rows @param {string[]} end */
const report = (intro, rows, end = []) =>
  lines(
    '# Yearly report',
    '',
    ...intro,
    '',
    '| month    |   in |  out | left |',
    '|----------|-----:|-----:|-----:|',
    ...rows,
    ...end,
  );
const january = '| January  | 1200 |  900 |  300 |';
const march = '| March    | 1250 |  870 |  380 |';
const loadRows = ['    with open(path) as table:', '        rows = list(csv.DictReader(table))'];

/** @typedef {Record<string, string | Buffer | undefined>} Files by path; undefined: it is deleted */

/**
 * What was written when, and then backed up.
 * @type {{ at: number, files: Files }[]}
 */
const history = [
  {
    at: daysAgo(5, '16:20'),
    files: {
      'report.md': lines('# Yearly report', '', 'The first draft.'),
      'budget.csv': lines('month,income,expenses', 'January,1200,900', 'February,1300,950'),
      'logo.png': readFileSync(join(root, 'media', 'icon.png')),
      'letters/invitation.md': invitation(''),
      'notes/ideas.txt': lines('- a shorter report', '- a picture of the garden'),
      'summary.py': lines(
        ...['import csv', '', '', 'def total(path):', ...loadRows],
        '    return sum(int(row["income"]) for row in rows)',
      ),
    },
  },
  {
    at: daysAgo(1, '10:12'),
    files: {
      'report.md': report(
        ['A good year: every month ended', 'with more than it began with.'],
        [january, '| February | 1300 |  950 |  350 |'],
      ),
      'letters/thanks.md': lines('Dear neighbours,', '', 'thank you for lending us the tables.'),
    },
  },
  {
    at: daysAgo(1, '17:45'),
    files: {
      'budget.csv': lines('month,income,expenses', 'January,1200,900', 'February,1300,1350', 'March,1250,870'),
      'notes/ideas.txt': undefined,
      'summary.py': lines(
        ...['import csv', '', '', 'def summary(path):'],
        '    """Income minus expenses, over all months."""',
        ...loadRows,
        '    income = sum(int(row["income"]) for row in rows)',
        '    expenses = sum(int(row["expenses"]) for row in rows)',
        '    return income - expenses',
      ),
    },
  },
  {
    at: minutesAgo(95),
    files: {
      'report.md': report(
        ['A good year: every month ended', 'with more than it began with.'],
        [january, '| February | 1300 |  950 |  350 |', march],
      ),
    },
  },
  { at: minutesAgo(20), files: { 'letters/invitation.md': invitation(', in the garden if it does not rain') } },
];

/** What has been written since the last snapshot. */
const today = {
  'report.md': report(
    ['A good year: every month but one ended', 'with more than it began with.'],
    [january, '| February | 1300 | 1350 |  -50 |', march, '| April    | 1400 |  910 |  490 |'],
    ['', 'Thanks to all who watered the garden.'],
  ),
};

/** Makes the sample of `npm start` once; later starts find it as it was left. */
export async function ensureSample() {
  const sample = join(cacheDir, 'sample');
  const made = {
    folder: join(sample, 'documents'),
    backupRoot: join(sample, 'PyHardLinkBackups'),
    env: { ...process.env, XDG_STATE_HOME: join(sample, 'state') },
  };
  // Made last, so that a sample whose making was interrupted is made anew.
  const done = join(sample, 'complete');
  if (existsSync(done)) return made;
  rmSync(sample, { recursive: true, force: true });
  await makeSample(made);
  writeFileSync(done, '');
  return made;
}

/**
 * @typedef {object} Sample
 * @property {string} folder the workspace folder; must not exist yet
 * @property {string} backupRoot
 * @property {NodeJS.ProcessEnv} env the environment of the runs that take the snapshots
 */

/**
 * Writes the workspace and takes its snapshots, each at its time.
 * @param {Sample} sample
 */
export async function makeSample({ folder, backupRoot, env }) {
  for (const { at, files } of history) {
    writeFiles(folder, files, at);
    await backup({ folder, backupRoot, env, shiftMs: at - Date.now() });
  }
  writeFiles(folder, today, Date.now());
}

/**
 * @param {number} days
 * @param {string} time HH:MM
 */
function daysAgo(days, time) {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  const now = new Date();
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - days, hours, minutes).getTime();
}

/** @param {number} minutes */
function minutesAgo(minutes) {
  return Date.now() - minutes * 60_000;
}

/**
 * @param {string} folder
 * @param {Files} files
 * @param {number} at milliseconds since the epoch; the files are a minute older
 */
function writeFiles(folder, files, at) {
  const written = at / 1000 - 60;
  for (const [name, content] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    if (content === undefined) {
      rmSync(path);
    } else {
      writeFileSync(path, content);
      utimesSync(path, written, written);
    }
  }
}

/** @param {Sample & { shiftMs: number }} options */
async function backup({ folder, backupRoot, env, shiftMs }) {
  const clock = ['--require', join(root, 'scripts', 'start', 'past-clock.cjs')];
  const phlb = [join(root, 'dist', 'cli.js'), 'backup', folder, '--root', backupRoot, '--quiet'];
  const code = await run(process.execPath, [...clock, ...phlb], {
    env: { ...env, PHLB_SAMPLE_SHIFT_MS: String(shiftMs) },
    stdio: ['ignore', 'ignore', 2],
  });
  if (code !== 0) throw new Error(`phlb backup ended with exit code ${code}: the sample has no history`);
}
