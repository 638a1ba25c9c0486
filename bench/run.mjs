// `npm run bench`: PHLB against cp, rsync, rsnapshot, restic and borg, in families of rows. Prints what it measured; a family at
// its full size also writes its part of docs/benchmarks.md.
//   --family tree,scale…      all but the editor's, without it
//   --quick                   small sizes
//   --files N, --megabytes N, --rounds N, --only tmpfs|disk   where a family has such
//   --write                   writes the page of a reduced run too; --no-write: never
//   --page                    measures nothing, writes the page from the last results
/** @import { Family } from './types.js' */
import { buildIfStale } from '../scripts/build.mjs';
import { findContestants, versionsOf } from './contestants/find.mjs';
import { installMissing } from './contestants/install.mjs';
import { describeMachine, loadAverage } from './harness/machine.mjs';
import { gnuTime } from './harness/measure.mjs';
import { readOptions, settingsOf } from './options.mjs';
import { partOf, writePage } from './page.mjs';
import { writeResult } from './results.mjs';

const options = readOptions();
/** Later it is the benchmark's own too. */
const loadAtStart = loadAverage();
if (options.page) await writePage();
else {
  await buildIfStale();
  const found = await findContestants(options.families.flatMap(family => family.contestants));
  const hasTime = (await installMissing([gnuTime])).length === 0;
  if (!hasTime) found.remarks.push({ text: 'CPU time and memory: not measured, there is no GNU time (Debian: time)' });
  for (const family of options.families) {
    try {
      await runFamily(family, found, hasTime);
    } catch (error) {
      // The others are worth their time all the same.
      console.error(family.id, error);
      process.exitCode = 1;
    }
  }
}

/**
 * @param {Family} family
 * @param {Awaited<ReturnType<typeof findContestants>>} found
 * @param {boolean} hasTime GNU time is here
 */
async function runFamily(family, { contestants: all, remarks: missing }, hasTime) {
  const contestants = all.filter(({ id }) => family.contestants.includes(id));
  console.error(`${family.title}: about ${options.quick ? 'a minute' : `${family.minutes} min`}`);
  const machine = describeMachine();
  const remarks = missing.filter(({ id }) => !id || family.contestants.includes(id)).map(({ text }) => text);
  const { settings, reduced } = settingsOf(family, options);
  const data = await family.measure(settings, { contestants, hasTime, remarks });
  const versions = versionsOf(contestants);
  const result = { reduced, loadAtStart, settings, machine, loadAfter: loadAverage(), versions, remarks, data };
  console.log(partOf({ family, result, report: family.report(data) }, { withGoals: true }).join('\n\n'));
  if (options.write === 'never' || (options.write === 'full runs' && reduced)) {
    console.error('docs/benchmarks.md is left as it is');
    return;
  }
  await writeResult(family.id, result);
  await writePage();
}
