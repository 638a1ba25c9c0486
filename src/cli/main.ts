#!/usr/bin/env node
/** The process around the command line. Nothing else of this room knows that there is one. */
import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, parse } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { passUnforeseen, unlessRefused } from '../engine/words/errors.js';
import { EngineClient } from '../worker/client.js';
import { LocalEngine } from '../worker/local-engine.js';
import { areLocal } from '../worker/mounts.js';
import type { CallName } from '../worker/protocol.js';
import { exactArguments, exactEnvironment, exactFolder } from './exact-paths.js';
import { runCli } from './run.js';
import { ExitStatus } from './status.js';
import { Terminal } from './terminal.js';
import type { Engine, World } from './world.js';

/**
 * What is done on this thread, which saves starting one. Not what may be long in one piece, as the copy of a large file is: this
 * thread answers signals, and shows how far it is.
 */
const HERE: ReadonlySet<CallName> = new Set(['annotate', 'backup', 'diff', 'find', 'grep', 'list', 'ls', 'versions']);

void main();

async function main(): Promise<void> {
  // What the owner may do is not the umask's to take away: PHLB has to get into the folders that it makes.
  process.umask(process.umask(0o077) & 0o077);
  // A command is over before better code for SQLite would pay, and the processor is wanted for the backup meanwhile
  // (docs/performance.md). A switch for the whole process: in the editor it is not ours.
  setFlagsFromString('--liftoff-only');
  process.on('uncaughtException', endByMistake);
  const status = await runCli({
    args: exactArguments(process.argv),
    env: exactEnvironment(process.env),
    platform: process.platform,
    workingFolder: () => exactFolder(process.cwd()),
    homeFolder: homedir,
    self: [process.execPath, __filename],
    stdin: () => process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    engine: chooseEngine(),
    onStop,
    end: how => void (typeof how === 'number' ? process.exit(how) : process.kill(process.pid, how)),
  });
  // What is still to be read is waited for, but not by who was asked to stop.
  if (status === ExitStatus.cancelled) process.exit(status);
  process.exitCode = status;
}

// One line, as for every other error; the store is as a crash leaves it.
function endByMistake(error: unknown): void {
  new Terminal(process.stdout, process.stderr, process.env['PHLB_DEBUG'] === '1').error(error);
  process.exit(ExitStatus.failed);
}

function chooseEngine(): Engine {
  const local = new LocalEngine();
  const onThread = new EngineClient(join(__dirname, 'worker.js'));
  return {
    call: (name, request, options) => {
      leaveGoneFolder();
      return (HERE.has(name) && isAnswered() ? local : onThread).call(name, request, options);
    },
    dispose: async () => (await Promise.all([local.dispose(), onThread.dispose()])).every(ended => ended),
  };
}

// Else a call of the system may never return.
function isAnswered(): boolean {
  const mounts = unlessRefused(() => readFileSync('/proc/self/mountinfo', 'latin1'));
  return mounts !== undefined && areLocal(mounts);
}

// No thread starts in a folder that is gone, and once there is a request, whose paths are absolute, nobody needs it.
function leaveGoneFolder(): void {
  try {
    process.cwd();
  } catch (error) {
    passUnforeseen(error);
    process.chdir(parse(process.execPath).root);
  }
}

function onStop(...[handle]: Parameters<World['onStop']>): () => void {
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, handle);
  return () => {
    for (const signal of signals) process.off(signal, handle);
  };
}
