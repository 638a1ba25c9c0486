// What a save costs in a real VS Code: by PHLB, and by a git repository beside the folder, as coding agents keep one.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInExtensionHost } from '../../scripts/test/extension-host.mjs';
import { growOld, makeTree } from '../tree/make-tree.mjs';

const mark = 'phlb-bench:';
const ignoredBytes = 2e9;

/**
 * @typedef {object} Saves
 * @property {string} label
 * @property {number[]} seconds from the save to the snapshot
 * @property {number[]} cpuSeconds of the extension host with PHLB's threads, or of git
 * @property {number} files that its last snapshot holds
 */

/** @typedef {{ files: number, saves: Saves[] }} SavesData files: all that there are */

/**
 * @param {string} scratch
 * @param {number} files
 * @param {number} rounds
 * @returns {Promise<SavesData>}
 */
export async function measureSaves(scratch, files, rounds) {
  const folder = join(scratch, 'work');
  const tree = await makeTree(folder, files);
  addWhatGitMisses(folder);
  await growOld();
  /** @type {Saves[]} */
  const saves = [];
  const code = await runInExtensionHost({
    script: join(import.meta.dirname, 'probe-saves.cjs'),
    makeWindow: () => ({ folder }),
    env: {
      ...{ PHLB_BENCH_MARK: mark, PHLB_BENCH_FILE: tree.file, PHLB_BENCH_ROUNDS: String(rounds) },
      PHLB_BENCH_SHADOW: join(scratch, 'shadow'),
    },
    print: text => {
      if (text.startsWith(mark)) saves.push(/** @type {Saves} */ (JSON.parse(text.slice(mark.length))));
    },
  });
  if (code !== 0 || saves.length === 0) throw new Error(`The probe in the extension host ended with ${code}`);
  return {
    files: readdirSync(folder, { recursive: true, withFileTypes: true }).filter(one => one.isFile()).length,
    saves,
  };
}

/**
 * A repository within, and data that is ignored.
 * @param {string} folder
 */
function addWhatGitMisses(folder) {
  const nested = join(folder, 'nested');
  for (const path of [nested, join(folder, 'data')]) mkdirSync(path);
  for (let i = 0; i < 20; i++) writeFileSync(join(nested, `${i}.txt`), `nested ${i}`);
  const git = ['-C', nested, '-c', 'user.name=bench', '-c', 'user.email=bench@localhost'];
  for (const args of [
    ['init', '-q'],
    ['add', '-A'],
    ['commit', '-qm', 'first'],
  ])
    execFileSync('git', [...git, ...args]);
  writeFileSync(join(folder, '.gitignore'), 'data/\n');
  writeFileSync(join(folder, 'data', 'measurements.bin'), 'measured');
  truncateSync(join(folder, 'data', 'measurements.bin'), ignoredBytes);
}
