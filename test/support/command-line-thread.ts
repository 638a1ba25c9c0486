/** A thread that runs the command line for the tests of its process, one call after the other (`command-line.ts`). */
import { homedir } from 'node:os';
import { Readable, Writable } from 'node:stream';
import { parentPort } from 'node:worker_threads';
import { runCli } from '../../src/cli/run.js';
import type { Engine, World } from '../../src/cli/world.js';
import type { CommandLineAnswer, CommandLineCall, CommandLineMessage } from './command-line.js';
import { startEngine } from './engine.js';
import type { Ended } from './sandbox.js';

/** All that it reads. What the engine, a program or Node itself would read needs a process of its own, as PHLB_HOST and TZ do. */
const VARIABLES =
  /^(PATH|HOME|XDG_STATE_HOME|CLAUDE_PROJECT_DIR|CLAUDE_CONFIG_DIR|CODEX_HOME|COPILOT_HOME|ELECTRON_RUN_AS_NODE|PHLB_(ROOT|INDEX|DEBUG|RESTIC|OFFSITE_PATIENCE)|(RESTIC|AWS)_.*)$/;

// One engine for all calls, as in the editor: none of them ends it.
function lastingEngine(onThreads: boolean): Engine {
  const client = startEngine(onThreads);
  return {
    call: (name, request, options) => client.call(name, request, options),
    dispose: () => Promise.resolve(true),
  };
}
const engines = { usual: lastingEngine(false), onThreads: lastingEngine(true) };

class Kept extends Writable {
  private readonly chunks: Buffer[] = [];

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.chunks.push(chunk);
    done();
  }

  get text(): string {
    return Buffer.concat(this.chunks).toString('utf8');
  }
}

async function run({ args, env, folder, input, onThreads }: CommandLineCall): Promise<Ended> {
  const strange = Object.keys(env).filter(name => !VARIABLES.test(name));
  if (strange.length > 0) throw new Error(`${strange.join(', ')} in the environment: this needs a process of its own`);
  const [stdout, stderr] = [new Kept(), new Kept()];
  // One, however often it is asked for.
  const stdin = Object.assign(Readable.from([Buffer.from(input?.text ?? '')]), { isTTY: input?.terminal === true });
  const world: World = {
    args,
    env,
    platform: process.platform,
    workingFolder: () => folder,
    homeFolder: () => env['HOME'] ?? homedir(),
    self: ['/opt/node', '/opt/phlb/dist/cli.js'],
    stdin: () => stdin,
    stdout,
    stderr,
    engine: onThreads ? engines.onThreads : engines.usual,
    onStop: () => () => undefined,
    end: how => {
      throw new Error(`It would have ended its process: ${how}`);
    },
  };
  const status = await runCli(world);
  return { status, stdout: stdout.text, stderr: stderr.text };
}

parentPort?.on('message', ({ answer, answered, ...call }: CommandLineMessage) => {
  void run(call)
    .catch((error: Error): CommandLineAnswer => ({ failed: error.stack ?? error.message }))
    .then(result => {
      answer.postMessage(result);
      Atomics.store(new Int32Array(answered), 0, 1);
      Atomics.notify(new Int32Array(answered), 0);
    });
});
