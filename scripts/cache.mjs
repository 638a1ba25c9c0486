// Tools that are fetched when needed and are no dependency of package.json, kept in .vscode-test/.
/** @import { SpawnOptions } from 'node:child_process' */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './processes.mjs';

const root = join(import.meta.dirname, '..');
export const cacheDir = join(root, '.vscode-test');

/**
 * What this process fetches or has fetched, by its spec.
 * @type {Map<string, Promise<string>>}
 */
const fetched = new Map();

/**
 * Unpacks an npm package into the cache, once. Whole or not at all: an interrupted fetch leaves nothing that the next
 * one would trust.
 * @param {string} spec name and version, `code-server@4.139.1`
 * @param {(unpacked: string) => Promise<void>} prepare finishes the unpacked folder before it is put in place
 * @returns the package's folder
 */
export function fetchPackage(spec, prepare = async () => {}) {
  const known = fetched.get(spec) ?? unpackPackage(spec, prepare);
  fetched.set(spec, known);
  return known;
}

/**
 * @param {string} spec
 * @param {(unpacked: string) => Promise<void>} prepare
 */
async function unpackPackage(spec, prepare) {
  const target = join(cacheDir, spec.replace(/[@/]+/g, '-').replace(/^-/, ''));
  if (existsSync(target)) return target;
  console.error(`Fetching ${spec}…`);
  mkdirSync(cacheDir, { recursive: true });
  const temporary = mkdtempSync(join(cacheDir, 'fetch-'));
  try {
    await must('npm', ['pack', spec, '--silent', '--pack-destination', temporary], { cwd: temporary });
    const archive = readdirSync(temporary).find(name => name.endsWith('.tgz'));
    if (!archive) throw new Error(`npm pack ${spec} left no archive`);
    await must('tar', ['xzf', archive], { cwd: temporary });
    const unpacked = join(temporary, 'package');
    await prepare(unpacked);
    if (!existsSync(target)) renameSync(unpacked, target);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
  return target;
}

/**
 * `npm install` of a fetched package's own dependencies, without native builds.
 * @param {string} folder
 */
export async function installInside(folder) {
  await must('npm', ['install', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
  });
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {SpawnOptions} options
 */
async function must(command, args, options) {
  const shell = process.platform === 'win32' && command === 'npm';
  const code = await run(command, args, { ...options, shell, stdio: ['ignore', 2, 2] });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed with exit code ${code}`);
}
