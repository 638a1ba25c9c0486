import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import fc from 'fast-check';
import { runProgram } from '../support/run-program.js';
import { Sandbox } from '../support/sandbox.js';

interface Match {
  type: string;
  path: string;
  first: string;
  last: string;
  deleted: boolean;
  line: number;
  text: string;
}

/** Each with what grep itself is given for it. */
const PATTERNS: { phlb: string[]; grep: string[] }[] = [
  { phlb: ['-s', 'foo'], grep: ['-F', 'foo'] },
  { phlb: ['foo'], grep: ['-iF', 'foo'] },
  { phlb: ['-F', 'o.b'], grep: ['-iF', 'o.b'] },
  { phlb: ['-s', 'o.b'], grep: ['-E', 'o.b'] },
  { phlb: ['-w', 'foo'], grep: ['-iwF', 'foo'] },
  { phlb: ['-ws', 'fo+|bar'], grep: ['-wE', 'fo+|bar'] },
  { phlb: ['-s', '^(foo|bar)+$'], grep: ['-E', '^(foo|bar)+$'] },
  { phlb: ['[a-f]+ *bar|k'], grep: ['-iE', '[a-f]+ *bar|k'] },
  { phlb: ['-s', 'B[^o]*o'], grep: ['-E', 'B[^o]*o'] },
  { phlb: ['^$'], grep: ['-E', '^$'] },
  { phlb: ['a*'], grep: ['-E', 'a*'] },
  { phlb: ['(fo){2,}|r b?a'], grep: ['-iE', '(fo){2,}|r b?a'] },
];

const line = fc
  .array(fc.constantFrom('foo', 'Foo', 'bar', 'BAR', 'fo', 'b', ' ', 'o.b', 'k', '_', 'ä'), { maxLength: 5 })
  .map(parts => parts.join(''));
const content = fc
  .tuple(fc.array(line, { maxLength: 6 }), fc.boolean())
  .map(([lines, ends]) => lines.join('\n') + (ends ? '\n' : ''));
const path = fc.constantFrom('a.ts', 'b.ts', 'sub/a.ts', 'sub/deep/c', 'sub/link');
const edit = fc.oneof(
  { weight: 4, arbitrary: fc.record({ path, content }) },
  { weight: 1, arbitrary: fc.record({ path, content: fc.constant(null) }) },
);
const history = fc.record({
  states: fc.array(fc.array(edit, { minLength: 1, maxLength: 5 }), { minLength: 2, maxLength: 5 }),
  /** of the snapshots, taken away by hand */
  removed: fc.option(fc.nat({ max: 3 }), { nil: null }),
  after: fc.array(edit, { maxLength: 3 }),
  patterns: fc.uniqueArray(fc.nat({ max: PATTERNS.length - 1 }), { minLength: 3, maxLength: 5 }),
});

const RUNS = Number(process.env['PHLB_TEST_RUNS'] ?? 12);

describe('phlb grep in any history', function () {
  this.timeout(RUNS * 20_000);

  it('finds all that grep finds in the trees, and nothing else', () => {
    fc.assert(
      fc.property(history, ({ states, removed, after, patterns }) => {
        const box = new Sandbox();
        try {
          const source = box.path('documents');
          mkdirSync(source);
          let ids = states.map(edits => {
            apply(source, edits);
            return box.backup('documents').id;
          });
          const gone = removed === null || ids.length < 2 ? undefined : ids[removed % ids.length];
          if (gone !== undefined) rmSync(join(box.root, gone), { recursive: true });
          ids = ids.filter(id => id !== gone);
          apply(source, after);
          for (const at of patterns) {
            const pattern = PATTERNS[at] ?? assert.fail();
            const found = matchesOf(box, pattern.phlb);
            const everywhere = found.flatMap(match =>
              ids
                .slice(ids.indexOf(match.first), ids.indexOf(match.last) + 1)
                .map(id => `${id}/${match.path}:${match.line}:${match.text}`),
            );
            const judged = grepIn(box.root, 'documents', pattern.grep);
            assert.deepEqual(everywhere.sort(), judged.sort(), pattern.phlb.join(' '));
            for (const match of found) {
              assert.equal(match.deleted, isLost(source, match), `${match.path}:${match.line}:${match.text}`);
            }
            const lost = matchesOf(box, ['--deleted', ...pattern.phlb]);
            assert.deepEqual(
              lost,
              found.filter(({ deleted }) => deleted),
            );
          }
        } finally {
          box.dispose();
        }
      }),
      { seed: 20160107, numRuns: RUNS, endOnFailure: true },
    );
  });
});

function matchesOf(box: Sandbox, pattern: string[]): Match[] {
  const { status, stdout, stderr } = box.phlb('grep', '--json', ...pattern);
  assert.equal(status, 0, stderr);
  const lines = stdout
    .trim()
    .split('\n')
    .map(one => JSON.parse(one) as Match);
  return lines.filter(({ type }) => type === 'match');
}

function grepIn(root: string, folder: string, pattern: string[]): string[] {
  const { stdout } = runProgram('grep', ['-rnZ', ...pattern, folder], { cwd: root, env: { LC_ALL: 'C.UTF-8' } });
  return stdout
    .split('\n')
    .filter(one => one !== '')
    .map(one => one.replace('\0', ':'));
}

function isLost(source: string, { path: name, text }: Match): boolean {
  const file = join(source, name);
  if (!existsSync(file) || !statSync(file).isFile()) return true;
  return !readFileSync(file, 'utf8').split('\n').includes(text);
}

function apply(source: string, edits: { path: string; content: string | null }[]): void {
  for (const { path: name, content: text } of edits) {
    const file = join(source, name);
    assert.ok(!relative(source, file).startsWith('..'));
    mkdirSync(dirname(file), { recursive: true });
    if (text === null) rmSync(file, { force: true });
    else writeFileSync(file, text);
  }
}
