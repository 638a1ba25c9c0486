import * as assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { countLineChanges } from '../../src/host/editor/line-changes.js';

const count = (before: string, after: string): ReturnType<typeof countLineChanges> =>
  countLineChanges(before, after, () => false);

describe('Counting lines that were added and removed', () => {
  it('finds the fewest there can be', async () => {
    const text = fc.array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n'), { maxLength: 12 }).map(lines => lines.join(''));
    await fc.assert(
      fc.asyncProperty(text, text, async (before, after) => {
        const [a, b] = [linesOf(before), linesOf(after)];
        const inCommon = longestCommon(a, b);
        assert.deepEqual(await count(before, after), { added: b.length - inCommon, removed: a.length - inCommon });
      }),
      { numRuns: Number(process.env['PHLB_TEST_RUNS'] ?? 300) },
    );
  });

  it('counts as git does', async () => {
    assert.deepEqual(await count('', 'one\ntwo\n'), { added: 2, removed: 0 });
    assert.deepEqual(await count('one\ntwo\n', 'one\n2\nthree\n'), { added: 2, removed: 1 });
    assert.deepEqual(await count('one\n', 'one'), { added: 1, removed: 1 });
    assert.deepEqual(await count('one\r\n', 'one\n'), { added: 1, removed: 1 });
    assert.deepEqual(await count('same\n', 'same\n'), { added: 0, removed: 0 });
  });

  it('gives texts up that have hardly anything in common but their lines, else a look takes seconds', async () => {
    const lines = Array.from({ length: 20_000 }, (_, at) => `line ${at}\n`);
    assert.equal(await count(lines.join(''), lines.toReversed().join('')), undefined);
    assert.deepEqual(await count(lines.join(''), lines.map(line => `new ${line}`).join('')), {
      added: lines.length,
      removed: lines.length,
    });
  });

  it('can be cancelled', async () => {
    assert.equal(await countLineChanges('a\nb\n', 'b\na\n', () => true), undefined);
  });
});

function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

function longestCommon(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const line of a) {
    const next = [0];
    for (const [at, other] of b.entries()) {
      next.push(line === other ? (row[at] ?? 0) + 1 : Math.max(row[at + 1] ?? 0, next[at] ?? 0));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
