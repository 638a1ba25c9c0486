// What families/file.mjs has found.
import { courseReport } from './course-report.mjs';
import { list } from './markdown.mjs';
import { number, summaryOf } from './statistics.mjs';

export function fileReport(rows, data) {
  const { blocks, ...report } = courseReport('file', rows, data);
  return { ...report, blocks: [list(data.map(speedOf)), ...blocks] };
}

function speedOf({ ground, tree, measurements }) {
  const { label, samples } = measurements.first.phlb;
  const speed = ({ samples: some }) => `${number(tree.bytes / summaryOf(some, 'seconds').median / 1e6, 0)} MB/s`;
  const others = Object.entries(measurements.first).filter(([id]) => id !== 'phlb');
  return (
    `${ground}, first snapshot of ${number(tree.bytes / 1e6, 0)} MB: \`${label}\` ${speed({ samples })}, at most ` +
    `${number(summaryOf(samples, 'peakBytes')?.median / 1e6, 0)} MB of memory; ` +
    others.map(([, other]) => `\`${other.label}\` ${speed(other)}`).join(', ')
  );
}
