/**
 * A process that takes a store's lock: `node lock-holder.js LOCK HOST SILENCE THEN`. Says `held` when it has it, then, by
 * THEN, `wait`s for a line on its standard input, is too `busy` for anything until then, or proves that it is alone and
 * dies (`die`) or leaves a torn lock (`tear`).
 */
import { appendFileSync, readSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { textOf } from '../../../src/engine/words/phrase.js';
import { acquireLock } from '../../../src/engine/store/lock.js';

const [path = '', host = '', silence = '', then = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const lock = await acquireLock(path, host, {
    cancelled: () => false,
    ...(silence === '' ? {} : { silence: Number(silence) }),
    onTakeover: detail => console.log(`took over: ${textOf(detail)}`),
  });
  if (then === 'wait' || then === 'busy') {
    console.log('held');
    // No timer of a busy one fires, so its lock shows no sign of life.
    if (then === 'busy') readSync(0, Buffer.alloc(1));
    else await new Promise<void>(resolve => process.stdin.once('data', () => resolve()));
    try {
      lock.check();
      console.log('still held');
    } catch (error) {
      console.log(error instanceof Error ? `${error.name} ${(error as { code?: string }).code}` : String(error));
    }
    lock.release();
    process.exit(0);
  }
  try {
    writeFileSync(`${path}.inside`, '', { flag: 'wx' });
    await sleep(3);
    lock.check();
    appendFileSync(`${path}.log`, `${process.pid}\n`);
    unlinkSync(`${path}.inside`);
  } catch (error) {
    appendFileSync(`${path}.log`, `NOT ALONE: ${String(error)}\n`);
  }
  if (then === 'tear') truncateSync(path, 1);
  process.kill(process.pid, 'SIGKILL');
}

void main();
