import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { OneAtATime } from '../../src/host/backup/one-at-a-time.js';

describe('Work in turns', () => {
  it('is done one after the other, also after a failure', async () => {
    const turns = new OneAtATime();
    const done: string[] = [];
    const take = (name: string, fails = false): Promise<void> =>
      turns.take(async before => {
        await before;
        done.push(`${name} begins`);
        await new Promise(resolve => setImmediate(resolve));
        done.push(`${name} ends`);
        if (fails) throw new Error(name);
      });
    const results = await Promise.allSettled([take('a'), take('b', true), take('c')]);
    assert.deepEqual(done, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
  });

  it('leaves no result in memory, else a window that is open for weeks holds all that its backups said', async () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const turns = new OneAtATime();
    const results: WeakRef<object>[] = [];
    for (let i = 0; i < 3; i++) {
      await turns.take(async before => {
        await before;
        const result = { errors: new Array(1000).fill(i) };
        results.push(new WeakRef(result));
        return result;
      });
    }
    // What was made or awaited in this turn of the event loop is held until its end.
    await new Promise(resolve => setImmediate(resolve));
    collect();
    assert.deepEqual(
      results.map(result => result.deref() === undefined),
      [true, true, true],
    );
    await turns.take(before => before);
  });
});
