import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { afterwards } from '../../src/engine/files/afterwards.js';
import { HeldFolder } from '../../src/engine/files/held-folder.js';
import { Looks } from '../../src/engine/files/ways-in.js';
import { passUnforeseen, PhlbError, reason, refusalCode, unlessRefused } from '../../src/engine/words/errors.js';

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

  it('is never the reason of a path where files cannot be opened, else a sound folder is called unreadable', async () => {
    for (const code of ['EMFILE', 'ENFILE']) {
      const tooMany = Object.assign(new Error(`${code}: too many open files, open '/a/folder'`), { code });
      assert.throws(() => reason(tooMany), { code: 'tooManyFiles', message: `Too many open files (${code})` });
      const way = Object.assign(new Looks('/tmp'), { folder: throws(tooMany) });
      assert.throws(() => HeldFolder.open('/tmp', undefined, way), { code: 'tooManyFiles' });
      const notes: string[] = [];
      await afterwards(notes, 'Nothing was removed', throws(tooMany));
      assert.deepEqual(notes, [`Nothing was removed (Too many open files (${code}))`]);
    }
  });
});
