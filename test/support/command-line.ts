import { resolve } from 'node:path';
import { MessageChannel, receiveMessageOnPort, Worker, type MessagePort } from 'node:worker_threads';
import type { Ended } from './sandbox.js';

/** What comes in; with `terminal` somebody types it. */
export interface GivenInput {
  text: string | Uint8Array;
  terminal?: boolean;
  /** the working folder, where it is not that of the sandbox */
  folder?: string;
}

/** A call of the command line, as a shell makes it. */
export interface CommandLineCall {
  args: string[];
  env: NodeJS.ProcessEnv;
  folder: string;
  input?: GivenInput | undefined;
  /** as `startEngine` has it */
  onThreads: boolean;
}

export interface CommandLineMessage extends CommandLineCall {
  answer: MessagePort;
  /** one Int32: not zero once the answer is there */
  answered: SharedArrayBuffer;
}

export type CommandLineAnswer = Ended | { failed: string };

/** Longer than any call takes; one that has not ended by then never will. Ms. */
const PATIENCE = 300_000;

/** Each test file is a bundle with modules of its own; the process is one. */
const shared = globalThis as { phlbCommandLine?: Worker };

/**
 * Runs the command line inside this process, and waits for its end: as a process that costs a hundred times as much.
 * It runs on a thread, so that a test can wait for it as a script does, one command after the other.
 */
export function commandLine({ args, env, folder, input, onThreads }: CommandLineCall): Ended {
  const thread = (shared.phlbCommandLine ??= startThread());
  const { port1: port, port2: answer } = new MessageChannel();
  const answered = new SharedArrayBuffer(4);
  thread.postMessage({ args, env, folder, input, onThreads, answer, answered } satisfies CommandLineMessage, [answer]);
  Atomics.wait(new Int32Array(answered), 0, 0, PATIENCE);
  const received = receiveMessageOnPort(port) as { message: CommandLineAnswer } | undefined;
  port.close();
  if (!received) delete shared.phlbCommandLine;
  if (!received) throw new Error(`phlb ${args.join(' ')}: it has not ended, or its thread has`);
  if ('failed' in received.message) throw new Error(`phlb ${args.join(' ')}: ${received.message.failed}`);
  return received.message;
}

function startThread(): Worker {
  const worker = new Worker(resolve('out/test/support/command-line-thread.js'));
  worker.unref();
  return worker;
}
