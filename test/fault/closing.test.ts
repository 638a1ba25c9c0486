import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { PhlbError } from '../../src/engine/words/errors.js';
import { DEFAULT_RULES } from '../../src/engine/scan/rules.js';
import { locationOf, startEngine } from '../support/engine.js';
import { Sandbox } from '../support/sandbox.js';
import { longFile, until } from './support/processes.js';

describe('A window that is closed in mid-backup', () => {
  let box: Sandbox;

  beforeEach(() => (box = new Sandbox()));
  afterEach(() => box.dispose());

  it('cancels it and waits for it, else its lock and what it has copied stay', async () => {
    const source = box.path('documents');
    mkdirSync(source);
    longFile(join(source, 'long'), 20_000);
    const engine = startEngine();
    const code = (error: unknown): string => (PhlbError.is(error) ? error.code : String(error));
    const backup = engine
      .call('backup', { location: locationOf(box), source, rules: DEFAULT_RULES, init: true, trusted: true })
      .then(() => 'done', code);
    const partial = join(box.root, '.phlb', 'partial');
    const draft = (): boolean => existsSync(partial) && readdirSync(partial).length > 0;
    await until('a run that has begun to write', draft);
    const waiting = engine
      .call('prune', { location: locationOf(box), rules: { keepLast: 1 } })
      .then(() => 'done', code);
    assert.equal(await engine.close(), true, 'its thread has ended');
    assert.deepEqual(await Promise.all([backup, waiting]), ['cancelled', 'cancelled']);
    assert.equal(existsSync(join(box.root, '.phlb', 'lock')), false, 'nobody waits for a window that is gone');
    assert.deepEqual(box.ids(), []);
    await assert.rejects(() => engine.call('list', { location: locationOf(box) }), { code: 'cancelled' });
  });

  it('is closed at once where nothing is going on', async () => {
    const engine = startEngine();
    assert.equal(await engine.close(), true);
    assert.equal(await engine.close(), true);
  });
});
