import assert from 'node:assert/strict';
import { spawn, spawnSync, type ChildProcess, type SpawnSyncOptions } from 'node:child_process';
import { closeSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { Ended, Published, SnapshotJson } from '../../unit/support/sandbox.js';

const PREFIX = process.env['WINEPREFIX'] ?? '';
const NODE = process.env['PHLB_WINDOWS_NODE'] ?? '';

/** Drive `Z:` is this machine's `/`. */
function onDriveZ(path: string): string {
  return `Z:${path.replaceAll('/', '\\')}`;
}

const RULES = onDriveZ(resolve('out/test/windows/support/rules.js'));
const CLI = onDriveZ(resolve('dist/cli.js'));

/** A folder on drive `C:` of a Windows that is Wine, and programs of Windows' own Node in it. */
export class Windows {
  /** as Linux, the judge, sees it */
  readonly dir = mkdtempSync(join(PREFIX, 'drive_c', 'phlb-'));
  /** as Windows sees it */
  readonly home = `C:\\${this.dir.slice(this.dir.lastIndexOf('/') + 1)}`;
  readonly env: NodeJS.ProcessEnv = { PHLB_ROOT: this.win('bk'), PHLB_INDEX: this.win('index') };
  private count = 0;

  dispose(): void {
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
    return this.phlbWith({}, ...args);
  }

  phlbWith(env: NodeJS.ProcessEnv, ...args: string[]): Ended {
    return this.node(['--require', RULES, CLI, ...args], env);
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
    const file = this.path(`script-${++this.count}.js`);
    writeFileSync(file, `const fs = require('fs'); const print = v => console.log(JSON.stringify(v)); ${script}`);
    const ended = this.node([this.win(`script-${this.count}.js`)]);
    assert.equal(ended.status, 0, ended.stderr);
    return JSON.parse(ended.stdout) as T;
  }

  node(args: string[], env: NodeJS.ProcessEnv = {}): Ended {
    const log = this.path(`log-${++this.count}`);
    // Files, not pipes: Wine's Node cannot write into those.
    const [out, err] = [openSync(`${log}.out`, 'w'), openSync(`${log}.err`, 'w')];
    const options: SpawnSyncOptions = { cwd: this.dir, env: this.environment(env), stdio: ['ignore', out, err] };
    const { status, error } = spawnSync('wine', [NODE, ...args], options);
    closeSync(out);
    closeSync(err);
    if (error) throw error;
    return { status, stdout: readFileSync(`${log}.out`, 'utf8'), stderr: readFileSync(`${log}.err`, 'utf8') };
  }

  /** Starts a script that goes on until it is killed. */
  start(script: string): ChildProcess {
    const file = this.path(`script-${++this.count}.js`);
    writeFileSync(file, `const fs = require('fs'); ${script}`);
    const args = [NODE, this.win(`script-${this.count}.js`)];
    return spawn('wine', args, { cwd: this.dir, env: this.environment({}), stdio: 'ignore' });
  }

  private environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
    return { ...process.env, ...this.env, ...env };
  }
}
