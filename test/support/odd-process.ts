/** A process that calls the engine's client on an odd thread and does nothing else: `node odd-process.js SCENE [FIFO]`. */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EngineClient } from '../../src/worker/client.js';
import type { How } from './odd-thread.js';

const [scene = '', fifo = ''] = process.argv.slice(2);
const client = new EngineClient(resolve('out/test/support/odd-thread.js'), { graceMs: 200 });

function call(how: How, ms: number): Promise<unknown> {
  return client.call('list', { how, ms } as never);
}

/** Resolves when the thread has the call, with what waits for its end. */
async function stuckCall(signal?: AbortSignal): Promise<() => Promise<void>> {
  let ended = Promise.resolve();
  await new Promise<unknown>(begun => {
    const answer = client.call('list', { how: 'stuck', fifo } as never, { signal, onProgress: begun });
    ended = answer.then(
      () => undefined,
      (error: { code: string }) => console.log(error.code),
    );
  });
  return () => ended;
}

async function main(): Promise<void> {
  if (scene === 'works') console.log(await call('answer', 1000));
  if (scene === 'crashes') await call('exit', 500).catch((error: { code: string }) => console.log(error.code));
  if (scene === 'cannot be sent') {
    await client.call('list', { how: () => 1 } as never).catch((error: Error) => console.log(error.name));
  }
  if (scene === 'is stuck') {
    const given = new AbortController();
    const answer = await stuckCall(given.signal);
    given.abort();
    await answer();
    console.log(await client.dispose());
  }
  if (scene === 'leaves') {
    await stuckCall();
    await sleep(100);
    void client.dispose();
    setImmediate(() => process.exit(0));
  }
}

void main();
