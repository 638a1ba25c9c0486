// Copies off this machine: what pushing and recovering them takes, beside restic on the source alone.
/** @import { FamilyOf, Site, Usage } from '../types.js' */
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { prepareOffsite } from '../../scripts/test/offsite.mjs';
import { phlbArguments } from '../contestants/phlb.mjs';
import { tmpfs } from '../harness/grounds.mjs';
import { allocatedBytes, measure, remove } from '../harness/measure.mjs';
import { cleanEnvironment } from '../harness/round.mjs';
import { closeSite, openSite } from '../harness/site.mjs';
import { makeStore } from '../harness/store.mjs';
import { offsiteReport } from '../report/offsite-report.mjs';
import { makeTree } from '../tree/make-tree.mjs';
import { changeShare } from '../tree/mutate.mjs';

const changedShare = 0.01;
/** The tree, root, repositories, and what comes back. */
const bytesPerFile = 60_000;

/** What a round has taken, PHLB's own and restic's on the source, step by step. */
/** @typedef {Record<string, Usage>} OffsiteRound */

/**
 * @typedef {object} OffsiteData
 * @property {string} description
 * @property {number} files
 * @property {number} treeBytes
 * @property {OffsiteRound[]} rounds
 * @property {{ repository: number, plain: number, root: number, recovered: number }} bytes on the disk, of the last round
 */

/** @type {FamilyOf<{ files: number, rounds: number }, OffsiteData | undefined>} */
export const family = {
  id: 'offsite',
  title: 'Copies off this machine',
  minutes: 5,
  full: { files: 50_000, rounds: 3 },
  quick: { files: 1000, rounds: 1 },
  contestants: ['phlb'],

  async measure({ files, rounds }, { hasTime, remarks }) {
    const { env: found } = await prepareOffsite();
    const restic = found.PHLB_TEST_RESTIC;
    if (!restic || !existsSync(restic)) {
      remarks.push('Copies off this machine: not measured, there is no restic of 0.17 or newer');
      return undefined;
    }
    const { site, lack } = openSite(tmpfs, files * bytesPerFile);
    if (lack !== undefined) {
      remarks.push(lack);
      return undefined;
    }
    const all = [];
    for (let i = 0; i < rounds; i++) {
      console.error(`round ${i + 1} of ${rounds}`);
      // A home of its own: what PHLB remembers of a location is not to be found in the next one.
      const scratch = join(site.scratch, `round-${i}`);
      mkdirSync(scratch);
      all.push(await measureRound({ ...site, scratch }, { files, hasTime, restic }));
      remove(scratch);
    }
    closeSite(site);
    const { bytes, treeBytes } = /** @type {typeof all[number]} */ (all.at(-1));
    return { description: site.description, files, treeBytes, rounds: all.map(({ usages }) => usages), bytes };
  },

  report: data => offsiteReport(data),
};

/**
 * @param {Site} site
 * @param {{ files: number, hasTime: boolean, restic: string }} options
 */
async function measureRound(site, { files, hasTime, restic }) {
  const tree = await makeTree(join(site.scratch, 'tree'), files);
  const store = makeStore(site, hasTime);
  const [repository, plain] = [join(site.scratch, 'copies'), join(site.scratch, 'plain')];
  const usageFile = hasTime ? join(site.scratch, 'usage') : undefined;
  /** @param {string} at */
  const envOf = at => ({
    ...cleanEnvironment(site.scratch),
    ...{ RESTIC_REPOSITORY: at, RESTIC_PASSWORD: 'measured', RESTIC_CACHE_DIR: `${at}-cache`, PHLB_RESTIC: restic },
  });
  /** @param {string} folder @param {string[]} args */
  const phlb = (folder, ...args) => {
    const place = { program: site.program, folder: join(site.scratch, folder) };
    const argv = phlbArguments(place, ['offsite', ...args, '--quiet']);
    return measure([process.execPath, ...argv], { env: envOf(repository), usageFile });
  };
  /** @param {string[]} args */
  const alone = (...args) => measure([restic, ...args, '--quiet'], { env: envOf(plain), usageFile });
  await phlb('store', 'init');
  await alone('init');
  /** @type {OffsiteRound} */
  const usages = {};
  /** @param {string} step @param {() => Promise<Usage>} own @param {() => Promise<Usage>} other */
  const pair = async (step, own, other) => {
    usages[`${step} phlb`] = kept(await own());
    usages[`${step} restic`] = kept(await other());
  };
  await store.backUp(tree, ({ files: stored }) => stored === tree.files);
  const backup = () => alone('backup', tree.path);
  await pair('first', () => phlb('store', 'push'), backup);
  changeShare(tree, changedShare, 1);
  await store.backUp(tree, ({ files: stored }) => stored === tree.files);
  await pair('changed', () => phlb('store', 'push'), backup);
  await pair('nothing', () => phlb('store', 'push'), backup);
  const back = join(site.scratch, 'back');
  await pair(
    'recover',
    () => phlb('recovered', 'recover', repository),
    () => alone('restore', 'latest', '--target', back),
  );
  const recovered = join(site.scratch, 'recovered');
  const bytes = {
    ...{ repository: allocatedBytes(repository), plain: allocatedBytes(plain) },
    ...{ root: allocatedBytes(store.root), recovered: allocatedBytes(join(recovered, 'root')) },
  };
  const treeBytes = tree.bytes;
  return { usages, bytes, treeBytes };
}

/** @param {Usage} usage */
function kept({ seconds, peakBytes, cpuSeconds }) {
  return { seconds, ...(peakBytes === undefined ? {} : { peakBytes, cpuSeconds }) };
}
