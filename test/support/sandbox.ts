import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { commandLine, type GivenInput } from './command-line.js';
import { runProgram } from './run-program.js';
import { removeTree } from './trees.js';

/** The command line as it is shipped. The tests run in the project's folder. */
export const CLI = resolve('dist/cli.js');

export interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface SnapshotJson {
  id: string | null;
  name: string;
  source: string;
  path: string | null;
  startedAt: string;
  finishedAt: string;
  published: boolean;
  files: number;
  directories: number;
  symlinks: number;
  bytes: number;
  unchangedFiles: number;
  linkedFiles: number;
  copiedFiles: number;
  copiedBytes: number;
  linkedBytes: number;
  excluded: { rule: string; directories: number; files: number }[];
  damaged: { path: string; pathBase64?: string; snapshot: string }[];
  warnings: { code: string; message: string }[];
  errors: { path: string; pathBase64?: string; code: string; message: string }[];
}

/** What restore and undo say. */
export interface Restored {
  created: { path: string }[];
  overwritten: { path: string }[];
  deleted: { path: string }[];
  unchanged: number;
  left: { path: string; reason: string }[];
  safetySnapshot: string | null;
  errors: { path: string; code: string; message: string }[];
}

/** A published snapshot. */
export type Published = SnapshotJson & { id: string; path: string };

/** A home of its own: nothing outside of `dir` is read or written by a `phlb` that runs here. */
export class Sandbox {
  readonly dir = mkdtempSync(join(tmpdir(), 'phlb-test-'));
  readonly home = join(this.dir, 'home');
  /** the default root */
  readonly root = join(this.home, 'PyHardLinkBackups');
  readonly state = join(this.home, '.state', 'phlb');
  readonly env: NodeJS.ProcessEnv = {
    PATH: process.env['PATH'],
    HOME: this.home,
    XDG_STATE_HOME: join(this.home, '.state'),
  };

  /**
   * @param phlbRuns a process of its own for each call costs a hundred times as much: for tests of what becomes of processes.
   *   On threads: of the few files of a test each may be work for another one, as where there are many
   */
  constructor(
    private readonly phlbRuns: 'inside this process' | 'on threads of it' | 'as processes' = 'inside this process',
  ) {
    mkdirSync(this.home);
  }

  dispose(): void {
    removeTree(this.dir);
  }

  path(...parts: string[]): string {
    return join(this.dir, ...parts);
  }

  /** Writes files below `dir`, making folders as needed; a path with `/` at its end is an empty folder. */
  write(files: Record<string, string>): void {
    for (const [path, content] of Object.entries(files)) {
      const full = this.path(path);
      mkdirSync(path.endsWith('/') ? full : dirname(full), { recursive: true });
      if (!path.endsWith('/')) writeFileSync(full, content);
    }
  }

  /** `phlb`, which is called inside this process if nothing else was chosen. */
  phlb(...args: string[]): Ended {
    return this.phlbWith({}, ...args);
  }

  /** `phlb` with more in its environment. */
  phlbWith(env: NodeJS.ProcessEnv, ...args: string[]): Ended {
    if (this.phlbRuns === 'as processes') return this.phlbProcess(env, ...args);
    const onThreads = this.phlbRuns === 'on threads of it';
    return commandLine({ args, env: { ...this.env, ...env }, folder: this.dir, onThreads });
  }

  /** `phlb` with what comes in on its standard input. */
  phlbGiven(input: GivenInput, env: NodeJS.ProcessEnv, ...args: string[]): Ended {
    return commandLine({
      args,
      env: { ...this.env, ...env },
      folder: input.folder ?? this.dir,
      input,
      onThreads: false,
    });
  }

  /** `phlb` as it is shipped, a process of its own: for what only that shows. */
  phlbProcess(env: NodeJS.ProcessEnv, ...args: string[]): Ended {
    return this.run([process.execPath, CLI, ...args], env);
  }

  /** A program, to its end. */
  run(command: string[], env: NodeJS.ProcessEnv = {}): Ended {
    const [program = '', ...args] = command;
    const { status, stdout, stderr, error } = runProgram(program, args, {
      cwd: this.dir,
      env: { ...this.env, ...env },
    });
    if (error) throw error;
    return { status, stdout, stderr };
  }

  /** `phlb` as a process of its own, on its way. */
  start(...args: string[]): ChildProcess {
    return spawn(process.execPath, [CLI, ...args], { cwd: this.dir, env: this.env, stdio: 'ignore' });
  }

  /** The document of a command that must end with `status`. */
  json<T>(status: number, ...args: string[]): T {
    const ended = this.phlb(...args, '--json');
    assert.equal(ended.status, status, `phlb ${args.join(' ')}: ${ended.stderr}${ended.stdout}`);
    return JSON.parse(ended.stdout) as T;
  }

  /** What a backup of one folder says. */
  backupWith(status: number, ...args: string[]): SnapshotJson {
    const { snapshots } = this.json<{ snapshots: SnapshotJson[] }>(status, 'backup', ...args);
    assert.equal(snapshots.length, 1);
    return snapshots[0] as SnapshotJson;
  }

  /** A backup of one folder that must publish a snapshot without any error. */
  backup(...args: string[]): Published {
    const snapshot = this.backupWith(0, ...args);
    assert.deepEqual(snapshot.errors, []);
    assert.equal(snapshot.published, true);
    assert.ok(snapshot.id !== null && snapshot.path !== null);
    return snapshot as Published;
  }

  /** The ids of all snapshots, oldest first. */
  ids(...args: string[]): string[] {
    const { sources } = this.json<{ sources: { snapshots: { id: string }[] }[] }>(0, 'list', ...args);
    return sources.flatMap(source => source.snapshots.map(({ id }) => id));
  }

  /** The indexes that were made. */
  indexFiles(): string[] {
    const folder = join(this.state, 'index');
    return existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.sqlite')) : [];
  }

  manifest(id: string, root = this.root): string {
    return join(root, '.phlb', 'manifests', `${id}.mtree.gz`);
  }
}
