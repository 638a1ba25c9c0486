// What every command costs before it does anything, and how large the extension is.
/** @import { FamilyOf, Place, Site, Tools, Usage } from '../types.js' */
import { writeFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { packVsix, vsixLimitBytes } from '../../scripts/package/vsix.mjs';
import { disk } from '../harness/grounds.mjs';
import { table } from '../report/markdown.mjs';
import { measure } from '../harness/measure.mjs';
import { barFigure } from '../report/plots/bars.mjs';
import { picture } from '../report/plots/picture.mjs';
import { cleanEnvironment } from '../harness/round.mjs';
import { closeSite, openSite } from '../harness/site.mjs';
import { number, spread, summary } from '../report/statistics.mjs';
import { makeStore } from '../harness/store.mjs';
import { growOld } from '../tree/make-tree.mjs';

const snapshots = 10;

/** @typedef {{ seconds: Record<string, number[]>, vsixBytes: number }} StartData seconds by command */

/** @type {FamilyOf<{ rounds: number }, StartData>} */
export const family = {
  id: 'start',
  title: 'Start-up and size',
  minutes: 1,
  full: { rounds: 15 },
  quick: { rounds: 3 },
  contestants: ['phlb', 'restic', 'borg'],

  async measure({ rounds }, tools) {
    const { site, lack } = openSite(disk, 100e6);
    if (!site) throw new Error(lack);
    const commands = await prepare(site, tools);
    /** @type {Record<string, number[]>} */
    const seconds = {};
    for (let round = 0; round < rounds; round++) {
      for (const [label, run] of Object.entries(commands)) (seconds[label] ??= []).push((await run()).seconds);
    }
    const vsixBytes = await packVsix(join(site.scratch, 'phlb.vsix'), 'ignore');
    closeSite(site);
    return { seconds, vsixBytes };
  },

  report({ seconds, vsixBytes }) {
    const found = Object.entries(seconds).map(([label, values]) => ({ label, times: summary(values) }));
    const bars = found.map(({ label, times }) => ({ label, ...times, own: label.startsWith('phlb') }));
    const plot = {
      name: 'start',
      alt: 'Seconds from the start of a command to its end; the table below has the numbers',
      draw: barFigure({ title: 'Seconds from start to end', groups: [{ bars }], digits: 3 }),
    };
    return {
      goals: [
        {
          ...{ work: 'Size of the vsix', goal: `≤ ${number(vsixLimitBytes / 2 ** 20, 0)} MB` },
          ...{ measured: `${number(vsixBytes / 2 ** 20, 2)} MB`, met: vsixBytes <= vsixLimitBytes },
        },
      ],
      blocks: [
        picture(plot),
        table(
          ['command', 'seconds'],
          found.map(({ label, times }) => [`\`${label}\``, spread(times, 3)]),
        ),
      ],
      plots: [plot],
      notes: [
        `Lists of ${snapshots} snapshots of one file, on disk; \`node\` alone is what every program on Node.js takes. ` +
          `${seconds.node?.length} rounds.`,
      ],
    };
  },
};

/**
 * @param {Site} site
 * @param {Tools} tools
 * @returns {Promise<Record<string, () => Promise<Usage>>>} by label, a function that runs the command
 */
async function prepare(site, { contestants, hasTime }) {
  const tree = { path: join(site.scratch, 'tree'), files: 1 };
  mkdirSync(tree.path);
  writeFileSync(join(tree.path, 'brief.odt'), 'brief');
  await growOld();
  const store = makeStore(site, hasTime);
  for (let i = 0; i < snapshots; i++) await store.backUp(tree, ({ files }) => files === 1);
  const options = { env: cleanEnvironment(site.scratch) };
  /** @type {Record<string, () => Promise<Usage>>} */
  const commands = {
    node: () => measure([process.execPath, '-e', '0'], options),
    'phlb --version': () => store.run('--version'),
    'phlb list': () => store.run('list'),
  };
  for (const { id, program, setup, commands: kinds } of contestants) {
    const listed = listing[id];
    if (!listed) continue;
    /** @type {Place} */
    const place = {
      ...{ folder: join(site.scratch, id), program: site.program, tree: tree.path, env: options.env },
      ...{ last: '', next: '', moved: [], takenBytes: 0 },
    };
    mkdirSync(place.folder);
    await measure([program, ...(setup?.(place) ?? [])], options);
    for (let i = 0; i < snapshots; i++) {
      await measure([program, ...(kinds.first?.args({ ...place, next: `snapshot-${i}` }) ?? [])], options);
    }
    const { label, args } = listed;
    commands[label] = () => measure([program, ...args(join(place.folder, 'repository'))], options);
  }
  return commands;
}

/** @type {Record<string, { label: string, args: (repository: string) => string[] }>} by contestant */
const listing = {
  restic: { label: 'restic snapshots', args: repository => ['--repo', repository, 'snapshots'] },
  borg: { label: 'borg list', args: repository => ['list', repository] },
};
