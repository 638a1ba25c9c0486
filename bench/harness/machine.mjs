// What the numbers were measured on.
/** @import { Machine } from '../types.js' */
import { execFileSync } from 'node:child_process';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { readManifest } from '../../scripts/manifest.mjs';

const root = join(import.meta.dirname, '..', '..');

/** @returns {Machine} */
export function describeMachine() {
  const [core] = cpus();
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC',
    processor: `${core?.model.trim()}, ${cpus().length} cores`,
    memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    kernel: `Linux ${release()}`,
    node: process.version,
    phlb: phlbVersion(),
    loadBefore: loadAverage(),
  };
}

/** Of the last minute: 0 is an idle machine, 1 one busy core. */
export function loadAverage() {
  const [lastMinute = 0] = loadavg();
  return lastMinute.toFixed(2);
}

function phlbVersion() {
  return `${readManifest().version} (${commit() ?? 'no git checkout'})`;
}

function commit() {
  try {
    const hash = git('rev-parse', '--short', 'HEAD');
    const changed = git('status', '--porcelain', '--', 'src', 'esbuild.mjs') !== '';
    return `${hash}${changed ? ', with changes that are not committed' : ''}`;
  } catch {
    return undefined;
  }
}

/** @param {string[]} args */
function git(...args) {
  return execFileSync('git', ['--no-optional-locks', ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}
