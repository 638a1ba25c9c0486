import assert from 'node:assert/strict';
import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { withIndex } from '../../src/engine/index/kept-index.js';
import type { StoreIndex } from '../../src/engine/index/store-index.js';
import { openStoreToRead, type Store } from '../../src/engine/store/root.js';
import { locationOf } from '../support/engine.js';
import { Sandbox } from '../support/sandbox.js';

describe('The index of one who asks at every key', () => {
  let box: Sandbox;
  let store: Store;

  // It is looked for beside the bundle, which is this test.
  before(() => copyFileSync(resolve('dist/sql-wasm.wasm'), join(__dirname, 'sql-wasm.wasm')));
  beforeEach(() => {
    box = new Sandbox('as processes');
    box.write({ 'documents/a.txt': 'first' });
    box.backup('documents');
    assert.equal(box.phlb('find', '*').status, 0);
    store = openStoreToRead(locationOf(box));
  });
  afterEach(() => box.dispose());

  const opened = (): Promise<StoreIndex> => withIndex(store, async index => index);

  it('is opened once, and by another one who asks meanwhile once more', async () => {
    const first = await opened();
    assert.equal(await opened(), first);
    const [inner, outer] = await withIndex(store, async index => [await opened(), index]);
    assert.equal(outer, first);
    assert.notEqual(inner, first);
  });

  it('is opened anew when another process has rebuilt, changed or removed it', async () => {
    const first = await opened();
    assert.equal(box.phlb('rebuild').status, 0);
    const second = await opened();
    assert.notEqual(second, first);
    const file = join(box.state, 'index', box.indexFiles()[0] ?? '');
    writeFileSync(file, 'x');
    assert.notEqual(await opened(), second);
    rmSync(file);
    const third = await opened();
    assert.notEqual(await opened(), third);
  });

  it('is closed by a mistake, and the next one opens it', async () => {
    await assert.rejects(
      withIndex(store, () => Promise.reject(new TypeError('staged'))),
      /staged/,
    );
    assert.deepEqual((await opened()).size().snapshots, 1);
  });
});
