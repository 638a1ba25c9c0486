import assert from 'node:assert/strict';
import { jsonDocument } from '../../src/cli/json.js';
import { progressBar, progressLine } from '../../src/cli/progress.js';
import { parseSize } from '../../src/cli/rules.js';
import { localTime, printable, size, table } from '../../src/cli/text.js';
import { PhlbError } from '../../src/engine/words/errors.js';

describe('what the command line prints', () => {
  it('lets no file name steer the terminal', () => {
    assert.equal(printable('a\x1b[31m\n\u202e\udcff\x7f é日😀'), 'a\\x1b[31m\\n\\u202e\\xff\\x7f é日😀');
  });

  it('gives sizes in three digits', () => {
    assert.deepEqual([0, 1023, 1024, 1536, 10_240, 1_048_575, 1_048_576, 5 * 1024 ** 4].map(size), [
      '0 B',
      '1023 B',
      '1.0 KiB',
      '1.5 KiB',
      '10 KiB',
      '1.0 MiB',
      '1.0 MiB',
      '5.0 TiB',
    ]);
  });

  it('gives times in local time', () => {
    const local = new Date(2016, 0, 7, 8, 52, 47);
    assert.equal(localTime(local.toISOString()), '2016-01-07 08:52:47');
    assert.equal(localTime('nonsense'), 'nonsense');
  });

  it('aligns columns', () => {
    assert.deepEqual(
      table(
        [
          ['a', '1', 'x'],
          ['long', '22', ''],
        ],
        [1],
      ),
      ['a      1  x', 'long  22'],
    );
  });

  it('keeps a progress bar within the terminal', () => {
    const progress = { phase: 'scanning', files: 1234, bytes: 1 << 20, totalFiles: 5000 } as const;
    assert.equal(progressLine(progress), 'Backing up, 1,234 of 5,000 files, 1.0 MiB');
    assert.match(progressBar(progress, 200), /^\[#{5}\.{15}\] {2}24% Backing up/);
    assert.equal(progressBar(progress, 20).length, 19);
  });

  it('keeps the exact bytes of names in JSON', () => {
    const document: unknown = JSON.parse(jsonDocument({ errors: [{ path: 'a\udcff', code: 'X' }], plain: 'é' }));
    assert.deepEqual(document, { errors: [{ path: 'a\ufffd', pathBase64: 'Yf8=', code: 'X' }], plain: 'é' });
  });

  it('understands sizes', () => {
    assert.deepEqual(['0', '512', '10k', '1.5G', '2TiB', '3MB', 'none'].map(parseSize), [
      0,
      512,
      10_240,
      1.5 * 1024 ** 3,
      2 * 1024 ** 4,
      3 * 1024 ** 2,
      null,
    ]);
    for (const wrong of ['', 'k', '-1', '1x', '1e9', '99999999T']) {
      assert.throws(
        () => parseSize(wrong),
        error => PhlbError.is(error, 'usage'),
      );
    }
  });
});
