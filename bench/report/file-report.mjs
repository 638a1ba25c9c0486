// What families/file.mjs has found.
/** @import { CourseData, Measured, Report, ShownRow } from '../types.js' */
import { courseReport } from './course-report.mjs';
import { list } from './markdown.mjs';
import { number, summaryOf } from './statistics.mjs';

/**
 * @param {ShownRow[]} rows
 * @param {CourseData[]} data
 * @returns {Report}
 */
export function fileReport(rows, data) {
  const { blocks, ...report } = courseReport('file', rows, data);
  return { ...report, blocks: [list(data.flatMap(speedOf)), ...blocks] };
}

/** @param {CourseData} data */
function speedOf({ ground, tree, measurements }) {
  const { phlb, ...others } = measurements.first ?? {};
  if (!phlb) return [];
  const megabytes = (tree.bytes ?? NaN) / 1e6;
  /** @param {Measured} one */
  const speed = one => `${number(megabytes / (summaryOf(one.samples, 'seconds')?.median ?? NaN), 0)} MB/s`;
  const peak = (summaryOf(phlb.samples, 'peakBytes')?.median ?? NaN) / 1e6;
  return [
    `${ground}, first snapshot of ${number(megabytes, 0)} MB: \`${phlb.label}\` ${speed(phlb)}, at most ` +
      `${number(peak, 0)} MB of memory; ` +
      Object.values(others)
        .map(other => `\`${other.label}\` ${speed(other)}`)
        .join(', '),
  ];
}
