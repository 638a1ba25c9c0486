// `npm run bench:editor`: what PHLB costs in the extension host. Prints it, and writes it into docs/benchmarks.md.
//   --files N      size of the tree that is backed up (100000)
//   --rounds N     windows opened to measure activation (5)
//   --no-write
import { tmpdir } from 'node:os';
import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureChromium } from '../scripts/browser.mjs';
import { build } from '../scripts/build.mjs';
import { ensureInstalled } from '../scripts/install.mjs';
import { measureActivation } from './editor/activation.mjs';
import { measureStalls } from './editor/stalls.mjs';
import { describeMachine, loadAverage } from './machine.mjs';
import { table } from './markdown.mjs';
import { writeSection } from './page.mjs';
import { summary } from './statistics.mjs';
import { makeTree } from './tree.mjs';

const goalMs = 50;
const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '100000' },
    rounds: { type: 'string', default: '5' },
    'no-write': { type: 'boolean', default: false },
  },
});

ensureInstalled();
if (!(await ensureChromium())) throw new Error('No Chromium: install one, or name it in PHLB_CHROMIUM');
await build();
const machine = describeMachine();
const scratch = mkdtempSync(join(tmpdir(), 'phlb-bench-editor-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
const tree = await makeTree(join(scratch, 'tree'), Number(values.files));
const activations = [];
for (let round = 0; round < Number(values.rounds); round++) activations.push(await measureActivation(scratch, round));
const stalls = await measureStalls(tree.path);

const text = page();
console.log(text);
if (!values['no-write']) writeSection('editor', text);

function page() {
  const count = tree.files.toLocaleString('en');
  const rows = [
    ['Activation', spread(summary(activations)), verdict(summary(activations).median)],
    ...stalls.map(({ what, longestMs, seconds }) => [
      `Longest stall, ${what} (${seconds.toFixed(1)} s)`,
      longestMs.toFixed(1),
      what.startsWith('nothing') ? '' : verdict(longestMs),
    ]),
  ];
  return [
    '## In the editor',
    `What PHLB costs in the extension host of a real VS Code, in milliseconds; the goal is ${goalMs} for each.`,
    table(['what', 'ms', 'met'], rows),
    [
      `- Activation: what *Developer: Show Running Extensions* says of PHLB in ${values.rounds} new windows, median (smallest–largest).`,
      `- Stalls: the longest time that the event loop of the extension host did not turn, by \`perf_hooks\`' ` +
        `\`monitorEventLoopDelay\`, during *Backup Workspace* of ${count} files (${(tree.bytes / 1e6).toFixed(0)} MB). ` +
        'The line for nothing is the same host before the first backup: what the editor and the machine cost by themselves.',
      `- ${machine.date}, ${machine.processor}, ${machine.memory} memory, ${machine.kernel}; load average ` +
        `${machine.loadBefore} at the start, ${loadAverage()} at the end; PHLB ${machine.phlb}`,
      '- Again: `npm run bench:editor`',
    ].join('\n'),
  ].join('\n\n');
}

function verdict(ms) {
  return ms <= goalMs ? 'yes' : '**no**';
}

function spread({ median, min, max }) {
  return `${median.toFixed(0)} (${min.toFixed(0)}–${max.toFixed(0)})`;
}
