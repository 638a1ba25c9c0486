// A small workspace with a history of some days, to try PHLB on.
import { existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDir } from './cache.mjs';
import { run } from './processes.mjs';

const root = join(import.meta.dirname, '..');
const minutes = 1 / (24 * 60);

/** What is written how many days ago, and then backed up; undefined: the file is deleted */
const history = [
  {
    daysAgo: 5.13,
    files: {
      'report.md': '# Yearly report\n\nThe first draft.\n',
      'budget.csv': 'month,income,expenses\nJanuary,1200,900\nFebruary,1300,950\n',
      'letters/invitation.md': 'Dear members,\n\nour yearly meeting is on Friday at seven.\n',
      'notes/ideas.txt': '- a shorter report\n- a picture of the garden\n',
      'summary.py':
        'import csv\n\n\ndef summary(path):\n    with open(path) as table:\n        rows = list(csv.DictReader(table))\n' +
        '    return sum(int(row["income"]) for row in rows)\n',
    },
  },
  {
    daysAgo: 1.31,
    files: {
      'report.md':
        '# Yearly report\n\nThe second draft, with numbers.\n\n| month | result |\n|---|---|\n| January | 300 |\n| February | 350 |\n',
      'letters/thanks.md': 'Dear neighbours,\n\nthank you for lending us the tables.\n',
    },
  },
  {
    daysAgo: 1.04,
    files: {
      'budget.csv': 'month,income,expenses\nJanuary,1200,900\nFebruary,1300,1100\nMarch,1250,870\n',
      'notes/ideas.txt': undefined,
      'summary.py':
        'import csv\n\n\ndef summary(path):\n    """Income minus expenses, over all months."""\n    with open(path) as table:\n' +
        '        rows = list(csv.DictReader(table))\n' +
        '    income = sum(int(row["income"]) for row in rows)\n    expenses = sum(int(row["expenses"]) for row in rows)\n' +
        '    return income - expenses\n',
    },
  },
  {
    daysAgo: 95 * minutes,
    files: {
      'report.md':
        '# Yearly report\n\nA good year: every month ended with more than it began with.\n\n' +
        '| month    | income | expenses | result |\n|----------|-------:|---------:|-------:|\n' +
        '| January  |   1200 |      900 |    300 |\n| February |   1300 |     1100 |    200 |\n' +
        '| March    |   1250 |      870 |    380 |\n\n## Thanks\n\nTo everybody who watered the garden in July.\n',
    },
  },
  {
    daysAgo: 20 * minutes,
    files: {
      'letters/invitation.md':
        'Dear members,\n\nour yearly meeting is on Friday at seven, in the garden if it does not rain.\n',
    },
  },
];

/** What has been written since the last snapshot. */
const today = {
  'report.md':
    '# Yearly report\n\nA good year: nearly every month ended with more than it began with.\n\n' +
    '| month    | income | expenses | result |\n|----------|-------:|---------:|-------:|\n' +
    '| January  |   1200 |      900 |    300 |\n| February |   1300 |     1350 |    -50 |\n' +
    '| March    |   1250 |      870 |    380 |\n| April    |   1400 |      910 |    490 |\n',
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

/** Writes the workspace and takes its snapshots, each at its time. */
export async function makeSample({ folder, backupRoot, env }) {
  for (const { daysAgo, files } of history) {
    const shiftMs = Math.round(-daysAgo * 24 * 60 * 60_000);
    writeFiles(folder, files, shiftMs);
    await backup({ folder, backupRoot, env, shiftMs });
  }
  writeFiles(folder, today, 0);
}

function writeFiles(folder, files, shiftMs) {
  const written = (Date.now() + shiftMs) / 1000 - 60;
  for (const [name, text] of Object.entries(files)) {
    const path = join(folder, name);
    mkdirSync(join(path, '..'), { recursive: true });
    if (text === undefined) {
      rmSync(path);
    } else {
      writeFileSync(path, text);
      utimesSync(path, written, written);
    }
  }
}

async function backup({ folder, backupRoot, env, shiftMs }) {
  const clock = ['--require', join(root, 'scripts', 'past-clock.cjs')];
  const phlb = [join(root, 'dist', 'cli.js'), 'backup', folder, '--root', backupRoot, '--quiet'];
  const code = await run(process.execPath, [...clock, ...phlb], {
    env: { ...env, PHLB_SAMPLE_SHIFT_MS: String(shiftMs) },
    stdio: ['ignore', 'ignore', 2],
  });
  if (code !== 0) throw new Error(`phlb backup ended with exit code ${code}: the sample has no history`);
}
