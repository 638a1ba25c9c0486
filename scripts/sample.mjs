// A small workspace with some history, to try PHLB on.
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { cacheDir } from './cache.mjs';
import { run } from './processes.mjs';

const root = join(import.meta.dirname, '..');
const sample = join(cacheDir, 'sample');
const workspace = join(sample, 'documents');

/** undefined: the file is deleted */
const steps = [
  {
    'report.md': '# Yearly report\n\nThe first draft.\n',
    'budget.csv': 'month,income,expenses\nJanuary,1200,900\nFebruary,1300,950\n',
    'letters/brief.txt': 'Dear reader,\n\nthis is a letter.\n',
    'notes/ideas.txt': '- hardlinks\n- snapshots\n',
  },
  {
    'report.md':
      '# Yearly report\n\nThe second draft, with numbers.\n\n| month | result |\n|---|---|\n| January | 300 |\n',
    'letters/reply.txt': 'Dear writer,\n\nthank you for the letter.\n',
  },
  {
    'budget.csv': 'month,income,expenses\nJanuary,1200,900\nFebruary,1300,1100\nMarch,1250,870\n',
    'notes/ideas.txt': undefined,
  },
];

/** Makes it once; later starts find it as it was left. */
export async function ensureSample() {
  const made = {
    folder: workspace,
    backupRoot: join(sample, 'PyHardLinkBackups'),
    env: { ...process.env, XDG_STATE_HOME: join(sample, 'state') },
  };
  if (existsSync(made.backupRoot)) return made;
  rmSync(sample, { recursive: true, force: true });
  for (const files of steps) {
    writeFiles(files);
    await backup(made);
    await sleep(1100); // snapshots are named to the second
  }
  writeFiles({ 'report.md': '# Yearly report\n\nThe final version, not backed up yet.\n' });
  return made;
}

function writeFiles(files) {
  for (const [name, text] of Object.entries(files)) {
    const path = join(workspace, name);
    mkdirSync(join(path, '..'), { recursive: true });
    if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
  }
}

async function backup({ folder, backupRoot, env }) {
  const cli = join(root, 'dist', 'cli.js');
  const args = ['backup', folder, '--root', backupRoot, '--quiet'];
  const code = await run(process.execPath, [cli, ...args], { env, stdio: ['ignore', 'ignore', 2] });
  if (code !== 0) console.error(`phlb ${args.join(' ')} ended with exit code ${code}: the sample has less history`);
}
