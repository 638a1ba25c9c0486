/**
 * A thread that does what each message asks for, as no healthy one would: for the engine's client (`request.how`, with
 * `request.ms` where it takes time) and for the pool.
 */
import { openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';

export type How = 'answer' | 'fail' | 'exit' | 'throw' | 'hang' | 'loop' | 'stuck' | 'obey';

interface Message {
  id: number;
  cancel?: SharedArrayBuffer;
  request: { how: How; ms?: number; fifo?: string };
}

async function obey({ id, cancel, request: { how, ms = 0, fifo = '' } }: Message): Promise<void> {
  await sleep(ms);
  switch (how) {
    case 'answer':
      return parentPort?.postMessage({ id, result: ms });
    case 'fail':
      return parentPort?.postMessage({ id, error: { code: 'store', said: { template: 'staged', args: [] } } });
    case 'exit':
      return process.exit(0);
    case 'throw':
      return void setImmediate(() => {
        throw new Error('staged');
      });
    case 'hang':
      return;
    case 'loop':
      for (;;) Math.random();
    case 'stuck':
      parentPort?.postMessage({ id, progress: how });
      // Nobody ever writes to it, and `terminate` does not reach a call of the system.
      return void openSync(fifo, 'r');
    case 'obey':
      while (cancel && Atomics.load(new Int32Array(cancel), 0) === 0) await sleep(5);
      return parentPort?.postMessage({ id, error: { code: 'cancelled', said: { template: 'Cancelled', args: [] } } });
  }
}

parentPort?.on('message', (message: Message) => void obey(message));
