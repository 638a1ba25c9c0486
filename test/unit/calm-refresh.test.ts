import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { CalmRefresh } from '../../src/views/calm-refresh.js';

describe('Refreshing a tree', () => {
  let fired: (string | undefined)[];
  let tree: CalmRefresh<string>;

  beforeEach(() => {
    fired = [];
    tree = new CalmRefresh<string>(node => fired.push(node));
  });

  afterEach(() => tree.dispose());

  it('comes once for what was asked often', async () => {
    tree.ask('snapshot');
    tree.ask();
    tree.ask('day');
    await sleep(50);
    assert.deepEqual(fired, [undefined]);
  });

  it('waits for a node that is being opened, else it stays empty and looks like a lost folder', async () => {
    const opened = hold();
    const reading = tree.read('photos', () => opened.promise);
    tree.ask();
    await sleep(700);
    assert.deepEqual(fired, []);
    opened.release();
    await reading;
    await sleep(1000);
    assert.deepEqual(fired, [undefined]);
  });

  it('comes again where a node was opened while the roots were read', async () => {
    const roots = hold();
    const reading = tree.read(undefined, () => roots.promise);
    await tree.read('photos', async () => {});
    await sleep(50);
    assert.deepEqual(fired, []);
    roots.release();
    await reading;
    await sleep(1000);
    assert.deepEqual(fired, [undefined]);
    await tree.read(undefined, async () => {});
    await tree.read('photos', async () => {});
    await sleep(500);
    assert.deepEqual(fired, [undefined], 'and then no more');
  });

  it('comes again where a node was opened before the editor got to reading the roots', async () => {
    tree.ask();
    await sleep(50);
    assert.deepEqual(fired, [undefined]);
    await tree.read('photos', async () => {});
    await sleep(500);
    assert.deepEqual(fired, [undefined], 'it is still to come');
    await tree.read(undefined, async () => {});
    await sleep(1000);
    assert.deepEqual(fired, [undefined, undefined]);
    await tree.read(undefined, async () => {});
    await tree.read('photos', async () => {});
    await sleep(500);
    assert.deepEqual(fired, [undefined, undefined], 'and then no more');
  });

  it('does not wait for ever for a drive that does not answer', async () => {
    const never = hold();
    void tree.read('photos', () => never.promise);
    tree.ask();
    await sleep(6000);
    assert.deepEqual(fired, [undefined]);
    never.release();
  }).timeout(10_000);
});

function hold(): { promise: Promise<void>; release: () => void } {
  let release = (): void => {};
  const promise = new Promise<void>(resolve => (release = resolve));
  return { promise, release };
}
