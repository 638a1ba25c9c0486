// Installs the npm dependencies when those in node_modules are not the ones that package-lock.json names.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(import.meta.dirname, '..');

/** Runs `npm ci` if needed. Its output goes to stderr, so that a command run afterwards owns stdout. */
export function ensureInstalled() {
  if (isInstalled()) return;
  console.error('Installing npm dependencies…');
  const npm = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (npm.error) throw npm.error;
  if (npm.status !== 0) throw new Error(`npm ci failed with exit code ${npm.status}`);
}

// npm leaves its own record of what it installed; comparing contents survives a checkout that touches every time stamp.
function isInstalled() {
  const wanted = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules', '.package-lock.json'));
  return Object.entries(wanted).every(
    ([path, { version, optional }]) =>
      path === '' || present[path]?.version === version || (optional && !present[path]),
  );
}

/** @typedef {Record<string, { version?: string, optional?: boolean }>} Packages by path */

/**
 * @param {string} lockFile
 * @returns {Packages}
 */
function packagesOf(lockFile) {
  try {
    const lock = /** @type {{ packages: Packages }} */ (JSON.parse(readFileSync(lockFile, 'utf8')));
    return lock.packages;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
    throw error;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) ensureInstalled();
