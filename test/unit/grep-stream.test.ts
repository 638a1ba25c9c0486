import assert from 'node:assert/strict';
import { setImmediate as afterWhatWaits } from 'node:timers/promises';
import type { GrepItem } from '../../src/engine/grep/grep.js';
import { PhlbError } from '../../src/engine/words/errors.js';
import type { EngineClient } from '../../src/worker/client.js';
import { locationOf, startEngine } from '../support/engine.js';
import { Sandbox } from '../support/sandbox.js';

describe('What a search finds', () => {
  let box: Sandbox;
  let engine: EngineClient;

  before(() => {
    box = new Sandbox();
    box.write(
      Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`documents/${i}`, `needle ${i}\n`.repeat(100)])),
    );
    box.backup('documents');
  });
  after(() => box.dispose());
  beforeEach(() => (engine = startEngine(true)));
  afterEach(() => engine.dispose());

  const request = (): { location: ReturnType<typeof locationOf>; pattern: string } => ({
    location: locationOf(box),
    pattern: 'needle',
  });
  const linesIn = (items: readonly GrepItem[]): number =>
    items.reduce((sum, item) => sum + (item.type === 'block' ? item.lines.length : 0), 0);

  it('comes from the worker while the search goes on, part by part, the next one when one was taken', async () => {
    let parts = 0;
    let lines = 0;
    let taking = 0;
    let ended = false;
    const first: string[] = [];
    const call = engine.call('grep', request(), {
      onItems: async items => {
        assert.equal(++taking, 1, 'one part at a time');
        assert.equal(ended, false);
        parts++;
        first.push(items[0]?.type ?? '');
        assert.ok(linesIn(items) <= 2100, 'no part is too large for a message');
        await afterWhatWaits();
        lines += linesIn(items);
        taking--;
      },
    });
    const result = await call;
    ended = true;
    assert.deepEqual([lines, result.matches, result.contents], [30_000, 30_000, 300]);
    assert.ok(parts > 10, String(parts));
    assert.deepEqual([...new Set(first)], ['begin', 'block']);
  });

  it('is waited for: nothing more comes as long as a part was not taken', async () => {
    let parts = 0;
    let go = (): void => undefined;
    const taken = new Promise<void>(resolve => (go = resolve));
    const call = engine.call('grep', request(), {
      onItems: async () => {
        parts++;
        await taken;
      },
    });
    // Another call goes through the same worker meanwhile, there and back.
    for (let i = 0; i < 20; i++) await engine.call('list', { location: locationOf(box) });
    assert.equal(parts, 1);
    go();
    assert.equal((await call).matches, 30_000);
  });

  it('is cancelled midway, also while a part is not taken', async () => {
    const controller = new AbortController();
    let parts = 0;
    const began = performance.now();
    const call = engine.call('grep', request(), {
      signal: controller.signal,
      onItems: async () => {
        if (++parts < 3) return;
        controller.abort();
        await new Promise(() => undefined);
      },
    });
    await assert.rejects(call, error => PhlbError.is(error, 'cancelled'));
    assert.equal(parts, 3);
    assert.ok(performance.now() - began < 4000, 'nobody waits for it to be given up');
    assert.equal((await engine.call('grep', request())).matches, 30_000, 'and another search is whole');
  });

  it('ends the search when it cannot be taken, with the reason why', async () => {
    const failure = new Error('no more');
    let parts = 0;
    const call = engine.call('grep', request(), {
      onItems: () => {
        parts++;
        throw failure;
      },
    });
    await assert.rejects(call, error => error === failure);
    assert.equal(parts, 1);
  });
});
