/** A small process that runs programs for a large one (`run-program.ts`): `node spawner.js REQUESTS ANSWERS`, two pipes. */
import { spawnSync } from 'node:child_process';
import { openSync } from 'node:fs';
import { readMessage, writeMessage, type ProgramEnd, type ProgramStart } from './messages.js';

const MAX_OUTPUT = 2 ** 29;

const [requests = '', answers = ''] = process.argv.slice(2);
const [from, to] = [openSync(requests, 'r'), openSync(answers, 'w')];
// The end of the large one ends this.
for (;;) {
  const start = readMessage<ProgramStart>(from);
  if (!start) break;
  const { program, args, cwd, env, input } = start;
  const { status, signal, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    env,
    maxBuffer: MAX_OUTPUT,
    ...(input === null ? {} : { input: Buffer.from(input, 'base64') }),
  });
  const end: ProgramEnd = {
    status,
    signal,
    // Of a program that is not there they are null.
    stdout: Buffer.from(stdout ?? '').toString('base64'),
    stderr: Buffer.from(stderr ?? '').toString('base64'),
    error: error ? { message: error.message, code: (error as NodeJS.ErrnoException).code } : null,
  };
  writeMessage(to, end);
}
