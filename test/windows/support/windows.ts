import assert from 'node:assert/strict';
import {
  spawn,
  spawnSync,
  type ChildProcess,
  type SpawnOptions,
  type SpawnSyncOptions,
  type StdioOptions,
} from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { until } from '../../fault/support/processes.js';
import type { Ended, Published, SnapshotJson } from '../../support/sandbox.js';

const PREFIX = process.env['WINEPREFIX'] ?? '';
export const NODE = process.env['PHLB_WINDOWS_NODE'] ?? '';

/** Drive `Z:` is this machine's `/`. */
export function onDriveZ(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

const RULES = onDriveZ(resolve('out/test/windows/support/rules.js'));
const CLI = onDriveZ(resolve('dist/cli.js'));

/** Wine on a busy machine takes its time; what hangs ends. */
export const PATIENCE_MS = 120_000;

export interface Running {
  stdout: () => string;
  stderr: () => string;
  /** the exit code */
  ended: Promise<number | null>;
  isRunning: () => boolean;
  signal: (name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT') => void;
}

/** A folder on drive `C:` of a Windows that is Wine, and programs of Windows' own Node in it. */
export class Windows {
  /** as Linux, the judge, sees it */
  readonly dir = mkdtempSync(join(PREFIX, 'drive_c', 'phlb-'));
  /** as Windows sees it */
  readonly home = `C:\\${this.dir.slice(this.dir.lastIndexOf('/') + 1)}`;
  readonly env: NodeJS.ProcessEnv = { PHLB_ROOT: this.win('bk'), PHLB_INDEX: this.win('index') };
  private count = 0;
  private readonly running: ChildProcess[] = [];

  dispose(): void {
    for (const child of this.running) child.kill('SIGKILL');
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** A path as Linux sees it. */
  path(...parts: string[]): string {
    return join(this.dir, ...parts);
  }

  /** The same as Windows does. */
  win(...parts: string[]): string {
    return [this.home, ...parts.flatMap(part => part.split('/'))].join('\\');
  }

  /** Writes files, making folders as needed. */
  write(files: Record<string, string>): void {
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(this.path(path)), { recursive: true });
      writeFileSync(this.path(path), content);
    }
  }

  phlb(...args: string[]): Ended {
    return this.run([NODE, '--require', RULES, CLI, ...args]);
  }

  /** The document of a command that must end with `status`. */
  json<T>(status: number, ...args: string[]): T {
    const ended = this.phlb(...args, '--json');
    assert.equal(ended.status, status, `phlb ${args.join(' ')}: ${ended.stderr}${ended.stdout}`);
    return JSON.parse(ended.stdout) as T;
  }

  backupWith(status: number, ...args: string[]): SnapshotJson {
    const { snapshots } = this.json<{ snapshots: SnapshotJson[] }>(status, 'backup', ...args);
    assert.equal(snapshots.length, 1);
    return snapshots[0] as SnapshotJson;
  }

  /** A backup of one folder that must publish a snapshot without any error. */
  backup(...args: string[]): Published {
    const snapshot = this.backupWith(0, ...args);
    assert.deepEqual(snapshot.errors, []);
    assert.ok(snapshot.id !== null && snapshot.path !== null);
    return snapshot as Published;
  }

  /** What a script prints with `print(value)`; `fs` is at hand. */
  ask<T>(script: string): T {
    const ended = this.run([NODE, this.script(`const print = v => console.log(JSON.stringify(v)); ${script}`)]);
    assert.equal(ended.status, 0, ended.stderr);
    return JSON.parse(ended.stdout) as T;
  }

  /** Runs a program of Windows to its end. */
  run(program: string[]): Ended {
    const log = this.log();
    const { status, error } = spawnSync('wine', program, this.options(log));
    if (error) throw error;
    return { status, stdout: readFileSync(log.out, 'utf8'), stderr: readFileSync(log.err, 'utf8') };
  }

  /** Starts a script that goes on until it is killed; resolves when it has begun. */
  async startScript(script: string): Promise<Running> {
    const running = this.start([this.script(`${script}; console.log(process.pid); setInterval(() => {}, 1000)`)]);
    await until('the script has begun', () => running.stdout() !== '', PATIENCE_MS);
    return running;
  }

  startPhlb(...args: string[]): Running {
    return this.start(['--require', RULES, CLI, ...args]);
  }

  private start(args: string[]): Running {
    const log = this.log();
    const child = spawn('wine', [NODE, ...args], this.options(log));
    const ended = new Promise<number | null>((done, failed) => child.on('close', done).on('error', failed));
    this.running.push(child);
    return {
      stdout: () => readFileSync(log.out, 'utf8'),
      stderr: () => readFileSync(log.err, 'utf8'),
      ended,
      isRunning: () => child.exitCode === null && child.signalCode === null,
      signal: name => void child.kill(name),
    };
  }

  private script(text: string): string {
    const name = `script-${++this.count}.js`;
    writeFileSync(this.path(name), `const fs = require('fs'); ${text}`);
    return this.win(name);
  }

  private log(): { out: string; err: string } {
    const name = this.path(`log-${++this.count}`);
    return { out: `${name}.out`, err: `${name}.err` };
  }

  private options({ out, err }: { out: string; err: string }): SpawnOptions & SpawnSyncOptions {
    // Files, not pipes: Wine's Node cannot write into those.
    const stdio: StdioOptions = ['ignore', openSync(out, 'w'), openSync(err, 'w')];
    return { timeout: PATIENCE_MS, killSignal: 'SIGKILL', cwd: this.dir, env: { ...process.env, ...this.env }, stdio };
  }
}
