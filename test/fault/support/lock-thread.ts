/**
 * A thread that takes a lock, says `held` (and `waits` for each second before it) and then does as it is told: ends in one way or another, or is too busy for
 * anything. Its `workerData`: the lock's path; `beacon` instead: it only lights one, and says its name.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { lightBeacon } from '../../../src/engine/store/beacon.js';
import { acquireLock } from '../../../src/engine/store/lock.js';

const { path } = workerData as { path: string };

async function main(): Promise<void> {
  if (path === 'beacon') parentPort?.postMessage((await lightBeacon())?.name);
  else {
    await acquireLock(path, 'host', { cancelled: () => false, onWait: () => parentPort?.postMessage('waits') });
    parentPort?.postMessage('held');
  }
}

parentPort?.on('message', (then: string) => {
  if (then === 'exit') process.exit(0);
  if (then === 'throw') throw new Error('staged');
  if (then === 'memory') for (const all: string[][] = []; ;) all.push(Array<string>(1e5).fill(String(all.length)));
  if (then === 'busy') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});

void main();
