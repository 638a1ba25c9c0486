// Child processes that do not outlive this one, however it ends.
import { spawn, spawnSync } from 'node:child_process';

const windows = process.platform === 'win32';
const running = new Set();

/** Like child_process.spawn, in a process group of its own that is ended with this process. */
export function start(command, args, options = {}) {
  const child = spawn(command, args, { stdio: 'inherit', detached: !windows, ...options });
  running.add(child);
  child.once('exit', () => running.delete(child));
  child.once('error', () => running.delete(child));
  return child;
}

/**
 * Runs a command to its end.
 * @param timeoutMs it is stopped after that long
 * @returns the exit code; 1 if a signal ended it
 */
export function run(command, args, { timeoutMs, ...options } = {}) {
  return new Promise((resolve, reject) => {
    const child = start(command, args, options);
    const timer = timeoutMs && setTimeout(() => stop(child), timeoutMs);
    child.once('error', reject);
    child.once('exit', code => {
      clearTimeout(timer);
      resolve(code ?? 1);
    });
  });
}

/** Ends a process and what it started: politely first, after three seconds for good. */
export async function stop(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise(resolve => child.once('exit', resolve));
  killGroup(child, 'SIGTERM');
  const timer = setTimeout(() => killGroup(child, 'SIGKILL'), 3000);
  await exited;
  clearTimeout(timer);
  killGroup(child, 'SIGKILL');
}

function killGroup(child, signal) {
  if (child.pid === undefined) return;
  if (windows) {
    spawnSync('taskkill', ['/pid', String(child.pid), '/t', '/f'], { stdio: 'ignore' });
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

process.on('exit', () => {
  for (const child of running) killGroup(child, 'SIGKILL');
});
for (const [signal, code] of [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', 129],
]) {
  process.on(signal, async () => {
    await Promise.all([...running].map(stop));
    process.exit(code);
  });
}
