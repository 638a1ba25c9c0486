/**
 * A thread that does what each message asks for, as no healthy one would: for the engine's client (`request.how`, with
 * `request.ms` where it takes time) and for the pool.
 */
import { openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, threadId } from 'node:worker_threads';

export type How = 'answer' | 'fail' | 'exit' | 'throw' | 'hang' | 'loop' | 'stuck' | 'obey' | 'who';

interface Message {
  id: number;
  cancel?: SharedArrayBuffer;
  /** `null`: it is to let go of a call, of which it holds nothing */
  request: { how: How; ms?: number; fifo?: string } | null;
}

async function obey({ id, cancel, request }: Message): Promise<void> {
  const { how, ms = 0, fifo = '' } = request ?? { how: 'answer' };
  await sleep(ms);
  switch (how) {
    case 'answer':
      return parentPort?.postMessage({ id, result: ms });
    case 'who':
      return parentPort?.postMessage({ id, result: threadId });
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
