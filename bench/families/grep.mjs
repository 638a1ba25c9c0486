// Text search over the whole history, beside ripgrep on the trees and git on the same history as commits.
/** @import { FamilyOf, Site, Usage } from '../types.js' */
/** @import { Store } from '../harness/store.mjs' */
import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { installMissing } from '../contestants/install.mjs';
import { canDropCaches, dropCaches } from '../harness/caches.mjs';
import { disk, tmpfs } from '../harness/grounds.mjs';
import { measure, settle, timeAndMemory } from '../harness/measure.mjs';
import { cleanEnvironment } from '../harness/round.mjs';
import { closeSite, openSite } from '../harness/site.mjs';
import { makeStore } from '../harness/store.mjs';
import { grepReport } from '../report/grep-report.mjs';
import { makeTree } from '../tree/make-tree.mjs';
import { changeShare } from '../tree/mutate.mjs';

/** Between two snapshots one file of a hundred gets one line more, which is what is looked for. */
const changedShare = 0.01;
const text = 'changed in round';
/** One of these lines: some hundred contents have it, and the words before it are in nearly all. */
const expression = 'changed in [a-z]+ 2$';
/** Contents three times (source, store, git), and directories for each snapshot. */
const bytesPerFile = 40_000;
const bytesPerLink = 350;

/** What each has taken, by contestant. */
/** @typedef {Record<string, Usage>} GrepRound */

/**
 * @typedef {object} GrepData
 * @property {string} ground
 * @property {string} description
 * @property {number} files
 * @property {string[]} versions
 * @property {{ snapshots: number, contents: number, warm: GrepRound[], cold: GrepRound[] }[]} asked
 */

/** @type {FamilyOf<{ files: number, rounds: number, snapshots: number[] }, GrepData | undefined>} */
export const family = {
  id: 'grep',
  title: 'Text in the whole history',
  minutes: 14,
  full: { files: 5000, rounds: 1, snapshots: [10, 100, 500] },
  quick: { files: 500, rounds: 1, snapshots: [2, 5, 10] },
  contestants: ['phlb'],

  async measure({ files, rounds, snapshots, only }, { hasTime, remarks }) {
    const programs = ['ripgrep', 'git'].map(name => ({ program: name === 'ripgrep' ? 'rg' : name, package: name }));
    for (const { package: name } of await installMissing(programs)) {
      remarks.push(`Text in the whole history: not measured, ${name} is not installed`);
      return undefined;
    }
    const last = snapshots.at(-1) ?? 0;
    const { site, lack } = openSite(
      only === tmpfs.id ? tmpfs : disk,
      files * (bytesPerFile * (1 + last * changedShare) + last * bytesPerLink),
    );
    if (lack !== undefined) {
      remarks.push(lack);
      return undefined;
    }
    // What is in memory alone has no other state.
    const hasCold = site.ground.flush && canDropCaches();
    if (site.ground.flush && !hasCold)
      remarks.push('Text in the whole history: cold not measured, only root can empty the caches');
    const tree = await makeTree(join(site.scratch, 'tree'), files, { lines: true });
    const store = makeStore(site, hasTime);
    const history = makeHistory(site, tree.path);
    const asked = [];
    for (let i = 1; i <= last; i++) {
      if (i > 1) changeShare(tree, changedShare, i);
      const { snapshot } = await store.backUp(tree, ({ files: stored }) => stored === tree.files);
      const contents = history.add(snapshot.path, i);
      if (!snapshots.includes(i)) continue;
      console.error(`${i} snapshots`);
      const ask = asking(site, store, { tree: tree.path, newest: snapshot.path, history, hasTime });
      /** @type {{ warm: GrepRound[], cold: GrepRound[] }} */
      const { warm, cold } = { warm: [], cold: [] };
      // Takes what is new into the index. All else has just been written: it is in memory.
      await store.run('grep', '-s', '-F', text, '--json', '--quiet');
      for (let round = 0; round < rounds; round++) {
        warm.push(await ask(false));
        if (hasCold) cold.push(await ask(true));
      }
      asked.push({ snapshots: i, contents, warm, cold });
    }
    closeSite(site);
    const versions = programs.map(
      ({ program }) => execFileSync(program, ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? '',
    );
    return { ground: site.ground.id, description: site.description, files, versions, asked };
  },

  report: data => grepReport(data),
};

/**
 * The same history for the others: as commits, and each content once, in a folder of its own.
 * @param {Site} site
 * @param {string} source
 */
function makeHistory({ scratch }, source) {
  const distinct = join(scratch, 'distinct');
  mkdirSync(distinct);
  const author = ['-c', 'user.name=bench', '-c', 'user.email=bench@example.org', '-c', 'gc.auto=0'];
  const git = [`--git-dir=${join(scratch, 'git')}`, `--work-tree=${source}`, ...author];
  const env = cleanEnvironment(scratch);
  /** @param {string[]} args */
  const run = (...args) => execFileSync('git', [...git, ...args], { env, encoding: 'utf8', maxBuffer: 2 ** 30 });
  run('init', '-q');
  let contents = 0;
  return {
    git,
    distinct,
    commits: () => run('rev-list', '--all').trim().split('\n'),
    /** @param {string} snapshot @param {number} i */
    add: (snapshot, i) => {
      run('add', '-A');
      run('commit', '-q', '-m', `snapshot ${i}`);
      // What no other snapshot has: what it shares with one has another name there, and in the folder.
      const found = execFileSync('find', [snapshot, '-type', 'f', '-links', '1'], {
        encoding: 'utf8',
        maxBuffer: 2 ** 30,
      });
      for (const path of found.trim().split('\n')) linkSync(path, join(distinct, String(++contents)));
      return contents;
    },
  };
}

/**
 * @param {Site} site
 * @param {Store} store
 * @param {{ tree: string, newest: string, history: ReturnType<typeof makeHistory>, hasTime: boolean }} places
 * @returns one round of all, the caches emptied before each where it is to be cold
 */
function asking({ scratch }, store, { tree, newest, history, hasTime }) {
  const options = { env: cleanEnvironment(scratch), usageFile: hasTime ? join(scratch, 'usage') : undefined };
  /** @param {string[]} argv */
  const other = (...argv) => measure(argv, options);
  const trees = join(newest, '..');
  /** @param {string} folder */
  const rg = folder => other('rg', '-uu', '-s', '-F', text, folder);
  const commits = history.commits();
  /** @type {Record<string, () => Promise<Usage & { output: string }>>} */
  const contestants = {
    phlb: () => store.run('grep', '-s', '-F', text, '--json', '--quiet'),
    phlbExpression: () => store.run('grep', '-s', expression, '--json', '--quiet'),
    phlbChanges: () => store.run('grep', '-s', '-F', text, '--changes', '--json', '--quiet'),
    rgOne: () => rg(newest),
    rgDistinct: () => rg(history.distinct),
    rgDistinctExpression: () => other('rg', '-uu', '-s', expression, history.distinct),
    rgAll: () => rg(trees),
    gitLog: () => other('git', ...history.git, 'log', '-S', text, '--oneline', '--name-only'),
    gitGrep: () => other('git', ...history.git, '-C', tree, 'grep', '-F', text, ...commits),
  };
  /** @param {boolean} cold */
  return async cold => {
    /** @type {GrepRound} */
    const round = {};
    for (const [id, run] of Object.entries(contestants)) {
      if (cold) {
        settle(scratch);
        dropCaches();
      }
      const { output, ...usage } = await run();
      if (output === '') throw new Error(`${id} has found nothing`);
      round[id] = timeAndMemory(usage);
    }
    return round;
  };
}
