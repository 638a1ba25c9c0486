// The same work on ever larger trees.
/** @import { FamilyOf, MadeTree, Site } from '../types.js' */
/** @import { Store } from '../harness/store.mjs' */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { flushed } from '../harness/round.mjs';
import { disk, tmpfs } from '../harness/grounds.mjs';
import { allocatedBytes, measure, settle, timeAndMemory } from '../harness/measure.mjs';
import { closeSite, openSite } from '../harness/site.mjs';
import { bytesIn, makeStore, manifestBytes, ownedBy } from '../harness/store.mjs';
import { makeTree, smallSizes } from '../tree/make-tree.mjs';
import { scaleReport } from '../report/scale-report.mjs';

/** A block each in the tree and in the store, their share of directories, and a bit. */
const bytesPerFile = 12_000;
/** Rounds at the smallest size, and fewer at the larger ones. */
const roundsAt = [5, 3, 2];

/** @typedef {{ ground: string, description?: string, sizes: SizeData[] }} ScaleData */
/** @typedef {Awaited<ReturnType<typeof measureSize>>} SizeData */

/** @type {FamilyOf<{ files: number }, ScaleData>} */
export const family = {
  id: 'scale',
  title: 'From 10,000 to a million files',
  minutes: 8,
  full: { files: 1_000_000 },
  quick: { files: 10_000 },
  contestants: ['phlb', 'cp'],

  async measure({ files, rounds, only }, { hasTime, remarks }) {
    const ground = only === tmpfs.id ? tmpfs : disk;
    const sizes = [files / 100, files / 10, files].map(Math.round);
    /** @type {Site[]} */
    const open = [];
    const found = [];
    for (const [i, size] of sizes.entries()) {
      const { site, lack } = openSite(ground, size * bytesPerFile);
      if (lack !== undefined) {
        remarks.push(`${size} files: ${lack}`);
        continue;
      }
      open.push(site);
      found.push(await measureSize(site, size, rounds ?? roundsAt[i] ?? 1, hasTime));
    }
    // Not earlier: see `clear` in harness/round.mjs.
    open.forEach(closeSite);
    const [site] = open;
    return { ground: ground.id, ...(site ? { description: site.description } : {}), sizes: found };
  },

  report: scaleReport,
};

/**
 * @param {Site} site
 * @param {number} files
 * @param {number} rounds
 * @param {boolean} hasTime GNU time is here
 */
async function measureSize(site, files, rounds, hasTime) {
  console.error(`${files} files: making the tree`);
  const tree = await makeTree(join(site.scratch, 'tree'), files, { sizes: smallSizes });
  const store = makeStore(site, hasTime);
  settle(site.scratch);
  const first = await store.backUp(tree, ({ copiedFiles }) => copiedFiles === files);
  console.error(`${files} files, first: ${first.seconds.toFixed(2)} s`);
  const pairs = [];
  for (let round = 0; round < rounds; round++) pairs.push(await measurePair({ site, tree, store, first, round }));
  return {
    files,
    directories: tree.directories,
    first: timeAndMemory(first),
    pairs,
    ...(await measureOneChanged(site, tree, store)),
  };
}

/** @typedef {{ site: Site, tree: MadeTree, store: Store, first: { snapshot: { path: string } }, round: number }} PairSettings */

/**
 * `cp -al` links the first snapshot, not the source: a link would give every file there a new ctime, and PHLB had to read it.
 * @param {PairSettings} settings
 */
async function measurePair({ site, tree, store, first, round }) {
  const copy = ['cp', '-al', first.snapshot.path, join(site.scratch, `copy-${round}`)];
  const turns = {
    phlb: () => store.backUp(tree, ({ unchangedFiles }) => unchangedFiles === tree.files),
    cp: () => measure(site.ground.flush ? flushed(copy, site.scratch) : copy, { env: process.env }),
  };
  /** @param {keyof typeof turns} who */
  const take = async who => {
    if (site.ground.flush) settle(site.scratch);
    const usage = timeAndMemory(await turns[who]());
    console.error(`${tree.files} files, unchanged, ${who}: ${usage.seconds.toFixed(2)} s`);
    return usage;
  };
  if (round % 2 === 0) return { phlb: await take('phlb'), cp: await take('cp') };
  return { cp: await take('cp'), phlb: await take('phlb') };
}

/**
 * @param {Site} site
 * @param {MadeTree} tree
 * @param {Store} store
 */
async function measureOneChanged(site, tree, store) {
  // The first run that finds a change takes the first snapshot into the index.
  const backUpChanged = () => {
    appendFileSync(tree.file, 'one line more\n');
    return store.backUp(tree, ({ copiedFiles }) => copiedFiles === 1);
  };
  await backUpChanged();
  const before = { index: bytesIn(store.index), kept: keptBeside(store) };
  const { snapshot } = await backUpChanged();
  settle(site.scratch);
  return {
    manifestBytes: manifestBytes(store, snapshot),
    indexBytes: bytesIn(store.index),
    oneChanged: {
      tree: ownedBy(snapshot.path),
      besideBytes: keptBeside(store) - before.kept,
      indexBytes: bytesIn(store.index) - before.index,
    },
  };
}

/**
 * Manifest, record and index.
 * @param {Store} store
 */
function keptBeside({ root, index }) {
  return allocatedBytes(join(root, '.phlb')) + allocatedBytes(index);
}
