// Many snapshots of one tree: what they cost one after another, and what is asked of them later.
/** @import { FamilyOf, MadeTree } from '../types.js' */
/** @import { Store } from '../harness/store.mjs' */
import { appendFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { disk, tmpfs } from '../harness/grounds.mjs';
import { allocatedBytes, measure, settle, timeAndMemory } from '../harness/measure.mjs';
import { changeShare } from '../tree/mutate.mjs';
import { closeSite, openSite } from '../harness/site.mjs';
import { bytesIn, makeStore } from '../harness/store.mjs';
import { makeTree } from '../tree/make-tree.mjs';
import { snapshotsReport } from '../report/snapshots-report.mjs';

/** Between two snapshots: one file of so many is changed, anywhere, and some come and go. */
const changedShare = 0.01;
const newFiles = 2;
/** Contents once, and directories for each snapshot. */
const bytesPerFile = 20_000;
const bytesPerLink = 350;

/** @typedef {Awaited<ReturnType<typeof takeOne>>} Run */

/**
 * @typedef {object} SnapshotsData
 * @property {string} ground
 * @property {string} description
 * @property {number} files
 * @property {number} kept
 * @property {Run[]} runs
 * @property {(Awaited<ReturnType<typeof ask>> & { snapshots: number })[]} asked
 * @property {number} takenBytes
 * @property {Awaited<ReturnType<typeof askWithoutIndex>>} anew
 * @property {Awaited<ReturnType<typeof thinOut>>} removal
 */

/** @type {FamilyOf<{ files: number, snapshots: number, kept: number }, SnapshotsData | undefined>} */
export const family = {
  id: 'snapshots',
  title: 'Hundreds of snapshots',
  minutes: 9,
  full: { files: 50_000, snapshots: 200, kept: 20 },
  quick: { files: 500, snapshots: 20, kept: 5 },
  contestants: ['phlb'],

  async measure({ files, snapshots, kept, only }, { hasTime, remarks }) {
    const ground = only === tmpfs.id ? tmpfs : disk;
    const { site, lack } = openSite(ground, files * bytesPerFile + files * snapshots * bytesPerLink);
    if (lack !== undefined) {
      remarks.push(lack);
      return undefined;
    }
    const tree = await makeTree(join(site.scratch, 'tree'), files);
    const store = makeStore(site, hasTime);
    const checkpoints = [0.1, 0.5, 1].map(share => Math.max(1, Math.round(share * snapshots)));
    const runs = [];
    const asked = [];
    for (let i = 1; i <= snapshots; i++) {
      runs.push(await takeOne(tree, store, i));
      if (checkpoints.includes(i)) asked.push({ snapshots: i, ...(await ask(tree, store)) });
    }
    const takenBytes = allocatedBytes(store.root);
    const anew = await askWithoutIndex(tree, store);
    const removal = await thinOut(tree, store, kept);
    closeSite(site);
    return { ground: ground.id, description: site.description, files, kept, runs, asked, takenBytes, anew, removal };
  },

  report: data => snapshotsReport(data),
};

/**
 * @param {MadeTree} tree
 * @param {Store} store
 * @param {number} i from 1
 */
async function takeOne(tree, store, i) {
  if (i > 1) changeALittle(tree, i);
  const { snapshot, ...usage } = await store.backUp(tree, ({ files }) => files === tree.files);
  if (i % 10 === 0) console.error(`snapshot ${i}: ${usage.seconds.toFixed(2)} s`);
  return {
    ...timeAndMemory(usage),
    copiedBytes: snapshot.copiedBytes,
    indexBytes: bytesIn(store.index),
  };
}

/**
 * One file is edited each time; files that come go again ten snapshots later.
 * @param {MadeTree} tree
 * @param {number} i from 1
 */
function changeALittle(tree, i) {
  changeShare(tree, changedShare, i);
  appendFileSync(tree.file, `line ${i}\n`);
  /** @param {number} n */
  const extra = n => Array.from({ length: newFiles }, (_, k) => join(tree.path, `new-${n}-${k}.txt`));
  for (const path of extra(i)) writeFileSync(path, `of snapshot ${i}, ${path}\n`);
  tree.files += newFiles;
  if (i <= 11) return;
  for (const path of extra(i - 10)) rmSync(path);
  tree.files -= newFiles;
}

/**
 * @param {MadeTree} tree
 * @param {Store} store
 */
async function ask(tree, store) {
  /** @param {string[]} args */
  const timed = async (...args) => (await store.run(...args)).seconds;
  const { output } = await store.run('list', '--json');
  const ids = snapshotsIn(output).map(({ id }) => id);
  return {
    list: await timed('list'),
    find: await timed('find', basename(tree.file)),
    all: await timed('find', '**'),
    diff: await timed('diff', ids[0] ?? '', ids.at(-1) ?? ''),
    deleted: await timed('find', '*.txt', '--deleted'),
    versions: await timed('versions', tree.file),
  };
}

/**
 * What a search takes that has to read all manifests first.
 * @param {MadeTree} tree
 * @param {Store} store
 */
async function askWithoutIndex(tree, store) {
  rmSync(store.index, { recursive: true });
  const { seconds, cpuSeconds } = await store.run('find', basename(tree.file));
  return { seconds, ...(cpuSeconds === undefined ? {} : { cpuSeconds }) };
}

/** @param {string} output of `phlb list --json` for one source */
function snapshotsIn(output) {
  const { sources } = /** @type {{ sources: { snapshots: { id: string, path: string }[] }[] }} */ (JSON.parse(output));
  return sources[0]?.snapshots ?? [];
}

/**
 * Removes one snapshot by hand and one with PHLB, then all but the newest.
 * @param {MadeTree} tree
 * @param {Store} store
 * @param {number} kept
 */
async function thinOut(tree, store, kept) {
  const { output } = await store.run('list', '--json');
  const listed = snapshotsIn(output);
  const [byHand, oldest] = listed;
  if (!byHand || !oldest) throw new Error('phlb list has fewer than two snapshots');
  settle(store.root);
  /** @param {string[]} argv */
  const shell = (...argv) => measure(argv, { env: process.env });
  const walked = await shell('find', store.root, '-name', basename(tree.file));
  const rm = await shell('rm', '-rf', byHand.path);
  settle(store.root);
  const deleted = await store.run('delete', oldest.id);
  const before = readdirSync(dirname(byHand.path)).length;
  const pruned = await store.run('prune', '--keep-last', String(kept));
  const after = readdirSync(dirname(byHand.path)).length;
  // With rules given the oldest one may stay too.
  if (before - after < listed.length - kept - 4) throw new Error(`prune: ${after} of ${before} snapshots are left`);
  const list = await store.run('list');
  return {
    walkSeconds: walked.seconds,
    rmSeconds: rm.seconds,
    deleteSeconds: deleted.seconds,
    prune: { snapshots: before - after, ...timeAndMemory(pruned) },
    listSeconds: list.seconds,
    indexBytes: bytesIn(store.index),
  };
}
