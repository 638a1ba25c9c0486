import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLI, type Sandbox } from '../../support/sandbox.js';

export interface Running {
  child: ChildProcess;
  /** what it has said so far on stdout and stderr */
  said: () => string;
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null; said: string }>;
}

/** Starts a program and keeps what it says. */
export function start(box: Sandbox, command: string[], env: NodeJS.ProcessEnv = {}): Running {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { cwd: box.dir, env: { ...box.env, ...env }, stdio: ['pipe', 'pipe', 'pipe'] });
  let said = '';
  child.stdout.on('data', text => (said += String(text)));
  child.stderr.on('data', text => (said += String(text)));
  child.stdin.on('error', () => undefined);
  const ended = new Promise<{ code: number | null; signal: NodeJS.Signals | null; said: string }>((done, failed) => {
    child.on('error', failed);
    child.on('close', (code, signal) => done({ code, signal, said }));
  });
  return { child, said: () => said, ended };
}

/** Starts the command line. */
export function startPhlb(box: Sandbox, ...args: string[]): Running {
  return start(box, [process.execPath, CLI, ...args]);
}

export async function until(what: string, condition: () => boolean, ms = 30_000): Promise<void> {
  for (const end = performance.now() + ms; !condition();) {
    assert.ok(performance.now() < end, `not within ${ms} ms: ${what}`);
    await sleep(5);
  }
}

/** Waits until a file has been read so often, as a lock is by those that wait for it; where no read is noted, for a while. */
export async function untilRead(file: string, times: number): Promise<void> {
  for (const end = performance.now() + 4000; times > 0 && performance.now() < end; times--) {
    utimesSync(file, 1, statSync(file).mtime);
    while (statSync(file).atimeMs === 1000 && performance.now() < end) await sleep(5);
  }
}

/** Whether a process stands still, as by Ctrl-Z. */
export function isStopped(pid = 0): boolean {
  return /^State:\tT/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
}

/** Names in `.phlb/partial`. */
export function leftovers(root: string): string[] {
  const partial = join(root, '.phlb', 'partial');
  return existsSync(partial) ? readdirSync(partial) : [];
}

/** A file that takes a while to be read, and no space until it is stored. */
export function longFile(path: string, megabytes: number): void {
  writeFileSync(path, '');
  truncateSync(path, megabytes * 2 ** 20);
}

/** A program of `test/fault/support`, as esbuild has bundled it. */
export function helper(name: string): string {
  return resolve(`out/test/fault/support/${name}.js`);
}

/** Random numbers that are the same in every run. `PHLB_TEST_SEED` chooses others. */
export function seeded(seed = Number(process.env['PHLB_TEST_SEED'] ?? 20160107)): () => number {
  let state = seed >>> 0;
  // mulberry32, https://gist.github.com/tommyettinger/46a874533244883189143505d203312c
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
