import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { GrepBlock } from '../../src/engine/grep/found-blocks.js';
import { chosenPaths } from '../../src/engine/scan/chosen-paths.js';
import type { SnapshotInfo, SourceInfo } from '../../src/engine/words/model.js';
import { folderGlob } from '../../src/host/catalog/folder-glob.js';
import { foundLineLabel } from '../../src/host/catalog/found-line-label.js';
import { FoundText, MAX_LINES, MAX_LINES_OF_ONE } from '../../src/host/catalog/found-text.js';
import { StandingSnapshots } from '../../src/host/catalog/standing-snapshots.js';
import { plainPlace, plainText } from '../../src/host/editor/plain-text.js';

const DAY = 86_400_000;
const at = (day: number): string => new Date(Date.UTC(2026, 0, 1) + day * DAY).toISOString();

function block(path: string, [first, last]: [number, number], lines: number, more: Partial<GrepBlock> = {}): GrepBlock {
  const line = (number: number): GrepBlock['lines'][number] => ({
    ...{ line: number, text: `needle ${number}`, cut: false, deleted: false, match: { from: 0, to: 6 } },
  });
  return {
    ...{ type: 'block', source: 'work', path, deleted: false, continues: false },
    ...{ first: `work/${first}`, last: `work/${last}`, firstAt: at(first), lastAt: at(last) },
    lines: Array.from({ length: lines }, (_, index) => line(index + 1)),
    ...more,
  };
}

describe('What a search has found', () => {
  it('stands below its file, the newest version first, in whatever order it came', () => {
    const found = new FoundText();
    found.add(block('b.ts', [3, 5], 1));
    found.add(block('a.ts', [9, 9], 1));
    found.add(block('b.ts', [6, 9], 2));
    found.add(block('b.ts', [0, 2], 1));
    found.add(block('b.ts', [0, 9], 1, { source: 'other' }));
    assert.deepEqual(
      found.files.map(({ source, path, count, versions }) => [source, path, count, versions.map(({ last }) => last)]),
      [
        ['work', 'b.ts', 4, ['work/9', 'work/5', 'work/2']],
        ['work', 'a.ts', 1, ['work/9']],
        ['other', 'b.ts', 1, ['work/9']],
      ],
    );
  });

  it('is one version where it came in parts, gone only if all of it is', () => {
    const found = new FoundText();
    found.add(block('a.ts', [1, 2], 2, { deleted: true, continues: true }));
    assert.equal(found.files[0]?.versions[0]?.deleted, true);
    found.add(block('a.ts', [1, 2], 3));
    const [version, ...others] = found.files[0]?.versions ?? [];
    assert.deepEqual([version?.count, version?.lines.length, version?.deleted, others], [5, 5, false, []]);
  });

  it('is kept within bounds, else a log of millions of lines takes the memory, and hides all other files', () => {
    const found = new FoundText();
    for (let part = 0; part < 3; part++) found.add(block('huge.log', [1, 2], 1000));
    assert.equal(found.files[0]?.versions[0]?.lines.length, MAX_LINES_OF_ONE);
    assert.equal(found.count, 3000);
    assert.ok(!found.isFull);
    for (let file = 0; !found.isFull; file++) found.add(block(`${file}.ts`, [1, 2], 70));
    const kept = found.files.flatMap(({ versions }) => versions.flatMap(({ lines }) => lines)).length;
    assert.equal(kept, MAX_LINES);
    const { count } = found;
    found.add(block('late.ts', [1, 2], 1));
    assert.equal(found.count, count);
  });
});

describe('A line that was found', () => {
  it('shows its match in a narrow side bar, whatever stands before it', () => {
    const label = (text: string, match: string): { label: string; shown: string } => {
      const from = text.indexOf(match);
      const { label, highlight } = foundLineLabel({ text, match: { from, to: from + match.length } });
      return { label, shown: label.slice(...highlight) };
    };
    assert.deepEqual(label('\t\t  return needle;', 'needle'), { label: 'return needle;', shown: 'needle' });
    assert.deepEqual(label(`${'some words '.repeat(30)}needle`, 'needle'), {
      label: '…some words some words needle',
      shown: 'needle',
    });
    assert.deepEqual(label(`${'x'.repeat(90)}needle`, 'needle'), {
      label: `…${'x'.repeat(26)}needle`,
      shown: 'needle',
    });
    assert.equal(label(`needle${'y'.repeat(900)}`, 'needle').label.length, 256);
  });

  it('keeps what stands out where the markup of its text was made plain', () => {
    const pieces = fc.constantFrom('[', ']', '(', '](', '$(', '\t', '\n', '\u202e', '\ud83d', '\ude00', 'é', 'x', ' ');
    const texts = fc.array(pieces, { maxLength: 40 }).map(parts => parts.join(''));
    fc.assert(
      fc.property(texts, texts, texts, (before, inside, after) => {
        const whole = before + inside + after;
        const [from, to] = [plainPlace(whole, before.length), plainPlace(whole, before.length + inside.length)];
        const plain = plainText(whole);
        assert.ok(0 <= from && from <= to && to <= plain.length);
        const bare = (text: string): string => text.replaceAll(/[\u2060\ufffd\s\ud83d\ude00]/g, '');
        assert.equal(bare(plain.slice(from, to)), bare(plainText(inside)));
      }),
    );
  });

  it('is no longer than a label may be, and neither is what stands out', () => {
    const long = 'x'.repeat(5000);
    assert.equal(plainPlace(long, 4000), plainText(long).length);
  });
});

describe('A search in a folder', () => {
  it('means that folder only, whatever its name', () => {
    for (const folder of [
      'src',
      'a b/[id]',
      '{x,y}',
      '!not',
      '*',
      '(group)',
      'what?',
      '+page',
      '@types',
      '#1',
      'ü|ö',
    ]) {
      const chooses = chosenPaths([folderGlob(folder)]);
      assert.ok(chooses(folder, 'file.ts'), folder);
      assert.ok(chooses(`${folder}/deeper`, 'file.ts'), folder);
      assert.ok(!chooses('', 'file.ts'), folder);
      assert.ok(!chooses(`other/${folder}`, 'file.ts'), folder);
      assert.ok(!chooses('x', 'y'), folder);
    }
  });
});

describe('Where something was found', () => {
  const snapshot = (day: number, more: Partial<SnapshotInfo> = {}): SnapshotInfo =>
    ({ id: `work/${day}`, kind: 'snapshot', startedAt: at(day), ...more }) as SnapshotInfo;
  const sourceOf = (...snapshots: SnapshotInfo[]): SourceInfo[] => [
    { name: 'work', source: '/work', local: true, snapshots },
  ];
  const newest = (sources: SourceInfo[]): string | undefined =>
    new StandingSnapshots(sources).newestOf(block('a.ts', [2, 6], 1))?.snapshot.id;

  it('is the newest snapshot of the row that a clean-up has left', () => {
    assert.equal(newest(sourceOf(snapshot(2), snapshot(4), snapshot(6), snapshot(8))), 'work/6');
    assert.equal(newest(sourceOf(snapshot(2), snapshot(4), snapshot(5, { kind: 'safety' }), snapshot(8))), 'work/4');
    assert.equal(newest(sourceOf(snapshot(1), snapshot(2), snapshot(5, { problem: 'unreadable' }))), 'work/2');
    assert.equal(newest(sourceOf(snapshot(1), snapshot(8))), undefined);
    assert.equal(newest([]), undefined);
  });
});
