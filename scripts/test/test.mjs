// `npm test [-- layer…] [--grep X] [--pictures]`: installs, builds and runs all that this machine can run.
// Layers: unit, cli, fault, windows, vscode, vscode-oldest, e2e. With --pictures, e2e keeps pictures of what it shows.
/** @import { StdioOptions } from 'node:child_process' */
/** @import { Version } from '../vscode-server.mjs' */
import { mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensureChromium } from '../browser.mjs';
import { build } from '../build.mjs';
import { ensureInstalled } from '../install.mjs';
import { run } from '../processes.mjs';
import { inMemory } from './memory.mjs';
import { prepareOffsite } from './offsite.mjs';
import { steps } from '../steps.mjs';
import { ensureSystemPackages, ensureWine } from './system-packages.mjs';
import { fetchServer, versions } from '../vscode-server.mjs';
import { endWine, prepareWine } from './wine.mjs';

const root = join(import.meta.dirname, '..', '..');
const layerTimeoutMs = 30 * 60_000;
const mocha = join('node_modules', 'mocha', 'bin', 'mocha.js');
const reporter = join('out', 'test', 'reporter.js');

/**
 * @typedef {object} Layer
 * @property {(grep: string[]) => string[]} command Node's arguments
 * @property {Version} [vscode] what it runs in
 * @property {boolean} [wine] it needs it
 * @property {boolean} [offsite] it makes copies off this machine
 * @property {NodeJS.ProcessEnv} [env] what is added to its environment
 */

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 * @property {string[]} failures those that failed, each with why
 */

/** @param {number} files at a time */
const sideBySide = files => ['--parallel', '--jobs', String(files)];
/** One more than there are processors: a test waits for its processes and disks. */
const several = availableParallelism() + 1;
/** Those of faults wait most of all. */
const many = 3 * availableParallelism();

/** They begin first, so that nobody waits for them in the end. */
const longOnes = ['kill-anywhere', 'link-limit', 'shapes', 'filling-up', 'dead-thread'];

/** @type {Record<string, Layer>} */
const layers = {
  unit: { env: inMemory(), command: grep => mochaOn('unit', 240_000, grep, sideBySide(several)) },
  cli: { env: inMemory(), offsite: true, command: grep => mochaOn('cli', 240_000, grep, sideBySide(several)) },
  fault: {
    env: inMemory(),
    offsite: true,
    command: grep => mochaOn('fault', 240_000, grep, sideBySide(many), longOnes),
  },
  windows: { wine: true, command: grep => mochaOn('windows', 600_000, grep, sideBySide(2)) },
  vscode: {
    vscode: versions.current,
    offsite: true,
    command: grep => ['scripts/test/test-vscode.mjs', 'current', ...grep],
  },
  'vscode-oldest': {
    vscode: versions.oldest,
    offsite: true,
    command: grep => ['scripts/test/test-vscode.mjs', 'oldest', ...grep],
  },
  e2e: {
    vscode: versions.current,
    offsite: true,
    command: grep => mochaOn('e2e', 600_000, grep, sideBySide(several)),
  },
};

/** In turn; those of one line run side by side, since they mostly wait. */
const order = [['unit'], ['cli'], ['fault'], ['windows', 'vscode', 'vscode-oldest'], ['e2e']];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { grep: { type: 'string', short: 'g' }, pictures: { type: 'boolean', default: false } },
});
const chosen = positionals.length > 0 ? positionals : Object.keys(layers);
const unknown = chosen.filter(name => !layers[name]);
if (unknown.length > 0) {
  console.error(`No layer ${unknown.join(', ')}: there are ${Object.keys(layers).join(', ')}`);
  process.exit(2);
}

const total = { passed: 0, failed: 0, skipped: 0 };
/** @type {string[]} */
const remarks = [];
/** what tests of copies off this machine find in their environment @type {Record<string, string>} */
const offsite = {};
const scratch = mkdtempSync(join(tmpdir(), 'phlb-test-'));
process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
if (await succeeds('preparation', prepare)) {
  for (const line of order) {
    const names = line.filter(name => chosen.includes(name));
    await Promise.all(names.map(name => succeeds(name, () => runLayer(name, names.length > 1))));
  }
}
for (const remark of remarks) console.log(`!!! ${remark}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exit(total.failed > 0 ? 1 : 0);

/**
 * One layer that cannot start must not keep the others from running.
 * @param {string} name
 * @param {() => Promise<void>} action
 */
async function succeeds(name, action) {
  try {
    await action();
    return true;
  } catch (error) {
    console.error(error);
    remarks.push(`${name}: FAILED, ${error instanceof Error ? error.message : error}`);
    total.failed++;
    return false;
  }
}

// None of it needs another one, and mostly it waits for the network or for a disk.
async function prepare() {
  const wanted = chosen.flatMap(name => layers[name] ?? []);
  const needsOffsite = wanted.some(layer => layer.offsite);
  const needsWine = wanted.some(layer => layer.wine);
  const editors = wanted.flatMap(layer => layer.vscode ?? []);
  const next = steps(needsOffsite ? 3 : 2);
  const [, missing] = await Promise.all([
    next('libraries and tools, and building PHLB and its tests', async () => {
      await ensureInstalled();
      await build();
      await build('--tests');
    }),
    next('programs that judge', () => ensureSystemPackages({ browser: editors.length > 0 })),
    needsOffsite ? next('programs for copies off this machine', readyOffsite) : undefined,
  ]);
  remarks.push(...missing);
  if (process.getuid?.() !== 0) remarks.push('not root: no loop mounts, tests on other file systems are skipped');
  // They come while the first layers run; a layer that needs one waits for it, and fails if it does not come.
  if (needsWine) ensureWine().catch(() => {});
  for (const version of editors) fetchServer(version).catch(() => {});
  if (editors.length > 0) ensureChromium().catch(() => {});
}

async function readyOffsite() {
  const { env, missing } = await prepareOffsite();
  Object.assign(offsite, env);
  remarks.push(...missing);
}

/**
 * @param {string} name
 * @param {boolean} quietly its output comes as a whole, at its end
 */
async function runLayer(name, quietly = false) {
  console.log(`\n=== ${name}${quietly ? ' (prints at its end)' : ''}`);
  const layer = layers[name];
  if (!layer) return;
  // Before the home folder is exchanged: npm reads its configuration there.
  if (layer.vscode && !(await ensureChromium())) {
    remarks.push(`${name}: NOT RUN, no Chromium (install one, or name it in PHLB_CHROMIUM)`);
    total.skipped++;
    return;
  }
  if (layer.vscode) await fetchServer(layer.vscode);
  if (layer.wine) await ensureWine();
  const wine = layer.wine ? await prepareWine(join(scratch, 'wine')) : {};
  if (!wine) {
    remarks.push(`${name}: NOT RUN: it needs root and Wine (Debian packages wine and wine64, on x64)`);
    total.skipped++;
    return;
  }
  try {
    const counts = await countsOf(name, layer, quietly, wine);
    for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) total[key] += counts[key];
    for (const test of counts.failures) remarks.push(`${name}: failed: ${test}`);
  } finally {
    if (layer.wine) await endWine(wine);
  }
}

/**
 * @param {string} name
 * @param {Layer} layer
 * @param {boolean} quietly
 * @param {Record<string, string>} more of the environment
 * @returns {Promise<Counts>}
 */
async function countsOf(name, layer, quietly, more) {
  const countsFolder = join(scratch, `${name}-counts`);
  const home = join(scratch, `${name}-home`);
  for (const folder of [countsFolder, home]) mkdirSync(folder);
  /** @type {NodeJS.ProcessEnv} */
  const env = {
    ...process.env,
    ...layer.env,
    ...(layer.offsite ? offsite : {}),
    ...more,
    // Tests must not find or touch the state and the backups of whoever runs them.
    HOME: home,
    XDG_STATE_HOME: join(home, '.state'),
    PHLB_TEST_COUNTS: countsFolder,
    PHLB_SCREENSHOTS: values.pictures ? '1' : '',
  };
  for (const name of ['PHLB_ROOT', 'PHLB_INDEX', 'PHLB_HOST']) delete env[name];
  const grep = values.grep === undefined ? [] : ['--grep', values.grep];
  const output = join(scratch, `${name}.log`);
  /** @type {StdioOptions} */
  const stdio = quietly ? ['ignore', openSync(output, 'w'), 'inherit'] : 'inherit';
  const code = await run(process.execPath, layer.command(grep), { cwd: root, env, stdio, timeoutMs: layerTimeoutMs });
  if (quietly) console.log(`\n=== ${name}\n${readFileSync(output, 'utf8')}`);
  const counts = sumOf(
    readdirSync(countsFolder).map(file => JSON.parse(readFileSync(join(countsFolder, file), 'utf8'))),
  );
  if (counts.passed + counts.failed + counts.skipped === 0 && values.grep === undefined) {
    remarks.push(`${name}: FAILED, it has run no test (exit code ${code})`);
    counts.failed++;
  } else if (code !== 0 && counts.failed === 0) {
    remarks.push(`${name}: FAILED outside of its tests (exit code ${code})`);
    counts.failed++;
  }
  return counts;
}

/**
 * A layer may run its tests in several processes; each has counted its own.
 * @param {Counts[]} parts
 */
function sumOf(parts) {
  /** @type {Counts} */
  const sum = { passed: 0, failed: 0, skipped: 0, failures: [] };
  for (const { passed, failed, skipped, failures } of parts) {
    sum.passed += passed;
    sum.failed += failed;
    sum.skipped += skipped;
    sum.failures.push(...failures);
  }
  return sum;
}

/**
 * @param {string} layer
 * @param {number} timeoutMs
 * @param {string[]} grep
 * @param {string[]} more arguments
 * @param {string[]} first names of test files
 */
function mochaOn(layer, timeoutMs, grep, more = [], first = []) {
  const names = new Set([...first.map(name => `${name}.test.js`), ...readdirSync(join(root, 'out', 'test', layer))]);
  const files = [...names].filter(name => name.endsWith('.test.js')).map(name => join('out', 'test', layer, name));
  const options = ['--reporter', reporter, '--timeout', String(timeoutMs), '--exit'];
  // As the command line has it: better code for SQLite comes too late to pay, and takes a quarter of the processor meanwhile.
  return ['--liftoff-only', '--enable-source-maps', mocha, ...options, ...more, ...grep, ...files];
}
