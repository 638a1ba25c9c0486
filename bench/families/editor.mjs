// What PHLB costs in the extension host of a real VS Code.
/** @import { FamilyOf } from '../types.js' */
/** @import { SavesData } from '../editor/saves.mjs' */
/** @import { Phase } from '../editor/stalls.mjs' */
import { tmpdir } from 'node:os';
import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { ensureChromium } from '../../scripts/browser.mjs';
import { measureActivation } from '../editor/activation.mjs';
import { measureSaves } from '../editor/saves.mjs';
import { measureStalls } from '../editor/stalls.mjs';
import { count, table } from '../report/markdown.mjs';
import { remove } from '../harness/measure.mjs';
import { number, spread, summary } from '../report/statistics.mjs';
import { makeTree } from '../tree/make-tree.mjs';

const goalMs = 50;
/** Files of the workspace in which is saved: a twentieth of those that stall. */
const share = 20;

/**
 * @typedef {object} EditorData
 * @property {number} files
 * @property {number} bytes
 * @property {number[]} activations ms
 * @property {Phase[]} stalls
 * @property {SavesData} saves
 */

/** @type {FamilyOf<{ files: number, rounds: number }, EditorData>} */
export const family = {
  id: 'editor',
  title: 'In the editor',
  minutes: 7,
  // It fetches an editor and a browser.
  apart: true,
  full: { files: 100_000, rounds: 5 },
  quick: { files: 2000, rounds: 1 },
  contestants: [],

  async measure({ files, rounds }) {
    if (!(await ensureChromium())) throw new Error('No Chromium: install one, or name it in PHLB_CHROMIUM');
    const scratch = mkdtempSync(join(tmpdir(), 'phlb-bench-editor-'));
    process.once('exit', () => remove(scratch));
    const tree = await makeTree(join(scratch, 'tree'), files);
    const activations = [];
    for (let round = 0; round < rounds; round++) activations.push(await measureActivation(scratch, round));
    const stalls = await measureStalls(tree.path);
    const saves = await measureSaves(scratch, files / share, 2 * rounds);
    return { files, bytes: tree.bytes, activations, stalls, saves };
  },

  report({ files, bytes, activations, stalls, saves }) {
    const activation = summary(activations);
    const judged = stalls.filter(({ what }) => !what.startsWith('nothing'));
    const goal = `≤ ${goalMs} ms`;
    return {
      goals: [
        { work: 'Activation', goal, measured: `${spread(activation, 0)} ms`, met: activation.median <= goalMs },
        ...judged.map(({ what, longestMs }) => ({
          ...{ work: `Longest stall, ${what}`, goal, measured: `${number(longestMs, 1)} ms`, met: longestMs <= goalMs },
        })),
      ],
      blocks: [
        table(
          ['what goes on', 'seconds', 'longest stall of the event loop, ms'],
          stalls.map(({ what, seconds, longestMs }) => [what, number(seconds, 1), number(longestMs, 1)]),
        ),
        '### A save',
        `A workspace of ${count(saves.files)} files, with a repository in it and 2 GB of ignored data. One file is saved, and all of ` +
          'it is backed up.',
        table(
          ['', 'seconds', 'CPU seconds', 'files that it holds'],
          saves.saves.map(({ label, seconds, cpuSeconds, files: held }) => [
            label,
            spread(summary(seconds), 2),
            spread(summary(cpuSeconds), 2),
            count(held),
          ]),
        ),
      ],
      notes: [
        `Activation: what *Developer: Show Running Extensions* says of PHLB, in ${activations.length} new windows.`,
        'Stalls: the longest time that the event loop of the extension host did not turn, by `perf_hooks`’ ' +
          `\`monitorEventLoopDelay\`, during *Backup Workspace* of ${count(files)} files (${number(bytes / 1e6, 0)} MB). The line for ` +
          'nothing is the same host before the first backup: what the editor and the machine cost by themselves.',
        `A save: ${saves.saves[0]?.seconds.length} times, in turn. PHLB’s CPU time is that of the whole extension host meanwhile. git keeps a ` +
          'repository beside the folder, as coding agents do to go back in: of a repository within it holds none of the files, and ' +
          'of what is ignored nothing.',
      ],
    };
  },
};
