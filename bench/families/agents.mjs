// What a coding agent's hook costs, beside the checkpoint that agents make with a git repository of their own.
/** @import { FamilyOf, MadeTree, Site, Usage } from '../types.js' */
import { execFileSync } from 'node:child_process';
import { appendFileSync, closeSync, mkdirSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { phlbArguments, rootOf } from '../contestants/phlb.mjs';
import { tmpfs } from '../harness/grounds.mjs';
import { allocatedBytes, measure, remove } from '../harness/measure.mjs';
import { cleanEnvironment } from '../harness/round.mjs';
import { closeSite, openSite } from '../harness/site.mjs';
import { agentsReport } from '../report/agents-report.mjs';
import { growOld, makeTree } from '../tree/make-tree.mjs';

const nestedFiles = 100;
const ignoredFiles = 200;
/** The tree, its copy in the backup location, and git's. */
const bytesPerFile = 60_000;

/** @typedef {{ phlb: Usage, git: Usage }} Pair */

/**
 * @typedef {object} AgentsData
 * @property {string} description
 * @property {number} largeBytes of the one large file
 * @property {SizeData[]} sizes
 *
 * @typedef {object} SizeData
 * @property {number} files all of them
 * @property {Pair} first
 * @property {Pair[]} nothing a step of the agent in which nothing has changed
 * @property {Pair[]} one a step in which one file has changed
 * @property {{ phlb: number, git: number }} stored files
 * @property {{ phlb: number, git: number }} firstBytes on the disk, of the first one
 * @property {{ phlb: number, git: number }} stepBytes on the disk, of a step in which one file has changed
 */

/** @type {FamilyOf<{ sizes: number[], rounds: number, largeBytes: number }, AgentsData | undefined>} */
export const family = {
  id: 'agents',
  title: 'Each step of a coding agent',
  minutes: 6,
  full: { sizes: [5000, 50_000], rounds: 7, largeBytes: 2 ** 31 },
  quick: { sizes: [500], rounds: 2, largeBytes: 2 ** 24 },
  contestants: ['phlb', 'git'],

  async measure({ sizes, rounds, largeBytes }, { hasTime, remarks }) {
    const most = Math.max(...sizes);
    const { site, lack } = openSite(tmpfs, most * bytesPerFile + 3.5 * largeBytes);
    if (lack !== undefined) {
      remarks.push(lack);
      return undefined;
    }
    const all = [];
    for (const files of sizes) {
      console.error(`${files} files`);
      const scratch = join(site.scratch, `of-${files}`);
      mkdirSync(scratch);
      all.push(await measureSize({ ...site, scratch }, { files, rounds, largeBytes, hasTime }));
      remove(scratch);
    }
    closeSite(site);
    return { description: site.description, largeBytes, sizes: all };
  },

  report: data => agentsReport(data),
};

/**
 * @param {Site} site
 * @param {{ files: number, rounds: number, largeBytes: number, hasTime: boolean }} options
 * @returns {Promise<SizeData>}
 */
async function measureSize(site, { files, rounds, largeBytes, hasTime }) {
  const { scratch, program } = site;
  const env = cleanEnvironment(scratch);
  const usageFile = hasTime ? join(scratch, 'usage') : undefined;
  const tree = await makeProject(join(scratch, 'project'), files, largeBytes, env);
  const shadow = join(scratch, 'shadow');
  const git = [
    'git',
    ...[`--git-dir=${shadow}`, `--work-tree=${tree.path}`],
    ...['-c', 'user.name=bench', '-c', 'user.email=bench@localhost'],
  ];
  execFileSync(git[0] ?? '', [...git.slice(1), 'init', '-q'], { env });

  const event = join(scratch, 'event.json');
  const hookArguments = phlbArguments({ program, folder: scratch }, ['agent', 'hook', 'claude']);
  /** @param {string} name @param {string} turn */
  const hook = (name, turn) => {
    const fields = { session_id: 'bench', prompt_id: turn, cwd: tree.path, hook_event_name: name, tool_name: 'Write' };
    writeFileSync(event, JSON.stringify(fields));
    return run(['sh', '-c', `exec "$0" "$@" < '${event}'`, process.execPath, ...hookArguments]);
  };
  const commit = () => run(['sh', '-ec', '"$@" add -A; "$@" commit -q --allow-empty -m checkpoint', 'sh', ...git]);
  /** @param {string[]} argv */
  async function run(argv) {
    const { seconds, peakBytes, cpuSeconds } = await measure(argv, { env, usageFile });
    return { seconds, ...(peakBytes === undefined ? {} : { peakBytes, cpuSeconds }) };
  }
  const bytes = () => ({ phlb: allocatedBytes(rootOf(scratch)), git: allocatedBytes(shadow) });

  const first = { phlb: await hook('UserPromptSubmit', 'turn'), git: await commit() };
  const firstBytes = bytes();
  // Not in turn: git writes into the index of the repository within, and then something has changed.
  await hook('PostToolUse', 'turn');
  const own = [];
  for (let i = 0; i < rounds; i++) own.push(await hook('PostToolUse', 'turn'));
  /** @type {Pair[]} */
  const nothing = [];
  for (const phlb of own) nothing.push({ phlb, git: await commit() });
  const before = bytes();
  /** @type {Pair[]} */
  const one = [];
  for (let i = 0; i < rounds; i++) {
    appendFileSync(tree.file, `step ${i}\n`);
    one.push({ phlb: await hook('PostToolUse', 'turn'), git: await commit() });
  }
  const after = bytes();
  return {
    files: Number(execFileSync('sh', ['-c', 'find "$0" -type f | wc -l', tree.path], { encoding: 'utf8' })),
    ...{ first, nothing, one, firstBytes },
    stepBytes: { phlb: (after.phlb - before.phlb) / rounds, git: (after.git - before.git) / rounds },
    stored: {
      phlb: storedFiles(scratch, program, tree.path),
      git: Number(
        execFileSync('sh', ['-c', '"$@" ls-tree -r HEAD | grep -vc ^160000', 'sh', ...git], { env, encoding: 'utf8' }),
      ),
    },
  };
}

/**
 * A project as agents meet them: with another repository in it, data that git is to ignore, and one large file.
 * @param {string} path
 * @param {number} files
 * @param {number} largeBytes
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<MadeTree>}
 */
async function makeProject(path, files, largeBytes, env) {
  const tree = await makeTree(path, files);
  const nested = join(path, 'nested');
  await makeTree(nested, nestedFiles);
  for (const command of ['init -q', 'add -A', '-c user.name=bench -c user.email=bench@localhost commit -q -m nested']) {
    execFileSync('git', command.split(' '), { cwd: nested, env });
  }
  await makeTree(join(path, 'data'), ignoredFiles);
  writeFileSync(join(path, '.gitignore'), 'data/\n');
  const large = openSync(join(path, 'large.bin'), 'w');
  const chunk = Buffer.alloc(1 << 20);
  for (let at = 0; at < largeBytes; at += chunk.length) {
    // No two blocks alike, and nothing that compresses well.
    for (let i = 0; i < chunk.length; i += 4) chunk.writeUInt32LE(Math.imul(at + i + 1, 2654435761) >>> 0, i);
    writeSync(large, chunk);
  }
  closeSync(large);
  await growOld();
  return tree;
}

/**
 * @param {string} folder
 * @param {string} program
 * @param {string} source
 */
function storedFiles(folder, program, source) {
  const args = phlbArguments({ program, folder }, ['list', '--json']);
  const { sources } =
    /** @type {{ sources: { source: string, snapshots: { files: number }[] }[] }} */
    (JSON.parse(execFileSync(process.execPath, args, { env: cleanEnvironment(folder), encoding: 'utf8' })));
  return sources.find(one => one.source === source)?.snapshots.at(-1)?.files ?? 0;
}
