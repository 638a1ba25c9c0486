// What families/releases.mjs has found.
/** @import { Plot, Report } from '../types.js' */
/** @import { PackageData } from '../families/releases.mjs' */
import { count, list, table } from './markdown.mjs';
import { lineFigure } from './plots/lines.mjs';
import { picture } from './plots/picture.mjs';
import { number, summary } from './statistics.mjs';

/**
 * @typedef {object} Row what one program has kept of one package
 * @property {string} id
 * @property {string} label
 * @property {number[]} megabytes on the disk after each release
 * @property {number} seconds of all runs
 */

/** @typedef {Pick<PackageData, 'name' | 'versions' | 'measurements'> & { phlb: Row, others: Row[] }} Digest */

/**
 * @param {PackageData[]} data
 * @returns {Report}
 */
export function releasesReport(data) {
  const [one] = data;
  if (!one) return { goals: [], blocks: [] };
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
        packages.flatMap(({ name, phlb, others }) => [phlb, ...others].map(row => lineOf(name, row, phlb))),
      ),
      list(packages.map(sharing)),
      'Plain files cannot share parts of files: where a new release changes a few lines in a file of megabytes, PHLB and ' +
        '`rsync` store all of it again; `restic` and `borg` store the changed parts, and compress them. What they save ' +
        'after the first release is compression, what that grows by up to the last is parts of files. In return every ' +
        'snapshot of PHLB can be read with anything.',
    ],
    plots: [plot],
    notes: [
      `${one.ground}: ${one.description}. ${packages.map(({ name, versions }) => `${name} ${versions.map(({ version }) => version).join(', ')}`).join('; ')}.`,
      'Each release is laid over the one before as `git checkout` does: only files that differ are written, and so get a new time. ' +
        '`rsync` links what has its old time and size.',
    ],
  };
}

/**
 * @param {PackageData} found
 * @returns {Digest}
 */
function digest({ name, versions, measurements }) {
  /** @param {string} id */
  const rowOf = id => {
    const perRelease = versions.flatMap(({ version }) => measurements[version]?.[id] ?? []);
    /** @param {'seconds' | 'takenBytes'} key */
    const of = key => perRelease.map(({ samples }) => summary(samples.map(sample => sample[key])).median);
    return {
      id,
      label: perRelease.at(-1)?.label ?? id,
      megabytes: runningSum(of('takenBytes').map(bytes => bytes / 1e6)),
      seconds: sum(of('seconds')),
    };
  };
  const ids = Object.keys(Object.values(measurements)[0] ?? {});
  const others = ids.filter(id => id !== 'phlb').map(rowOf);
  return { name, versions, measurements, phlb: rowOf('phlb'), others };
}

/**
 * @param {string} name
 * @param {Row} row
 * @param {Row} phlb
 */
function lineOf(name, { id, label, megabytes, seconds }, phlb) {
  /** @param {number} own @param {number} its */
  const beside = (own, its) => (id === 'phlb' ? '' : number(own / its, 2));
  /** @param {number} at */
  const taken = at => {
    const [own = NaN, its = NaN] = [phlb.megabytes.at(at), megabytes.at(at)];
    return [number(its, 1), beside(own, its)];
  };
  return [name, `\`${label}\``, ...taken(0), ...taken(-1), number(seconds, 2), beside(phlb.seconds, seconds)];
}

/** @param {Digest} found */
function sharing({ name, versions, measurements }) {
  const whole = sum(versions.map(({ bytes }) => bytes));
  const copied = sum(versions.map(({ version }) => measurements[version]?.phlb?.samples[0]?.copiedBytes ?? NaN));
  return (
    `${name}: ${versions.length} releases of ${count(versions.at(-1)?.files ?? NaN)} files, ${number(whole / 1e6, 0)} MB of contents in all; PHLB stored ` +
    `${number(copied / 1e6, 0)} MB of them (${number((copied / whole) * 100, 0)} %)`
  );
}

/**
 * @param {Digest[]} packages
 * @returns {Plot}
 */
function plotOf(packages) {
  return {
    name: 'releases',
    alt: 'MB on the disk after each release; the table below has the numbers',
    draw: lineFigure({
      title: 'MB on the disk after each release',
      panels: packages.map(({ name, phlb, others }) => ({
        title: name,
        xLabel: 'releases',
        series: [
          { label: 'PHLB', own: true, points: pointsOf(phlb) },
          ...others.map(row => ({ label: row.id, points: pointsOf(row) })),
        ],
      })),
    }),
  };
}

/**
 * @param {Row} row
 * @returns {[number, number][]}
 */
function pointsOf({ megabytes }) {
  return megabytes.map((y, i) => [i + 1, y]);
}

/** @param {number[]} values */
function runningSum(values) {
  let total = 0;
  return values.map(value => (total += value));
}

/** @param {number[]} values */
function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
