// The page that `npm run bench` prints and writes: docs/benchmarks.md.
import { table } from './markdown.mjs';
import { ratios, summary } from './statistics.mjs';

/**
 * @param sites with all their measurements (site.mjs)
 * @param remarks what was not measured, and why
 * @param loadAfter load average at the end of the run
 */
export function benchmarkPage({ options, machine, contestants, sites, remarks, loadAfter }) {
  const goals = sites.flatMap(site => goalsOf(site, options.rows));
  const met = goals.filter(goal => goal.met).length;
  return [
    '# Benchmarks',
    'Written by `npm run bench`; all numbers but those of the editor are of one run of it.',
    `**${met} of ${goals.length} goals are met.** Times are compared round by round: PHLB's divided by the other's, so ` +
      'below 1 PHLB is faster. Behind each median stand the smallest and the largest of all rounds.',
    goalTable(goals, options.rounds),
    ...sites.flatMap(site => options.rows.flatMap(row => measurementsOf(row, site, contestants))),
    '## How it is measured',
    conditions(options, sites),
    '## On what',
    list([
      `${machine.date}, ${machine.processor}, ${machine.memory} memory, ${machine.kernel}`,
      ...sites.map(({ ground, description }) => `${ground.id}: ${description}`),
      `load average ${machine.loadBefore} at the start, ${loadAfter} at the end (the benchmark itself included): ` +
        'what else ran is in the spread',
      `PHLB ${machine.phlb}, Node ${machine.node}`,
      ...contestants.flatMap(({ version }) => version ?? []),
      ...remarks,
    ]),
    '## Again',
    '```sh\nnpm run bench                                  # a quarter of an hour; writes this page\n' +
      'npm run bench -- --files 2000 --rounds 2       # a quick look; prints only\n' +
      'npm run bench -- --only tmpfs --rows unchanged # prints only\n```',
  ]
    .join('\n\n')
    .concat('\n');
}

function goalsOf({ ground, measurements }, rows) {
  return rows.flatMap(row =>
    row.goals
      .filter(({ on, against }) => on === ground.id && measurements[row.id][against])
      .map(goal => {
        const perRound = ratios(measurements[row.id].phlb, measurements[row.id][goal.against]);
        const ratio = summary(perRound);
        const roundsMet = perRound.filter(value => value <= goal.atMost).length;
        return { ...goal, row, ratio, roundsMet, met: ratio.median <= goal.atMost };
      }),
  );
}

function goalTable(goals, rounds) {
  return table(
    ['work', 'on', 'against', 'goal', 'measured', 'met', 'in rounds'],
    goals.map(({ row, on, against, atMost, ratio, roundsMet, met }) => [
      ...[row.title, on, against, `≤ ${atMost.toFixed(2)}`, spread(ratio, 2)],
      ...[met ? 'yes' : '**no**', `${roundsMet} of ${rounds}`],
    ]),
  );
}

function measurementsOf(row, { ground, measurements }, contestants) {
  const measured = measurements[row.id];
  const lines = contestants.filter(({ id }) => measured[id]).map(contestant => line(contestant, row, ground, measured));
  return [
    `## ${row.title}, ${ground.id}`,
    row.what,
    table(['command', 'seconds', 'PHLB ÷ it', 'CPU seconds', 'peak memory, MB', 'disk taken, MB'], lines),
  ];
}

function line({ id, commands }, row, ground, measured) {
  const { label, flush } = commands[row.id];
  const samples = measured[id];
  const of = key => (samples[0][key] === undefined ? undefined : summary(samples.map(sample => sample[key])));
  return [
    `\`${label}${flush && ground.flush ? ' && sync -f' : ''}\``,
    spread(of('seconds'), 2),
    id === 'phlb' ? '' : spread(summary(ratios(measured.phlb, samples)), 2),
    number(of('cpuSeconds')?.median, 2),
    number(of('peakBytes')?.median / 1e6, 0),
    number(of('takenBytes').median / 1e6, 1),
  ];
}

function conditions({ rounds }, sites) {
  const { tree } = sites[0] ?? {};
  if (!tree) return 'Nothing was measured.';
  const count = value => value.toLocaleString('en');
  return list([
    `One tree, the same one at every run: ${count(tree.files)} files in ${count(tree.directories)} directories, ` +
      `${(tree.bytes / 1e6).toFixed(0)} MB; sizes as in source trees; printable noise, no two files alike. Source, copies, ` +
      'repositories, indexes and caches lie on the file system that is measured.',
    `${rounds} rounds. In each, everybody starts with nothing and they take turns at every row; another one begins each ` +
      'round, and the file systems take turns too. The tree has been written shortly before: it is in the page cache for all.',
    'Wall time of the whole process, start-up included. On a disk the flush belongs to it: where a program does not ' +
      'flush by itself, `sync -f` follows within its time. What the one before has left unwritten is flushed in between. ' +
      'A disk keeps all rounds until the end: ext4 without a journal makes new files slowly when many were just deleted.',
    'PHLB is called as in a shell: `node dist/cli.js backup`, a new process each time. After each run it is checked that it ' +
      'stored every file, all of them copied in the first snapshot and none of them read when nothing had changed.',
    'CPU seconds: of all threads. Memory: the largest resident size of the largest process (`ru_maxrss`). Disk: by `du`, all that ' +
      'the program keeps, index and caches too (a tmpfs counts no blocks for directories and inodes).',
    'cp and rsync do not hash; restic always encrypts, borg does not here; both compress, and so keep less. Else all run ' +
      'with their defaults.',
  ]);
}

function list(items) {
  return items.map(item => `- ${item}`).join('\n');
}

function spread({ median, min, max }, digits) {
  return `${number(median, digits)} (${number(min, digits)}–${number(max, digits)})`;
}

function number(value, digits) {
  return Number.isFinite(value) ? value.toFixed(digits) : '–';
}
