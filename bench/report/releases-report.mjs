// What families/releases.mjs has found.
import { count, list, table } from './markdown.mjs';
import { lineFigure } from './plots/lines.mjs';
import { picture } from './plots/picture.mjs';
import { number, summary } from './statistics.mjs';

export function releasesReport(data) {
  if (data.length === 0) return { goals: [], blocks: [] };
  const packages = data.map(digest);
  const plot = plotOf(packages);
  return {
    goals: [],
    blocks: [
      'What stands in a folder changes from one release to the next, and each is backed up.',
      picture(plot),
      'MB on the disk after the first and after the last release, all that the program keeps; and the seconds of all runs:',
      table(
        ['package', 'command', 'MB, first', 'PHLB ÷ it', 'MB, last', 'PHLB ÷ it', 'seconds', 'PHLB ÷ it'],
        packages.flatMap(({ name, contestants }) => contestants.map(one => lineOf(name, one, contestants[0]))),
      ),
      list(packages.map(sharing)),
      'Plain files cannot share parts of files: where a new release changes a few lines in a file of megabytes, PHLB and ' +
        '`rsync` store all of it again; `restic` and `borg` store the changed parts, and compress them. What they save ' +
        'after the first release is compression, what that grows by up to the last is parts of files. In return every ' +
        'snapshot of PHLB can be read with anything.',
    ],
    plots: [plot],
    notes: [
      `${data[0].ground}: ${data[0].description}. ${packages.map(({ name, versions }) => `${name} ${versions.map(({ version }) => version).join(', ')}`).join('; ')}.`,
      'Each release is laid over the one before as `git checkout` does: only files that differ are written, and so get a new time. ' +
        '`rsync` links what has its old time and size.',
    ],
  };
}

function digest({ name, versions, measurements }) {
  const ids = Object.keys(measurements[versions[0].version]);
  const contestants = ids.map(id => {
    const perRelease = versions.map(({ version }) => measurements[version][id]);
    const of = key => perRelease.map(({ samples }) => summary(samples.map(sample => sample[key])).median);
    return {
      id,
      label: perRelease.at(-1).label,
      megabytes: runningSum(of('takenBytes').map(bytes => bytes / 1e6)),
      seconds: sum(of('seconds')),
    };
  });
  return {
    name,
    versions,
    contestants: contestants.toSorted((a, b) => (b.id === 'phlb') - (a.id === 'phlb')),
    measurements,
  };
}

function lineOf(name, { id, label, megabytes, seconds }, phlb) {
  const beside = (own, its) => (id === 'phlb' ? '' : number(own / its, 2));
  const taken = at => [number(megabytes.at(at), 1), beside(phlb.megabytes.at(at), megabytes.at(at))];
  return [name, `\`${label}\``, ...taken(0), ...taken(-1), number(seconds, 2), beside(phlb.seconds, seconds)];
}

function sharing({ name, versions, measurements }) {
  const whole = sum(versions.map(({ bytes }) => bytes));
  const copied = sum(versions.map(({ version }) => measurements[version].phlb.samples[0].copiedBytes));
  return (
    `${name}: ${versions.length} releases of ${count(versions.at(-1).files)} files, ${number(whole / 1e6, 0)} MB of contents in all; PHLB stored ` +
    `${number(copied / 1e6, 0)} MB of them (${number((copied / whole) * 100, 0)} %)`
  );
}

function plotOf(packages) {
  return {
    name: 'releases',
    alt: 'MB on the disk after each release; the table below has the numbers',
    draw: lineFigure({
      title: 'MB on the disk after each release',
      panels: packages.map(({ name, contestants }) => ({
        title: name,
        xLabel: 'releases',
        series: contestants.map(({ id, megabytes }) => ({
          label: id === 'phlb' ? 'PHLB' : id,
          own: id === 'phlb',
          points: megabytes.map((y, i) => [i + 1, y]),
        })),
      })),
    }),
  };
}

function runningSum(values) {
  let total = 0;
  return values.map(value => (total += value));
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
