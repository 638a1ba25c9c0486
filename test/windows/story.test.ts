import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { assertSameTrees, sameInode } from '../support/judges.js';
import { Windows } from './support/windows.js';

const SOURCE = {
  'src/report.txt': 'first\n',
  'src/copy of report.txt': 'first\n',
  'src/Grüße 日本/ä ö.txt': 'umlauts\n',
  'src/secret.key': 'do not keep\n',
  // Larger than what is kept in memory while it is read.
  'src/big.bin': 'x'.repeat(3 << 20),
};

describe('Under Windows', () => {
  let windows: Windows;

  beforeEach(() => (windows = new Windows()));
  afterEach(() => windows.dispose());

  it('a snapshot is the source, and equal files are one, whatever they are called and when they were saved', () => {
    windows.write(SOURCE);
    const first = windows.backup(windows.win('src'));
    assert.equal(first.path, windows.win('bk', first.id));
    assert.equal(first.copiedFiles, 4);
    const tree = windows.path('bk', first.id);
    assertSameTrees(windows.path('src'), tree);

    renameSync(windows.path('src', 'big.bin'), windows.path('src', 'moved.bin'));
    appendFileSync(windows.path('src', 'report.txt'), 'second\n');
    const second = windows.backup(windows.win('src'), '--checksum');
    assertSameTrees(windows.path('src'), windows.path('bk', second.id));
    assert.equal(second.copiedFiles, 1, `only what is new takes room: ${JSON.stringify(second)}`);
    assert.ok(sameInode(`${tree}/big.bin`, windows.path('bk', second.id, 'moved.bin')));

    const seen = windows.ask<{ links: number; inodes: number }>(
      `const tree = ${JSON.stringify(first.path)};
       const one = fs.statSync(tree + '/report.txt'), two = fs.statSync(tree + '/copy of report.txt');
       print({ links: one.nlink, inodes: new Set([one.ino, two.ino]).size })`,
    );
    assert.deepEqual(
      seen,
      { links: 3, inodes: 1 },
      'as Windows counts: two names in the first snapshot, one in the second',
    );
  });

  it('history is looked up, restored, taken back and checked', () => {
    windows.write(SOURCE);
    const { id } = windows.backup(windows.win('src'));
    appendFileSync(windows.path('src', 'report.txt'), 'second\n');
    rmSync(windows.path('src', 'secret.key'));
    const second = windows.backup(windows.win('src'));

    const { changes } = windows.json<{ changes: { path: string; change: string }[] }>(0, 'diff', id, second.id);
    assert.deepEqual(
      changes.map(({ path, change }) => `${change} ${path}`),
      ['modified report.txt', 'removed secret.key'],
    );
    const { matches } = windows.json<{ matches: { path: string }[] }>(0, 'find', '*.key', '--deleted');
    assert.deepEqual(
      matches.map(({ path }) => path),
      ['secret.key'],
    );
    const file = windows.win('src', 'report.txt');
    const { versions } = windows.json<{ versions: { size: number }[] }>(0, 'versions', file);
    assert.deepEqual(
      versions.map(({ size }) => size),
      [13, 6],
    );

    const restored = windows.json<{ created: { path: string }[]; errors: unknown[] }>(0, 'restore', id);
    assert.deepEqual(restored.errors, []);
    assert.deepEqual(restored.created, [{ path: 'secret.key' }]);
    assertSameTrees(windows.path('bk', id), windows.path('src'));
    windows.json(0, 'undo', 'src');
    assertSameTrees(windows.path('bk', second.id), windows.path('src'));
    windows.json(0, 'restore', id, 'Grüße 日本\\ä ö.txt', '--to', windows.win('elsewhere'));
    assert.equal(readFileSync(windows.path('elsewhere', 'Grüße 日本', 'ä ö.txt'), 'utf8'), 'umlauts\n');

    assert.deepEqual(windows.json<{ damaged: unknown[] }>(0, 'verify').damaged, []);
  });

  it('snapshots are removed, and what is left is whole, even with a new index', () => {
    windows.write(SOURCE);
    const ids = [1, 2, 3].map(() => windows.backup(windows.win('src')).id);
    // The index is made when something is asked of it.
    windows.json(0, 'versions', windows.win('src', 'report.txt'));
    windows.json(0, 'purge', '*.key', '--yes');
    assert.ok(ids.every(id => !existsSync(windows.path('bk', id, 'secret.key'))));
    const { deleted } = windows.json<{ deleted: string[] }>(0, 'prune', '--keep-last', '2');
    assert.deepEqual(deleted, [ids[0]]);
    windows.json(0, 'delete', windows.win('bk', ids[1] ?? ''));
    rmSync(windows.path('index'), { recursive: true });
    assert.equal(windows.json<{ snapshots: number }>(0, 'rebuild').snapshots, 1);
    rmSync(windows.path('bk', '.phlb', 'manifests'), { recursive: true });
    assert.equal(windows.json<{ snapshots: number }>(0, 'rebuild', '--rehash').snapshots, 1);
    assert.deepEqual(windows.json<{ damaged: unknown[] }>(0, 'verify').damaged, []);
    rmSync(windows.path('src', 'secret.key'));
    assertSameTrees(windows.path('src'), windows.path('bk', ids[2] ?? ''));
  });
});
