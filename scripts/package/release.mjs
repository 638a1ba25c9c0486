// `npm run release -- 1.0.0`: from a clean tree to a tagged commit and its packages, tested. It shows how these are published;
// with --publish it publishes them. When it fails before the commit, the tree is as it was.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readManifest } from '../manifest.mjs';
import { datedChangelog, isNewer } from './versions.mjs';
import { run } from '../processes.mjs';

const root = join(import.meta.dirname, '..', '..');
const written = ['package.json', 'package-lock.json', 'CHANGELOG.md'];

const { values, positionals } = parseArgs({ allowPositionals: true, options: { publish: { type: 'boolean' } } });
const [version = ''] = positionals;
const vsix = `phlb-${version}.vsix`;
/**
 * Where it goes, with what, and what shows that one may: a token in the environment, or a command that succeeds.
 * @type {{ to: string, token?: string, allowed?: string[], command: string[] }[]}
 */
const targets = [
  {
    to: 'the Marketplace',
    token: 'VSCE_PAT',
    command: ['npx', '--no-install', 'vsce', 'publish', '--packagePath', vsix],
  },
  { to: 'Open VSX', token: 'OVSX_PAT', command: ['npx', '--yes', 'ovsx', 'publish', '--packagePath', vsix] },
  { to: 'npm', allowed: ['npm', 'whoami'], command: ['npm', 'publish', `phlb-${version}.tgz`] },
];

try {
  await check();
  await prepare();
  git('commit', '--quiet', '--message', `Version ${version}`, '--', ...written);
  git('tag', '--annotate', `v${version}`, '--message', `Version ${version}`);
  console.log(`Version ${version} is committed and tagged v${version}. Push both.`);
  await publish();
} catch (error) {
  console.error(`Release: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

async function check() {
  const { version: current } = readManifest();
  if (!isNewer(version, current)) throw new Error(`give a version after ${current}, such as 1.0.0; not "${version}"`);
  if (git('status', '--porcelain') !== '') throw new Error('there are changes that are not committed');
  if (git('tag', '--list', `v${version}`) !== '') throw new Error(`the tag v${version} is there already`);
  if (!values.publish) return;
  for (const { to, token, allowed } of targets) {
    if (token && !process.env[token]) throw new Error(`publishing to ${to} needs a token in ${token}`);
    if (allowed) await must(allowed);
  }
}

async function prepare() {
  const before = written.map(file => ({ file, text: read(file) }));
  try {
    const today = new Date().toISOString().slice(0, 10);
    writeFileSync(join(root, 'CHANGELOG.md'), datedChangelog(read('CHANGELOG.md'), version, today));
    await must(['npm', 'version', version, '--no-git-tag-version', '--ignore-scripts']);
    for (const script of ['test', 'lint', 'typecheck', 'package']) await must(['npm', 'run', script]);
  } catch (error) {
    for (const { file, text } of before) writeFileSync(join(root, file), text);
    throw error;
  }
}

async function publish() {
  for (const { to, command } of targets) {
    console.log(`${values.publish ? 'Publishing to' : 'Not published (--publish) to'} ${to}: ${command.join(' ')}`);
    if (values.publish) await must(command);
  }
}

/** @param {string[]} command */
async function must(command) {
  const [program = '', ...args] = command;
  const code = await run(program, args, { cwd: root, shell: process.platform === 'win32' });
  if (code !== 0) throw new Error(`${command.join(' ')} ended with exit code ${code}`);
}

/** @param {string[]} args */
function git(...args) {
  return execFileSync('git', args, { cwd: root, encoding: 'utf8' });
}

/** @param {string} name */
function read(name) {
  return readFileSync(join(root, name), 'utf8');
}
