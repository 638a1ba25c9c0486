import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { readMessage, writeMessage, type ProgramEnd, type ProgramStart } from './messages.js';

export interface ProgramOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  input?: Buffer;
}

interface Ran<Output> {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: Output;
  stderr: Output;
  /** it could not be started */
  error?: NodeJS.ErrnoException;
}

interface Spawner {
  requests: number;
  answers: number;
}

/** Each test file is a bundle with modules of its own; the process is one. */
const shared = globalThis as { phlbSpawner?: Spawner };

/**
 * Runs a program to its end, as `spawnSync` does. Tests are large processes, since the engine runs in them, and to start a
 * program from a large one takes ten times as long, for all its memory is made ready to be copied; so a small one does it.
 */
export function runProgram(program: string, args: readonly string[], options: ProgramOptions = {}): Ran<string> {
  const { stdout, stderr, ...end } = runForBytes(program, args, options);
  return { ...end, stdout: stdout.toString('utf8'), stderr: stderr.toString('utf8') };
}

/** The same, of a program whose output is no text. */
export function runForBytes(
  program: string,
  args: readonly string[],
  { cwd = process.cwd(), env = process.env, input }: ProgramOptions = {},
): Ran<Buffer> {
  // It has no such pipes.
  if (process.platform === 'win32') return spawnSync(program, args, { cwd, env, input, maxBuffer: 2 ** 29 });
  shared.phlbSpawner ??= startSpawner();
  const { requests, answers } = shared.phlbSpawner;
  const start: ProgramStart = { program, args, cwd, env, input: input?.toString('base64') ?? null };
  writeMessage(requests, start);
  const end = readMessage<ProgramEnd>(answers);
  if (!end) throw new Error(`${program}: the process that was to run it has ended`);
  const { status, signal, error } = end;
  return {
    ...{ status, signal, stdout: Buffer.from(end.stdout, 'base64'), stderr: Buffer.from(end.stderr, 'base64') },
    ...(error ? { error: Object.assign(new Error(error.message), { code: error.code }) } : {}),
  };
}

function startSpawner(): Spawner {
  const folder = mkdtempSync(join(tmpdir(), 'phlb-spawner-'));
  const pipes = ['requests', 'answers'].map(name => join(folder, name)) as [string, string];
  spawnSync('mkfifo', pipes);
  spawn(process.execPath, [resolve('out/test/support/spawner.js'), ...pipes], { stdio: 'ignore' }).unref();
  // Each waits for the other end to be opened.
  const spawner = { requests: openSync(pipes[0], 'w'), answers: openSync(pipes[1], 'r') };
  rmSync(folder, { recursive: true });
  return spawner;
}
