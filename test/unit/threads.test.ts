import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { PhlbError } from '../../src/engine/words/errors.js';
import { openPool } from '../../src/engine/threads/pool.js';
import { ThreadStock } from '../../src/engine/threads/thread-stock.js';
import { EngineClient } from '../../src/worker/client.js';
import type { How } from '../support/odd-thread.js';
import { Sandbox } from '../support/sandbox.js';

const SCRIPT = resolve('out/test/support/odd-thread.js');
const IDLE = 150;
const GRACE = 300;
const CRASHES = ['exit', 'throw'] as const;

describe('A call to a thread', () => {
  let client: EngineClient;

  beforeEach(() => {
    client = new EngineClient(SCRIPT, { idleMs: IDLE, graceMs: GRACE });
  });
  afterEach(() => client.dispose());

  for (const how of CRASHES) {
    it(`fails, and so do all beside it, when the thread dies (${how}); the next thread is not ended by what that one left`, async () => {
      const lost = [call('hang'), call('obey'), call('answer', 5000), call(how, 50)];
      for (const one of await settled(lost)) assert.equal(codeOf(one), 'crashed');
      // Longer than the idle time of the thread that died.
      assert.equal(await call('answer', 3 * IDLE), 3 * IDLE);
    });
  }

  it('keeps its thread from idling away, however many others have ended meanwhile', async () => {
    const long = call('answer', 6 * IDLE);
    for (let i = 0; i < 5; i++) await call('answer', IDLE / 2);
    assert.equal(await long, 6 * IDLE);
    await sleep(2 * IDLE);
    assert.equal(await call('answer', 1), 1, 'and after a rest there is a new one');
  });

  it('that cannot be sent fails alone, and leaves nothing behind that waits', async () => {
    const beside = call('answer', 200);
    await assert.rejects(client.call('list', { how: () => 1 } as never), { name: 'DataCloneError' });
    assert.equal(await beside, 200);
  });

  it('fails as cancelled when the thread does not obey, even one in an endless loop', async () => {
    for (const how of ['hang', 'loop'] as const) {
      const began = performance.now();
      await rejectsWith('cancelled', call(how, 0, AbortSignal.timeout(50)));
      const ms = performance.now() - began;
      assert.ok(ms >= GRACE && ms < 5000, `${how}: ${ms} ms`);
      assert.equal(await call('answer', 1), 1, 'the next one is answered');
    }
  });

  it('is not lost to one beside it that was cancelled and did not obey', async () => {
    const beside = call('answer', 3 * GRACE);
    await rejectsWith('cancelled', call('hang', 0, AbortSignal.timeout(10)));
    assert.equal(await call('answer', 1), 1, 'a new one goes to a new thread');
    assert.equal(await beside, 3 * GRACE);
  });

  it('fails as cancelled when the client is disposed, and after that', async () => {
    const pending = [call('hang'), call('loop'), call('answer', 5000)].map(one => rejectsWith('cancelled', one));
    await sleep(100);
    assert.equal(await client.dispose(), true);
    await Promise.all(pending);
    await rejectsWith('cancelled', call('answer'));
  });

  it('to a script that is not there fails', async () => {
    const none = new EngineClient(resolve('out/no-such-script.js'));
    await rejectsWith('crashed', none.call('list', {} as never));
    await none.dispose();
  });

  it('always settles, whatever becomes of the threads (a property)', async () => {
    const step = fc.record({
      how: fc.constantFrom<How>('answer', 'answer', 'fail', 'exit', 'throw', 'hang', 'loop', 'obey'),
      ms: fc.constantFrom(0, 1, 20, IDLE),
      cancelled: fc.constantFrom(null, 0, 10, IDLE),
      pause: fc.constantFrom(0, 0, 5, IDLE - 5, IDLE, IDLE + 5),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 10 }), async steps => {
        const one = new EngineClient(SCRIPT, { idleMs: IDLE, graceMs: 50 });
        const calls: Promise<unknown>[] = [];
        for (const { how, ms, cancelled, pause } of steps) {
          // What never answers is cancelled: it is all that a call can be asked for.
          const endless = ['hang', 'loop', 'obey'].includes(how);
          const after = cancelled ?? (endless ? 20 : undefined);
          const signal = after === undefined ? undefined : AbortSignal.timeout(after);
          calls.push(one.call('list', { how, ms } as never, { signal }));
          calls.at(-1)?.catch(() => undefined);
          if (pause > 0) await sleep(pause);
        }
        // One that waits beside a loop is answered when its thread is gone: here, at the latest, at the end.
        await Promise.race([Promise.allSettled(calls), sleep(800)]);
        await one.dispose();
        const late = sleep(10_000, 'not settled', { ref: false });
        assert.notEqual(await Promise.race([Promise.allSettled(calls), late]), 'not settled');
      }),
      { numRuns: 12 },
    );
  });

  describe('of a process that does nothing else', () => {
    let box: Sandbox;
    beforeEach(() => {
      box = new Sandbox();
    });
    afterEach(() => box.dispose());

    for (const [scene, said] of [
      ['works', '1000\n'],
      ['crashes', 'crashed\n'],
      ['cannot be sent', 'DataCloneError\n'],
    ] as const) {
      it(`(${scene}) keeps the process alive until it is settled, and not a moment longer`, () => {
        const began = performance.now();
        assert.equal(run(scene), said);
        assert.ok(performance.now() - began < 15_000, 'an idle thread would keep it for a minute');
      });
    }

    for (const [scene, said] of [
      ['is stuck', 'cancelled\nfalse\n'],
      ['leaves', 'cancelled\n'],
    ] as const) {
      it(`(${scene}) that the system does not answer lets the process end all the same`, () => {
        const fifo = box.path('fifo');
        execFileSync('mkfifo', [fifo]);
        const { stdout, signal } = ended(scene, fifo);
        assert.deepEqual([stdout, signal], [said, 'SIGKILL']);
      });
    }

    function run(scene: string): string {
      return execFileSync(process.execPath, [script, scene], { encoding: 'utf8', timeout: 120_000 });
    }

    function ended(...args: string[]): { stdout: string; signal: string } {
      try {
        execFileSync(process.execPath, [script, ...args], {
          encoding: 'utf8',
          timeout: 120_000,
          killSignal: 'SIGTERM',
        });
      } catch (error) {
        return error as { stdout: string; signal: string };
      }
      return assert.fail('it ended by itself');
    }

    const script = resolve('out/test/support/odd-process.js');
  });

  it('of the pool settles, too: when its thread dies, when it cannot be sent, when the pool is closed', async () => {
    const pool = openPool(new ThreadStock(SCRIPT), 2);
    const [one, other] = pool.threads;
    const job = (thread: typeof one, how: How, ms = 0): Promise<unknown> =>
      thread?.run('hash', { how, ms } as never) ?? assert.fail();
    const lost = [job(one, 'hang'), job(one, 'answer', 5000), job(one, 'exit', 50)];
    for (const outcome of await settled(lost)) assert.equal(codeOf(outcome), 'crashed');
    await rejectsWith('crashed', job(one, 'answer'));
    await assert.rejects(job(other, (() => 1) as never), { name: 'DataCloneError' });
    assert.equal(await job(other, 'answer', 10), 10, 'the other one works on');
    const waiting = rejectsWith('crashed', job(other, 'hang'));
    await pool.close();
    await waiting;
  });

  it('of a pool goes to a thread that an earlier one is done with, but to none that works, is gone or has been idle', async () => {
    const stock = new ThreadStock(SCRIPT, IDLE);
    const oneCall = async (...jobs: How[]): Promise<unknown> => {
      const pool = openPool(stock, 1);
      const send = (how: How): Promise<unknown> => pool.threads[0]?.run('hash', { how } as never) ?? assert.fail();
      const who = await send('who');
      for (const how of jobs) void send(how).catch(() => undefined);
      if (jobs.includes('exit')) await settled([send('hang')]);
      await pool.close();
      return who;
    };
    const first = await oneCall();
    assert.equal(await oneCall('answer', 'hang'), first);
    const second = await oneCall('exit');
    assert.notEqual(second, first, 'it hangs');
    const third = await oneCall();
    assert.notEqual(third, second, 'it has ended');
    await sleep(3 * IDLE);
    const fourth = await oneCall();
    assert.notEqual(fourth, third, 'it was idle');
    await stock.close();
    await rejectsWith('crashed', oneCall());
  });

  function call(how: How, ms = 0, signal?: AbortSignal): Promise<unknown> {
    return client.call('list', { how, ms } as never, { signal });
  }
});

async function settled(calls: Promise<unknown>[]): Promise<PromiseSettledResult<unknown>[]> {
  const late = sleep(10_000, null, { ref: false });
  return (await Promise.race([Promise.allSettled(calls), late])) ?? assert.fail('a call waits for ever');
}

function codeOf(outcome: PromiseSettledResult<unknown>): string {
  return outcome.status === 'rejected' && PhlbError.is(outcome.reason) ? outcome.reason.code : JSON.stringify(outcome);
}

async function rejectsWith(code: string, call: Promise<unknown>): Promise<void> {
  const [outcome] = await settled([call]);
  assert.equal(outcome && codeOf(outcome), code);
}
