// Tools that are fetched when needed and are no dependency of package.json, kept in .vscode-test/.
/** @import { Report } from './steps.mjs' */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { installProgress } from './install.mjs';
import { npm, runQuietly } from './processes.mjs';
import { step } from './steps.mjs';

const root = join(import.meta.dirname, '..');
export const cacheDir = join(root, '.vscode-test');

/**
 * What this process fetches or has fetched, by its name in the cache.
 * @type {Map<string, Promise<string>>}
 */
const fetched = new Map();

/** @typedef {(temporary: string, report: Report) => Promise<string>} Fetch resolves to the folder, inside of `temporary`, that is to be kept */

/**
 * Puts a folder into the cache, once. Whole or not at all: an interrupted fetch leaves nothing that the next one would trust.
 * @param {string} name in the cache
 * @param {string} what
 * @param {Fetch} fetch
 * @returns the folder
 */
export function fetchOnce(name, what, fetch) {
  const known = fetched.get(name) ?? fetchTo(join(cacheDir, name), what, fetch);
  fetched.set(name, known);
  return known;
}

/**
 * @param {string} target
 * @param {string} what
 * @param {Fetch} fetch
 */
async function fetchTo(target, what, fetch) {
  if (existsSync(target)) return target;
  mkdirSync(cacheDir, { recursive: true });
  const temporary = mkdtempSync(join(cacheDir, 'fetch-'));
  try {
    const folder = await step(`fetching ${what}`, report => fetch(temporary, report));
    if (!existsSync(target)) renameSync(folder, target);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return target;
}

/**
 * @typedef {object} Fetching
 * @property {number} [megabytes] how large the package is, roughly, for who waits for it
 * @property {(unpacked: string, report: Report) => Promise<void>} [prepare] finishes the unpacked folder before it is put
 *   in place
 */

/**
 * Unpacks an npm package into the cache, once.
 * @param {string} spec name and version, `code-server@4.139.1`
 * @param {Fetching} fetching
 * @returns the package's folder
 */
export function fetchPackage(spec, { megabytes, prepare = async () => {} } = {}) {
  return fetchOnce(spec.replace(/[@/]+/g, '-').replace(/^-/, ''), spec, async (temporary, report) => {
    report(fetchProgress(megabytes));
    await npm(['pack', spec, '--pack-destination', temporary], { cwd: temporary });
    const archive = readdirSync(temporary).find(name => name.endsWith('.tgz'));
    if (!archive) throw new Error(`npm pack ${spec} left no archive`);
    report(`unpacking ${inMegabytes(statSync(join(temporary, archive)).size)} MB`);
    await runQuietly('tar', ['xzf', archive], { cwd: temporary });
    const unpacked = join(temporary, 'package');
    await prepare(unpacked, report);
    return unpacked;
  });
}

/**
 * `npm install` of a fetched package's own dependencies, without native builds.
 * @param {string} folder
 * @param {Report} report
 */
export async function installInside(folder, report) {
  const progress = installProgress(folder, true);
  report(() => `its npm packages, ${progress()}`);
  await npm(['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund'], { cwd: folder });
}

/**
 * How much of a package npm has fetched so far, in words: it keeps what comes in its cache until it has all of it.
 * @param {number | undefined} megabytes
 */
function fetchProgress(megabytes) {
  const of = megabytes === undefined ? '' : ` of about ${megabytes}`;
  const before = new Set(sizesIn(npmTemporary()).keys());
  let most = 0;
  return () => {
    const news = [...sizesIn(npmTemporary())].filter(([name]) => !before.has(name));
    const bytes = news.reduce((sum, [, size]) => sum + size, 0);
    // What has come whole stands there no more.
    most = Math.max(most, bytes);
    return `${inMegabytes(most)}${of} MB`;
  };
}

function npmTemporary() {
  const usual = process.platform === 'win32' ? join(process.env.LOCALAPPDATA ?? homedir(), 'npm-cache') : undefined;
  return join(process.env.npm_config_cache ?? usual ?? join(homedir(), '.npm'), '_cacache', 'tmp');
}

/**
 * @param {string} folder
 * @returns {Map<string, number>} bytes by name
 */
function sizesIn(folder) {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return new Map(names.map(name => [name, statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0]));
}

/** @param {number} bytes */
function inMegabytes(bytes) {
  return Math.round(bytes / 1e6);
}
