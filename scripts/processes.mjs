// Child processes that do not outlive this one, however it ends.
/** @import { ChildProcess, SpawnOptions } from 'node:child_process' */
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';

const windows = process.platform === 'win32';
/** characters */
const MOST_OUTPUT = 20_000;
/** @type {Set<ChildProcess>} */
const running = new Set();

/**
 * Like child_process.spawn, in a process group of its own that is ended with this process.
 * @param {string} command
 * @param {string[]} args
 * @param {SpawnOptions} options
 */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: 'inherit', detached: !windows, ...options });
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/**
 * Runs a command to its end.
 * @param {string} command
 * @param {string[]} args
 * @param {SpawnOptions & { timeoutMs?: number }} options `timeoutMs`: it is stopped after that long
 * @returns {Promise<number>} the exit code; 1 if a signal ended it
 */
export function run(command, args, { timeoutMs, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = start(command, args, options);
    const timer = timeoutMs ? setTimeout(() => void stop(child), timeoutMs) : undefined;
    child.once('error', reject);
    child.once('exit', code => {
      clearTimeout(timer);
      resolve(code ?? 1);
    });
  });
}

/**
 * Runs a command whose output nobody needs to see unless it fails.
 * @param {string} command
 * @param {string[]} args
 * @param {SpawnOptions} options
 * @throws Error with the end of what it has said
 */
export async function runQuietly(command, args, options = {}) {
  const { code, output } = await capture(command, args, options);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} failed with exit code ${code}\n${output}`);
}

/**
 * `runQuietly` of npm.
 * @param {string[]} args
 * @param {SpawnOptions} options
 */
export function npm(args, options) {
  return runQuietly('npm', args, { ...options, shell: windows });
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {SpawnOptions} options
 * @returns {Promise<{ code: number, output: string }>} `output`: the end of what it has said, on both streams
 */
export function capture(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = start(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', text => (output = `${output}${text}`.slice(-MOST_OUTPUT)));
    }
    child.once('error', reject);
    child.once('close', code => resolve({ code: code ?? 1, output }));
  });
}

/**
 * Ends a process and what it started: politely first, after three seconds for good.
 * @param {ChildProcess} child
 */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise(resolve => child.once('exit', resolve));
  killGroup(child, 'SIGTERM');
  const timer = setTimeout(() => killGroup(child, 'SIGKILL'), 3000);
  await exited;
  clearTimeout(timer);
  killGroup(child, 'SIGKILL');
}

/**
 * @param {ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function killGroup(child, signal) {
  if (child.pid === undefined) return;
  if (windows) {
    spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // It has ended meanwhile.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

process.on('exit', () => {
  for (const child of running) killGroup(child, 'SIGKILL');
});
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
  process.on(signal, () => void endBy(signal));
}

/** @param {'SIGINT' | 'SIGTERM' | 'SIGHUP'} signal */
async function endBy(signal) {
  await Promise.all([...running].map(stop));
  process.exit(128 + constants.signals[signal]);
}
