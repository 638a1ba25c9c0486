import assert from 'node:assert/strict';
import fc from 'fast-check';
import { plainLines, plainText } from '../../src/host/editor/plain-text.js';

// What VS Code parses: messages, progress and prompts (vs/base/common/linkedText.ts), lists and the status bar
// (vs/base/browser/ui/iconLabel/iconLabels.ts).
const LINK = /\[([^\]]+)\]\(((?:https?:\/\/|command:|file:)[^)\s]+)(?: (["'])(.+?)(\3))?\)/i;
const ICON = /(\\)?\$\(([A-Za-z0-9-]+(?:~[A-Za-z]+)?)\)/;
const MARKDOWN_LINK = /\]\(/;
const UNFIT = /[\p{Cc}\p{Bidi_Control}\u2028\u2029]/u;
const pieces = fc.oneof(
  fc.constantFrom(
    '[',
    ']',
    '(',
    ')',
    '](',
    '$(',
    '$',
    'command:',
    'trash',
    '\u2060',
    '\u200b',
    '\u202e',
    '\n',
    ' "x")',
    '\\',
  ),
  fc.string({ unit: 'binary', maxLength: 3 }),
);
const texts = fc.array(pieces, { maxLength: 30 }).map(parts => parts.join(''));

describe('A text from outside', () => {
  it('is no link and no icon when it is shown, else the name of a file runs a command', () => {
    for (const name of [
      '[Pay rent](command:phlb.forgetSource?%5B%22documents%22%5D).md',
      '[a](https://example.org/) [b](file:///etc/passwd "title")',
      ']](command:x) [[y](command:x)',
      '[x]\n(command:y)',
      '[x]\u202e(command:y)',
      '[x]\u0000(command:y)',
      '$(trash) $(sync~spin) \\$(error)',
      '$\u200f(trash)',
    ]) {
      const shown = plainText(name);
      assert.ok(!LINK.test(shown) && !ICON.test(shown), JSON.stringify(shown));
      const composed = plainText(`Restored ${shown}. It is ${shown}(${shown})`);
      assert.ok(!LINK.test(composed) && !ICON.test(composed), JSON.stringify(composed));
    }
  });

  it('is none whatever it is made of, alone or beside another', () => {
    fc.assert(
      fc.property(texts, texts, (one, other) => {
        for (const shown of [plainText(one), plainText(plainText(one) + plainText(other)), plainText(one + other)]) {
          assert.ok(!LINK.test(shown) && !ICON.test(shown) && !MARKDOWN_LINK.test(shown) && !UNFIT.test(shown));
          assert.ok(shown.isWellFormed());
          assert.equal(plainText(shown), shown);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('reads as what it is, else one does not know one’s own files', () => {
    for (const name of [
      'report.md',
      'Übersicht (2) [alt].md',
      'a$b',
      '日本語.txt',
      '100 % & "more" <b>',
      '\u{1f600}.png',
    ]) {
      assert.equal(plainText(name), name);
    }
    assert.equal(plainText('[x](command:y)').replaceAll('\u2060', ''), '[x](command:y)');
    assert.equal(plainText('caf\udce9.md'), 'caf\ufffd.md');
    assert.equal(plainText('two\r\nlines'), 'two lines');
    assert.equal(plainText('gpj\u202eexe'), 'gpj\ufffdexe');
  });

  it('is of bounded length, else an error text fills the window', () => {
    assert.equal(plainText('x'.repeat(1000)), 'x'.repeat(1000));
    for (const text of ['x'.repeat(1001), 'x'.repeat(1e6), '\u{1f600}'.repeat(600), '](  '.repeat(300)]) {
      const shown = plainText(text);
      assert.ok(shown.length <= 1000 && shown.endsWith('…') && shown.isWellFormed(), shown.slice(-10));
      assert.equal(plainText(shown), shown);
    }
    assert.equal(plainLines('a\n[x](command:y)\nb').split('\n').length, 3);
  });
});
