// Installs the npm dependencies when those in node_modules are not the ones that package-lock.json names.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { npm } from './processes.mjs';
import { step } from './steps.mjs';

const root = join(import.meta.dirname, '..');

/** Runs `npm ci` if needed. What it says is kept away, so that a command run afterwards owns stdout; of a failure it is shown. */
export async function ensureInstalled() {
  if (isInstalled()) return;
  await step('installing npm packages', async report => {
    report(installProgress(root));
    await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: root });
  });
}

/**
 * How many of a folder's packages npm has put in place, in words. Optional ones are not counted: they may be for another system.
 * @param {string} folder
 * @param {boolean} omitsDev
 */
export function installProgress(folder, omitsDev = false) {
  const lock = ['npm-shrinkwrap.json', 'package-lock.json'].map(name => join(folder, name)).find(existsSync);
  const paths = Object.entries(lock === undefined ? {} : packagesOf(lock))
    .filter(([path, { optional, dev, devOptional }]) => path !== '' && !optional && !devOptional && !(omitsDev && dev))
    .map(([path]) => path);
  return () => {
    const there = paths.filter(path => existsSync(join(folder, path, 'package.json'))).length;
    return paths.length === 0 ? '' : `${there} of ${paths.length} in place`;
  };
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

/** @typedef {{ version?: string, optional?: boolean, dev?: boolean, devOptional?: boolean }} Locked */
/** @typedef {Record<string, Locked>} Packages by path */

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

if (process.argv[1] === fileURLToPath(import.meta.url)) await ensureInstalled();
