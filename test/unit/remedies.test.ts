import * as assert from 'node:assert/strict';
import { PhlbError } from '../../src/engine/words/errors.js';
import { remediesFor, troubleOf } from '../../src/host/editor/remedies.js';

describe('What a message of a failure offers', () => {
  it('is another location and a second try where the drive is gone, else a user has only the log', () => {
    const trouble = troubleOf(new PhlbError('unreachable', 'gone'));
    assert.deepEqual(remediesFor(trouble, true), ['tryAgain', 'changeLocation']);
    assert.deepEqual(remediesFor(trouble, false), ['changeLocation'], 'nothing could be tried again');
  });

  it('is room where the disk is full: trying again there fails again', () => {
    const cause = Object.assign(new Error('no space left'), { code: 'ENOSPC' });
    const full = troubleOf(new PhlbError('store', 'cannot be written', { cause }));
    assert.deepEqual(remediesFor(full, true), ['cleanUp', 'changeLocation']);
    const readOnly = troubleOf(new PhlbError('store', 'cannot be written'));
    assert.deepEqual(remediesFor(readOnly, true), ['tryAgain', 'changeLocation']);
  });

  it('is nothing that cannot help, where the request itself is wrong', () => {
    assert.deepEqual(remediesFor(troubleOf(new PhlbError('usage', 'pinned')), true), []);
    assert.deepEqual(remediesFor(troubleOf(new TypeError('a mistake')), true), ['tryAgain']);
  });
});
