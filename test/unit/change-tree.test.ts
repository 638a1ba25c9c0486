import * as assert from 'node:assert/strict';
import type { Change } from '../../src/engine/index/changes.js';
import { ChangeTree, movedFrom } from '../../src/host/catalog/change-tree.js';

const file = (path: string, change: Change['change'], from?: string): Change => ({
  path,
  change,
  type: 'file',
  ...(from === undefined ? {} : { from }),
});

describe('Changes as a tree', () => {
  const changes: Change[] = [
    { path: '', change: 'metadata', type: 'dir' },
    file('a/b/deep.txt', 'modified'),
    file('a/new.txt', 'moved', 'old.txt'),
    file('dates-only.txt', 'metadata'),
    { path: 'gone', change: 'removed', type: 'dir' },
    file('gone/x.txt', 'removed'),
    { path: 'pipe', change: 'added', type: 'fifo' },
    file('thing', 'modified'),
    file('thing/inside.txt', 'removed'),
  ];
  let tree: ChangeTree;

  before(async () => (tree = await ChangeTree.build(changes, 12)));

  it('holds what has changed under its folders, deleted things too, else nobody finds them', () => {
    const paths = tree.entries('').map(({ path, mark, type }) => `${path} ${mark ?? '-'} ${type}`);
    assert.deepEqual(paths.toSorted(), ['a - dir', 'gone removed dir', 'thing modified file', 'thing removed dir']);
    assert.deepEqual(
      tree.entries('gone').map(({ path }) => path),
      ['gone/x.txt'],
    );
    assert.deepEqual(
      tree.entries('thing').map(({ path }) => path),
      ['thing/inside.txt'],
      'what a folder held is not lost from sight when a file takes its place',
    );
  });

  it('tells a folder with changes below from one without, and where a file was', () => {
    assert.equal(tree.find('a/b')?.hasBelow, true);
    assert.equal(tree.find('a/c'), undefined);
    assert.equal(tree.find('a/new.txt')?.from, 'old.txt');
  });

  it('leaves out what nobody looks for: times and permissions, pipes', () => {
    assert.equal(tree.find('dates-only.txt'), undefined);
    assert.equal(tree.find('pipe'), undefined);
    assert.equal(tree.metadata, 2);
  });

  it('counts files and links by what became of them, without folders and pipes', () => {
    assert.deepEqual(tree.counts, { added: 0, modified: 2, moved: 1, removed: 2, unstored: 0 });
  });

  it('says how many it does not hold, else a missing mark looks like an unchanged file', () => {
    assert.equal(tree.rest, 12 - changes.length);
  });

  it('leaves out what git does to its own files, and says how much that is', async () => {
    const mixed = [...changes, file('.git/index', 'modified'), file('sub/.git/HEAD', 'modified')];
    const whole = await ChangeTree.build(mixed, mixed.length);
    assert.deepEqual(
      [whole.find('.git'), whole.find('sub'), whole.find('thing')?.mark],
      [undefined, undefined, 'modified'],
    );
    assert.deepEqual([whole.rest, whole.inRepositories, whole.metadata], [0, 2, 2]);
    const first = await ChangeTree.build(mixed, mixed.length + 5);
    assert.deepEqual([first.rest, first.inRepositories], [0, 7], 'those of repositories come last');
    const only = await ChangeTree.build([file('.git/index', 'modified')], 1);
    assert.deepEqual([only.isEmpty, only.inRepositories], [true, 1]);
  });

  it('says where a moved file was as short as can be', () => {
    assert.equal(movedFrom('a/new.txt', 'a/old.txt'), 'old.txt');
    assert.equal(movedFrom('a/new.txt', 'old.txt'), 'old.txt');
    assert.equal(movedFrom('new.txt', 'a/old.txt'), 'a/old.txt');
  });
});
