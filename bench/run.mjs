// `npm run bench`: PHLB against cp, rsync, restic and borg. Prints what it measured; a full run (all rows on all grounds,
// 50,000 files or more, five rounds or more) also writes it to docs/benchmarks.md.
//   --files N                 size of the tree (50000)
//   --rounds N                (5)
//   --only tmpfs|disk
//   --rows first,unchanged
//   --no-write                leaves docs/benchmarks.md alone
import { buildIfStale } from '../scripts/build.mjs';
import { findContestants } from './contestants.mjs';
import { installMissing } from './install.mjs';
import { describeMachine, loadAverage } from './machine.mjs';
import { gnuTime } from './measure.mjs';
import { isFull, readOptions } from './options.mjs';
import { writeSection } from './page.mjs';
import { benchmarkPage } from './report.mjs';
import { runRound } from './round.mjs';
import { rows } from './rows.mjs';
import { openSite } from './site.mjs';

const options = readOptions();
await buildIfStale();
const { contestants, remarks } = await findContestants();
const hasTime = (await installMissing([gnuTime])).length === 0;
if (!hasTime) remarks.push('CPU time and memory: not measured, GNU time is not installed (Debian package time)');
const machine = describeMachine();

const sites = [];
for (const ground of options.grounds) {
  const { site, lack } = await openSite(ground, options);
  if (site) sites.push(site);
  else remarks.push(`${ground.id}: not measured, ${lack}`);
}
// Later rows build on the first one, so it runs even where it is not asked for.
const needed = rows.filter((row, i) => i === 0 || options.rows.includes(row));
for (let round = 0; round < options.rounds; round++) {
  for (const site of sites) await runRound({ round, site, contestants, rows: needed, hasTime });
}

const text = benchmarkPage({ options, machine, contestants, sites, remarks, loadAfter: loadAverage() });
console.log(text);
if (options.write && isFull(options, sites)) writeSection('command line', text);
else console.error('docs/benchmarks.md is left as it is');
