// `npm run bench`: PHLB against cp, rsync, restic and borg. Prints what it measured; a full run (all rows on all grounds,
// 50,000 files or more, five rounds or more) also writes it to docs/benchmarks.md.
//   --files N           size of the tree (50000)
//   --rounds N          (5)
//   --only tmpfs|disk
//   --rows first,unchanged
//   --no-write          leaves docs/benchmarks.md alone
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfStale } from '../scripts/build.mjs';
import { findContestants } from './contestants.mjs';
import { describeGround, grounds, openGround } from './grounds.mjs';
import { installMissing } from './install.mjs';
import { describeMachine, loadAverage } from './machine.mjs';
import { gnuTime } from './measure.mjs';
import { benchmarkPage } from './report.mjs';
import { runRounds } from './rounds.mjs';
import { rows } from './rows.mjs';
import { makeTree } from './tree.mjs';

const root = join(import.meta.dirname, '..');
const page = join(root, 'docs', 'benchmarks.md');
const full = { files: 50_000, rounds: 5 };

const options = readOptions();
await buildIfStale();
const { contestants, remarks } = await findContestants();
const hasTime = (await installMissing([gnuTime])).length === 0;
if (!hasTime) remarks.push('CPU time and memory: not measured, GNU time is not installed (Debian package time)');
const machine = describeMachine();
const results = [];
for (const ground of options.grounds) {
  const measured = await measureOn(ground);
  if (measured) results.push(measured);
}
const text = benchmarkPage({ options, machine, contestants, results, remarks, loadAfter: loadAverage() });
console.log(text);
if (isFull()) writeFileSync(page, text);
else console.error('docs/benchmarks.md is left as it is');

function readOptions() {
  const { values } = parseArgs({
    options: {
      files: { type: 'string', default: String(full.files) },
      rounds: { type: 'string', default: String(full.rounds) },
      only: { type: 'string' },
      rows: { type: 'string', default: rows.map(row => row.id).join() },
      'no-write': { type: 'boolean', default: false },
    },
  });
  return {
    files: positive('--files', values.files),
    rounds: positive('--rounds', values.rounds),
    grounds: chosen('--only', grounds, values.only?.split(',')),
    rows: chosen('--rows', rows, values.rows.split(',')),
    write: !values['no-write'],
  };
}

function positive(option, text) {
  if (!/^[1-9]\d*$/.test(text)) fail(`${option} needs a number, not ${text}`);
  return Number(text);
}

function chosen(option, all, ids = all.map(({ id }) => id)) {
  const unknown = ids.filter(id => !all.some(one => one.id === id));
  if (unknown.length > 0) fail(`${option}: no ${unknown.join(', ')}; there are ${all.map(({ id }) => id).join(', ')}`);
  return all.filter(({ id }) => ids.includes(id));
}

function fail(message) {
  console.error(message);
  process.exit(2);
}

/** @returns undefined, and a remark, where this machine lacks the ground */
async function measureOn(ground) {
  const { scratch, lack } = openGround(ground, options.files);
  if (lack) {
    remarks.push(`${ground.id}: not measured, ${lack}`);
    return undefined;
  }
  process.once('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 5 }));
  console.error(`${ground.id}: making a tree of ${options.files} files in ${scratch}`);
  // A copy: whoever builds in this checkout during the run must not change what is measured.
  const program = join(scratch, 'dist');
  cpSync(join(root, 'dist'), program, { recursive: true });
  const tree = await makeTree(join(scratch, 'tree'), options.files);
  // Later rows build on the first one, so it runs even where it is not asked for.
  const needed = rows.filter((row, i) => i === 0 || options.rows.includes(row));
  const { rounds } = options;
  const measurements = await runRounds({ ground, scratch, program, tree, contestants, rows: needed, rounds, hasTime });
  const description = describeGround(ground, scratch);
  rmSync(scratch, { recursive: true, force: true });
  return { ground, description, tree, measurements };
}

function isFull() {
  return (
    options.write &&
    options.files >= full.files &&
    options.rounds >= full.rounds &&
    options.rows.length === rows.length &&
    results.length === grounds.length
  );
}
