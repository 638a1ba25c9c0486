// What the numbers were measured on.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

export function describeMachine() {
  return {
    date: new Date().toISOString().slice(0, 16).replace('T', ' ') + ' UTC',
    processor: `${cpus()[0].model.trim()}, ${cpus().length} cores`,
    memory: `${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    kernel: `Linux ${release()}`,
    node: process.version,
    phlb: phlbVersion(),
    loadBefore: loadAverage(),
  };
}

/** Of the last minute: 0 is an idle machine, 1 one busy core. */
export function loadAverage() {
  return loadavg()[0].toFixed(2);
}

function phlbVersion() {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  return `${version} (${commit() ?? 'no git checkout'})`;
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

function git(...args) {
  return execFileSync('git', ['--no-optional-locks', ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  }).trim();
}
