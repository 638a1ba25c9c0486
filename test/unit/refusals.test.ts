import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { passUnforeseen, PhlbError, refusalCode, unlessRefused } from '../../src/engine/words/errors.js';

describe('What the system refuses', () => {
  const missing = (): string => readFileSync('/nowhere/at/all', 'utf8');
  const throws = (error: Error) => (): never => {
    throw error;
  };

  it('is passed over where it was foreseen, and nowhere else', () => {
    assert.equal(unlessRefused(missing), undefined);
    assert.equal(unlessRefused(missing, 'ENOTDIR', 'ENOENT'), undefined);
    assert.throws(() => unlessRefused(missing, 'EACCES'), { code: 'ENOENT' });
    assert.equal(
      unlessRefused(() => 'text'),
      'text',
    );
  });

  it('is no mistake of PHLB, no lack of open files and no error of its own: those are never passed over', () => {
    const tooMany = Object.assign(new Error('too many'), { code: 'EMFILE' });
    for (const error of [new TypeError('a mistake'), tooMany, PhlbError.cancelled()]) {
      assert.throws(() => unlessRefused(throws(error)), error);
      assert.throws(() => passUnforeseen(error), error);
      assert.throws(() => refusalCode(error), error);
    }
    assert.throws(() => unlessRefused(() => readdirSync(1 as unknown as string)), { code: 'ERR_INVALID_ARG_TYPE' });
    for (const error of [new SyntaxError('nonsense'), new PhlbError('damaged', 'nonsense')]) {
      passUnforeseen(error);
      assert.throws(() => unlessRefused(throws(error)), error);
    }
  });
});
