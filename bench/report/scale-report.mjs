// What families/scale.mjs has found.
/** @import { Goal, Plot, Report } from '../types.js' */
/** @import { ScaleData, SizeData } from '../families/scale.mjs' */
/** @import { Panel, Series } from './plots/lines.mjs' */
import { count, table } from './markdown.mjs';
import { lineFigure } from './plots/lines.mjs';
import { picture } from './plots/picture.mjs';
import { number, spread, summary } from './statistics.mjs';

/** @typedef {ReturnType<typeof digest>} Row what was found at one size */

/** DESIGN's goals, and what "the index is O(1)" is taken to mean: a few pages of a database. */
const goals = {
  flat: 1.25,
  peaks: [
    { files: 100_000, atMost: 250e6 },
    { files: 1_000_000, atMost: 1e9 },
  ],
  bytesAnEntry: 60,
  indexBytes: 65_536,
};

/**
 * @param {ScaleData} data
 * @returns {Report}
 */
export function scaleReport({ ground, description, sizes }) {
  const rows = sizes.map(digest);
  const plot = plotOf(rows);
  return {
    goals: goalsOf(rows, ground),
    blocks: [
      picture(plot),
      table(
        [
          'files',
          'first, s',
          'µs a file',
          'peak, MB',
          'nothing changed, s',
          'µs a file',
          'peak, MB',
          `cp -al, s`,
          'PHLB ÷ it',
        ],
        rows.map(row => [
          ...[count(row.files), number(row.first.seconds, 2), number((row.first.seconds / row.files) * 1e6, 0)],
          ...[number(row.firstPeak / 1e6, 0), spread(row.phlb, 2), number((row.phlb.median / row.files) * 1e6, 0)],
          ...[number(row.peak.median / 1e6, 0), spread(row.cp, 2), spread(row.ratio, 2)],
        ]),
      ),
      'What one more snapshot takes on the disk when one file has changed:',
      table(
        [
          'files',
          'directories',
          'inodes',
          'tree, MB',
          'manifest, bytes an entry',
          'all but the tree, bytes an entry',
          'index, MB',
          'index grew, KB',
        ],
        rows.map(row => [
          ...[count(row.files), count(row.directories), count(row.inodes), number(row.treeBytes / 1e6, 2)],
          ...[number(row.manifestBytes / row.entries, 1), number(row.oneChanged.besideBytes / row.entries, 1)],
          ...[number(row.indexBytes / 1e6, 1), number(row.oneChanged.indexBytes / 1024, 0)],
        ]),
      ),
    ],
    plots: [plot],
    notes: [
      `${ground}: ${description}; files of 16 bytes to 4 KB, twenty in a directory. The first snapshot is taken once, in pairs ` +
        '"nothing changed" and `cp -al` of the same tree, with the flush on a disk; the other one begins each round.',
      'The tree of a snapshot takes its directories and the changed file: that is what `cp -al` takes too.',
    ],
  };
}

/** @param {SizeData} size */
function digest(size) {
  const { pairs, directories, files, oneChanged, first } = size;
  /** @param {(pair: SizeData['pairs'][number]) => number} pick */
  const of = pick => summary(pairs.map(pick));
  const { tree } = oneChanged;
  const firstPeak = first.peakBytes ?? NaN;
  const peaks = pairs.map(({ phlb }) => phlb.peakBytes ?? NaN);
  return {
    ...size,
    entries: files + directories,
    phlb: of(({ phlb }) => phlb.seconds),
    cp: of(({ cp }) => cp.seconds),
    ratio: of(({ phlb, cp }) => phlb.seconds / cp.seconds),
    firstPeak,
    peak: summary(peaks),
    highest: Math.max(firstPeak, ...peaks),
    inodes: tree.directories.inodes + tree.files.inodes,
    treeBytes: tree.directories.bytes + tree.files.bytes,
  };
}

/**
 * @param {Row[]} rows
 * @param {string} on the ground
 * @returns {Goal[]}
 */
function goalsOf(rows, on) {
  const medians = rows.map(({ ratio }) => ratio.median);
  const flatness = Math.max(...medians) / Math.min(...medians);
  /** @param {(row: Row) => number} pick */
  const worst = pick => Math.max(...rows.map(pick));
  const anEntry = worst(row => row.oneChanged.besideBytes / row.entries);
  const growth = worst(row => row.oneChanged.indexBytes);
  return [
    {
      work: `PHLB ÷ cp -al, ${rows.map(({ files }) => count(files)).join(', ')} files`,
      ...{
        on,
        against: 'largest ÷ smallest',
        goal: `≤ ${goals.flat}`,
        measured: number(flatness, 2),
        met: flatness <= goals.flat,
      },
    },
    ...goals.peaks.flatMap(({ files, atMost }) => {
      const row = rows.find(one => one.files === files);
      if (!row || !Number.isFinite(row.highest)) return [];
      const measured = `${number(row.highest / 1e6, 0)} MB`;
      return [
        {
          work: `Peak memory, ${count(files)} files`,
          on,
          goal: `≤ ${atMost / 1e6} MB`,
          measured,
          met: row.highest <= atMost,
        },
      ];
    }),
    {
      work: 'One file changed: disk taken beside the tree',
      ...{ on, against: 'entries', goal: `≤ ${goals.bytesAnEntry} B each`, measured: `${number(anEntry, 1)} B` },
      met: anEntry <= goals.bytesAnEntry,
    },
    {
      work: 'One file changed: growth of the index, at every size',
      ...{
        on,
        goal: `≤ ${goals.indexBytes / 1024} KB`,
        measured: `${number(growth / 1024, 0)} KB`,
        met: growth <= goals.indexBytes,
      },
    },
  ];
}

/**
 * @param {Row[]} rows
 * @returns {Plot}
 */
function plotOf(rows) {
  /** @param {(row: Row) => number} pick @returns {[number, number][]} */
  const points = pick => rows.map(row => [row.files, pick(row)]);
  /** @param {string} title @param {Series[]} series @param {Partial<Panel>} more @returns {Panel} */
  const panel = (title, series, more) => ({ title, xLabel: 'files', series, ...more });
  const highest = Math.max(...rows.map(({ files }) => files));
  return {
    name: 'scale',
    alt: 'Time, memory and size over the number of files; the tables below have the numbers',
    draw: lineFigure({
      title: 'From small trees to large ones',
      panels: [
        panel(
          'Seconds',
          [
            { label: 'PHLB, unchanged', own: true, points: points(({ phlb }) => phlb.median) },
            { label: 'PHLB, first', points: points(({ first }) => first.seconds) },
            { label: 'cp -al', points: points(({ cp }) => cp.median) },
          ],
          { log: true },
        ),
        panel(
          'Nothing changed: PHLB ÷ cp -al',
          [{ label: 'ratio', own: true, points: points(({ ratio }) => ratio.median) }],
          {
            logX: true,
          },
        ),
        panel(
          'Peak memory, MB',
          [
            { label: 'PHLB, unchanged', own: true, points: points(({ peak }) => peak.median / 1e6) },
            { label: 'PHLB, first', points: points(({ firstPeak }) => firstPeak / 1e6) },
          ],
          { log: true, ...(highest >= 1e6 ? { limit: { y: 1000, label: 'goal at a million' } } : {}) },
        ),
        panel(
          'Kept beside the trees, MB',
          [
            { label: 'index', own: true, points: points(({ indexBytes }) => indexBytes / 1e6) },
            { label: 'a manifest', points: points(({ manifestBytes }) => manifestBytes / 1e6) },
          ],
          { log: true },
        ),
      ],
    }),
  };
}
