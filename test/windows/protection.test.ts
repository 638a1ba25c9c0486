import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs';
import { assertSameTrees } from '../support/judges.js';
import { Windows } from './support/windows.js';

describe('The read-only attribute of stored files, under Windows', () => {
  let windows: Windows;

  beforeEach(() => (windows = new Windows()));
  afterEach(() => windows.dispose());

  /** Whether an editor that opens the stored file could write into it, and so into every snapshot. */
  function isWritable(id: string, path: string): boolean {
    return (statSync(windows.path('bk', id, path)).mode & 0o200) !== 0;
  }

  it('is taken away by Windows with one of several names, which is what the next tests are about', () => {
    const modes = windows.ask<string[]>(`
      const mode = name => fs.statSync(name).mode.toString(8);
      fs.writeFileSync('one', 'text', { mode: 0o444 });
      fs.linkSync('one', 'two');
      const before = mode('one');
      fs.unlinkSync('two');
      print([before, mode('one')])`);
    assert.deepEqual(modes, ['100444', '100666']);
  });

  it('is there again after a prune, a delete and a purge, else an editor could rewrite what is left', () => {
    windows.write({
      'src/a.txt': 'a\n',
      'src/sub/b.txt': 'b\n',
      'other/b elsewhere.txt': 'b\n',
      'src/loose.txt': 'c\n',
    });
    windows.write({ 'other/kept.key': 'c\n' });
    const ids = [1, 2, 3].map(() => windows.backup(windows.win('src')).id);
    const [, second = '', third = ''] = ids;
    const other = windows.backup(windows.win('other')).id;
    const stands = (): boolean[] =>
      (
        [
          [third, 'a.txt'],
          [third, 'sub/b.txt'],
          [other, 'b elsewhere.txt'],
          [other, 'kept.key'],
        ] as const
      ).map(one => isWritable(one[0], one[1]));
    windows.json(0, 'prune', 'src', '--keep-last', '2');
    assert.deepEqual(stands(), [false, false, false, false], 'after prune');
    windows.json(0, 'purge', 'loose.txt', '--yes');
    assert.ok(!existsSync(windows.path('bk', third, 'loose.txt')));
    assert.deepEqual(stands(), [false, false, false, false], 'after purge');
    windows.json(0, 'delete', second, third);
    assert.deepEqual(
      [isWritable(other, 'b elsewhere.txt'), isWritable(other, 'kept.key')],
      [false, false],
      'after delete',
    );
  });

  it('is there again after what a killed run has left was cleared away', () => {
    windows.write({ 'src/a.txt': 'a\n' });
    const { id } = windows.backup(windows.win('src'));
    // As a run that was killed leaves it: a tree with names of stored files.
    const dead = windows.path('bk', '.phlb', 'partial', 'dead', 'tree');
    mkdirSync(dead, { recursive: true });
    windows.ask(`fs.linkSync(${JSON.stringify(windows.win('bk', id, 'a.txt'))},
      ${JSON.stringify(windows.win('bk', '.phlb', 'partial', 'dead', 'tree', 'x'))}); print(1)`);
    windows.backup(windows.win('src'));
    assert.ok(!existsSync(dead));
    assert.equal(isWritable(id, 'a.txt'), false);
  });

  it('keeps nothing from being mended: a heal replaces the damaged file, and the good one stays read-only', () => {
    windows.write({ 'src/a.txt': 'sound\n', 'src/b.txt': 'sound too\n' });
    const { id } = windows.backup(windows.win('src'));
    const { mtimeMs } = statSync(windows.path('bk', id, 'a.txt'));
    windows.ask(`const file = ${JSON.stringify(windows.win('bk', id, 'a.txt'))};
      fs.chmodSync(file, 0o600); fs.writeFileSync(file, 'xxxxx\\n'); fs.utimesSync(file, ${mtimeMs / 1000}, ${mtimeMs / 1000});
      fs.chmodSync(file, 0o444); print(1)`);
    const { healed } = windows.json<{ healed: unknown[] }>(0, 'verify', '--heal');
    assert.deepEqual(healed, [{ snapshot: id, path: 'a.txt' }]);
    assertSameTrees(windows.path('src'), windows.path('bk', id));
    assert.deepEqual([isWritable(id, 'a.txt'), isWritable(id, 'b.txt')], [false, false]);
  });

  it('keeps no large file out of the snapshot whose content is known already', () => {
    windows.write({ 'src/big.bin': 'x'.repeat(3 << 20) });
    windows.backup(windows.win('src'));
    renameSync(windows.path('src', 'big.bin'), windows.path('src', 'moved.bin'));
    const { linkedFiles, id } = windows.backup(windows.win('src'));
    assert.equal(linkedFiles, 1);
    assert.equal(isWritable(id, 'moved.bin'), false);
  });

  it('comes back with the user’s own read-only files, and keeps none of them from being restored over', () => {
    windows.write({ 'src/mine.txt': 'mine\n', 'src/gone.txt': 'gone\n' });
    windows.ask(`for (const name of ['mine', 'gone']) fs.chmodSync('src/' + name + '.txt', 0o444); print(1)`);
    const { id } = windows.backup(windows.win('src'));
    windows.ask(`fs.chmodSync('src/mine.txt', 0o600); fs.writeFileSync('src/mine.txt', 'changed\\n');
      fs.chmodSync('src/mine.txt', 0o444); fs.unlinkSync('src/gone.txt'); print(1)`);
    const result = windows.json<{ overwritten: unknown[]; created: unknown[]; errors: unknown[] }>(0, 'restore', id);
    assert.deepEqual(result.errors, []);
    assert.deepEqual([result.overwritten, result.created], [[{ path: 'mine.txt' }], [{ path: 'gone.txt' }]]);
    for (const [name, text] of [
      ['mine.txt', 'mine\n'],
      ['gone.txt', 'gone\n'],
    ] as const) {
      assert.equal(readFileSync(windows.path('src', name), 'utf8'), text);
      assert.equal(statSync(windows.path('src', name)).mode & 0o222, 0, name);
    }
  });
});
