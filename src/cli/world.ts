import type { Readable, Writable } from 'node:stream';
import type { LocalEngine } from '../worker/local-engine.js';
import type { ExitStatus } from './status.js';

/** What answers the commands' calls. */
export type Engine = Pick<LocalEngine, 'call' | 'dispose'>;

/** A stream that is written to, perhaps a terminal's. */
export type Output = Writable & { isTTY?: boolean; columns?: number };

/** A stream that is read from, perhaps a terminal's. */
export type Input = Readable & { isTTY?: boolean };

/** What asks a command to stop. */
export type StopSignal = 'SIGINT' | 'SIGTERM';

/** All that the command line has of the process around it: what is given here it asks nobody else for (lint checks it). */
export interface World {
  /** the arguments after the program's name */
  args: string[];
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
  /** Throws what the system says where that folder has gone. */
  workingFolder(): string;
  /** Throws as `homedir` of `node:os` does. */
  homeFolder(): string;
  /** the program that runs, and its script */
  self: readonly [string, string];
  /** Only who reads it asks for it. */
  stdin(): Input;
  stdout: Output;
  stderr: Output;
  engine: Engine;
  /** Hands over each signal that asks to stop, until what it returned is called. */
  onStop(handle: (signal: StopSignal) => void): () => void;
  /** Ends the process here and now: with a status, or by a signal. */
  end(how: ExitStatus | StopSignal | 'SIGKILL'): void;
}
