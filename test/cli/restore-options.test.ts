import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { assertSameHardlinks, assertSameTrees } from '../support/judges.js';
import { Sandbox, type Published, type Restored } from '../support/sandbox.js';
import { inventory, makeWritable } from '../support/trees.js';

interface Verified {
  snapshots: number;
  filesChecked: number;
  bytesChecked: number;
  damaged: { snapshot: string; path: string; problem: string }[];
  healed: unknown[];
}

describe('phlb', () => {
  let box: Sandbox;
  let source: string;
  let snapshot: Published;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({
      'documents/a.txt': 'first',
      'documents/sub/b.sh': 'second',
      'documents/sub/deep/c.txt': 'third',
      'documents/empty/': '',
    });
    chmodSync(join(source, 'sub/b.sh'), 0o755);
    chmodSync(join(source, 'empty'), 0o2750);
    linkSync(join(source, 'a.txt'), join(source, 'sub/same.txt'));
    symlinkSync('a.txt', join(source, 'link'));
    utimesSync(join(source, 'sub'), 1_000_000_000.123456, 1_000_000_000.123456);
    snapshot = box.backup(source);
  });
  afterEach(() => box.dispose());

  describe('restore', () => {
    it('brings everything back as it was', () => {
      const told = box.json<Restored>(0, 'restore', 'documents/latest', '--to', 'back');
      assert.deepEqual(told.errors, []);
      assert.deepEqual([told.overwritten, told.deleted, told.safetySnapshot], [[], [], null]);
      const back = box.path('back');
      assertSameTrees(source, back);
      const [was, is] = [inventory(source), inventory(back)];
      assertSameHardlinks(was, is);
      for (const [path, node] of was) {
        assert.deepEqual(
          [is.get(path)?.mode, (is.get(path)?.mtime ?? 0n) / 1000n],
          [node.mode, node.mtime / 1000n],
          path,
        );
      }
      writeFileSync(join(back, 'a.txt'), 'edited in place');
      box.json(0, 'verify');
    });

    it('brings single paths back', () => {
      const told = box.json<Restored>(0, 'restore', snapshot.id, './sub/deep/', 'a.txt', '--to', 'back');
      assert.deepEqual(told.errors, []);
      assert.equal(readFileSync(box.path('back/sub/deep/c.txt'), 'utf8'), 'third');
      assert.equal(readFileSync(box.path('back/a.txt'), 'utf8'), 'first');
      assert.equal(existsSync(box.path('back/sub/b.sh')), false);
      assert.equal(existsSync(box.path('back/empty')), false);
    });

    it('leaves a different file alone, unless --overwrite saves it first', () => {
      box.write({ 'back/a.txt': 'precious' });
      const left = box.json<Restored>(3, 'restore', snapshot.id, '--to', 'back');
      assert.deepEqual(
        left.errors.map(({ path }) => path),
        ['a.txt'],
      );
      assert.equal(readFileSync(box.path('back/a.txt'), 'utf8'), 'precious');
      assert.equal(readFileSync(box.path('back/sub/b.sh'), 'utf8'), 'second');

      const over = box.json<Restored>(0, 'restore', snapshot.id, '--to', 'back', '--overwrite');
      assert.deepEqual(
        over.overwritten.map(({ path }) => path),
        ['a.txt'],
      );
      assert.equal(readFileSync(box.path('back/a.txt'), 'utf8'), 'first');
      assert.ok(over.safetySnapshot !== null);
      box.json(0, 'restore', over.safetySnapshot, '--to', 'saved');
      assert.equal(readFileSync(box.path('saved/a.txt'), 'utf8'), 'precious');
      assert.deepEqual(box.ids(), [snapshot.id], 'a safety snapshot is listed only on request');
      assert.equal(box.ids('--all').length, 2);
    });

    it('puts the source back and keeps what was there', () => {
      writeFileSync(join(source, 'a.txt'), 'ruined');
      rmSync(join(source, 'sub/deep'), { recursive: true });
      const told = box.json<Restored>(0, 'restore', snapshot.id);
      assert.ok(told.safetySnapshot !== null);
      assertSameTrees(source, snapshot.path);
      box.json(0, 'restore', told.safetySnapshot, 'a.txt', '--to', 'saved');
      assert.equal(readFileSync(box.path('saved/a.txt'), 'utf8'), 'ruined');
    });

    it('writes nothing through a symlink', () => {
      box.write({ 'outside/keep': '', 'back/': '' });
      symlinkSync('../outside', box.path('back/sub'));
      const told = box.json<Restored>(3, 'restore', snapshot.id, '--to', 'back');
      assert.ok(told.errors.some(({ path }) => path.startsWith('sub')));
      assert.deepEqual([...inventory(box.path('outside')).keys()], ['', 'keep']);
      assert.equal(readlinkSync(box.path('back/sub')), '../outside');
    });
  });

  describe('verify', () => {
    it('finds nothing wrong with a sound store', () => {
      const told = box.json<Verified>(0, 'verify');
      assert.deepEqual(told, {
        snapshots: 1,
        filesChecked: 4,
        bytesChecked: told.bytesChecked,
        damaged: [],
        healed: [],
      });
      assert.deepEqual(box.json<Verified>(0, 'verify', '--quick').damaged, []);
      assert.match(box.phlb('verify', snapshot.id).stdout, /^Verified 1 snapshot, 4 files, .*: no damage\n$/);
    });

    it('finds changed, missing, added, retyped and retargeted names', () => {
      const stored = (path: string): string => join(snapshot.path, path);
      const changed = stored('sub/b.sh');
      const { atime, mtime } = statSync(changed);
      makeWritable(changed);
      writeFileSync(changed, 'SECOND');
      utimesSync(changed, atime, mtime);
      rmSync(stored('sub/deep/c.txt'));
      writeFileSync(stored('sub/added'), '');
      rmSync(stored('empty'), { recursive: true });
      writeFileSync(stored('empty'), '');
      rmSync(stored('link'));
      symlinkSync('elsewhere', stored('link'));
      const { damaged } = box.json<Verified>(3, 'verify');
      const found = damaged.map(
        ({ snapshot: id, path, problem }) => `${id === snapshot.id ? '' : id}${path} ${problem}`,
      );
      assert.deepEqual(found.sort(), [
        'empty type',
        'link target',
        'sub/added extra',
        'sub/b.sh content',
        'sub/deep/c.txt missing',
      ]);
      const human = box.phlb('verify');
      assert.deepEqual([human.status, human.stdout.split('\n').length], [3, 7]);
    });

    it('finds a changed size quickly, and a backup repairs it for the future only', () => {
      const changed = join(snapshot.path, 'sub/b.sh');
      makeWritable(changed);
      writeFileSync(changed, 'longer than before');
      assert.deepEqual(
        box.json<Verified>(3, 'verify', '--quick').damaged.map(({ path, problem }) => [path, problem]),
        [['sub/b.sh', 'size']],
      );
      const next = box.backupWith(0, source);
      assert.equal(next.published, true);
      assertSameTrees(source, next.path ?? '');
      assert.deepEqual(next.damaged, [{ path: 'sub/b.sh', snapshot: snapshot.id }]);
      assert.equal(readFileSync(changed, 'utf8'), 'longer than before');
    });

    it('tells a tree that has lost a folder', () => {
      rmSync(join(snapshot.path, 'sub'), { recursive: true });
      mkdirSync(join(snapshot.path, 'stray'));
      const { damaged } = box.json<Verified>(3, 'verify', 'documents/latest');
      assert.ok(damaged.some(({ path, problem }) => path === 'sub/b.sh' && problem === 'missing'));
      assert.ok(damaged.some(({ path, problem }) => path === 'stray' && problem === 'extra'));
    });
  });

  it('restores a project that was moved to where it is now', () => {
    const box = new Sandbox();
    try {
      box.write({ 'here/a.txt': 'first' });
      const { id } = box.backup('here', '--name', 'project');
      renameSync(box.path('here'), box.path('there'));
      box.backup('there', '--name', 'project', '--adopt');
      box.write({ 'there/a.txt': 'changed' });
      box.json(0, 'restore', id, 'a.txt');
      assert.equal(readFileSync(box.path('there/a.txt'), 'utf8'), 'first');
      assert.ok(!existsSync(box.path('here')));
    } finally {
      box.dispose();
    }
  });
});
