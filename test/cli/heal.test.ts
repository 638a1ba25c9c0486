import assert from 'node:assert/strict';
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { flip } from '../support/damage.js';
import { elapse } from '../support/elapse.js';
import { assertSameTrees, sameInode, sha256sum } from '../support/judges.js';
import { Sandbox, type Published } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';

interface Verified {
  snapshots: number;
  filesChecked: number;
  bytesChecked: number;
  damaged: { snapshot: string; path: string; problem: string }[];
  healed: { snapshot: string; path: string }[];
}

describe('damage in the store', () => {
  let box: Sandbox;
  let source: string;
  let first: Published;
  let second: Published;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({
      'documents/a.txt': 'the first of all files',
      'documents/run.sh': '#!/bin/sh\n',
      'documents/sub/copy.txt': 'the first of all files',
      'documents/sub/deep/c.txt': 'third',
    });
    chmodSync(join(source, 'run.sh'), 0o755);
    symlinkSync('a.txt', join(source, 'link'));
    // Of two names of one content, whichever is stored first gives the stored file its time.
    for (const name of ['a.txt', 'sub/copy.txt']) utimesSync(join(source, name), 1_000_000_000, 1_000_000_000);
    first = backup();
    second = backup();
  });
  afterEach(() => box.dispose());

  describe('that keeps size and time', () => {
    beforeEach(() => flip(join(first.path, 'a.txt')));

    it('is linked by a run that cannot know, found by verify under every name, and linked never again', () => {
      const unaware = backup();
      assert.ok(sameInode(join(unaware.path, 'a.txt'), join(first.path, 'a.txt')));
      const { damaged } = box.json<Verified>(3, 'verify');
      const expected = [first, second, unaware].flatMap(({ id }) => [`${id} a.txt`, `${id} sub/copy.txt`]);
      assert.deepEqual(damaged.map(({ snapshot, path, problem }) => `${snapshot} ${path} ${problem}`).sort(), [
        ...expected.map(name => `${name} content`).sort(),
      ]);

      const next = backup();
      assert.deepEqual(
        next.damaged.map(({ snapshot }) => snapshot),
        [unaware.id, unaware.id],
      );
      assert.equal(next.copiedFiles, 1);
      assert.ok(!sameInode(join(next.path, 'a.txt'), join(first.path, 'a.txt')));
      assertSameTrees(source, next.path);
      const after = backup();
      assert.deepEqual([after.damaged, after.copiedFiles], [[], 0]);
      assert.ok(sameInode(join(after.path, 'a.txt'), join(next.path, 'a.txt')));
      box.json(0, 'verify', after.id);
    });

    it('is no link target for a renamed file either, once it was found', () => {
      box.json(3, 'verify');
      renameSync(join(source, 'a.txt'), join(source, 'renamed.txt'));
      rmSync(join(source, 'sub'), { recursive: true });
      const next = backup();
      assert.ok(next.damaged.length > 0);
      assert.equal(next.copiedFiles, 1);
      assertSameTrees(source, next.path);
      assert.ok(!sameInode(join(next.path, 'renamed.txt'), join(first.path, 'a.txt')));
    });

    it('is forgotten when it is gone, so that no later file is taken for it', () => {
      box.json(3, 'verify');
      assert.match(readFileSync(marks(), 'utf8'), /"a\.txt"/);
      for (const { path } of [first, second]) rmSync(path, { recursive: true });
      backup();
      box.json(0, 'verify');
      assert.ok(!readdirSync(join(box.root, '.phlb')).includes('damaged.json'));
    });

    it('does not stop a run for want of its marks', () => {
      box.json(3, 'verify');
      for (const nonsense of ['', '{', '[]', '{"damaged":[{"inode":7},null,"x"]}', '\0'.repeat(99)]) {
        writeFileSync(marks(), nonsense);
        assert.deepEqual(backup().errors, []);
      }
    });

    it('is healed from the live source, under every name, also in snapshots not asked for', () => {
      const times = timesOf();
      const { damaged, healed } = box.json<Verified>(0, 'verify', second.id, '--heal');
      const names = [first, second].flatMap(({ id }) => [`${id} a.txt`, `${id} sub/copy.txt`]).sort();
      assert.deepEqual(damaged.map(({ snapshot, path }) => `${snapshot} ${path}`).sort(), names);
      assert.deepEqual(healed.map(({ snapshot, path }) => `${snapshot} ${path}`).sort(), names);
      assertWhole();
      assert.ok(sameInode(join(first.path, 'a.txt'), join(second.path, 'sub/copy.txt')), 'they share one inode again');
      assert.equal(lstatSync(join(first.path, 'a.txt')).mode & 0o777, 0o444);
      assert.deepEqual(timesOf(), times);
      const next = backup();
      assert.deepEqual([next.damaged, next.copiedFiles], [[], 0]);
      assert.ok(!readdirSync(join(box.root, '.phlb')).includes('damaged.json'));
      assert.deepEqual(readdirSync(join(box.root, '.phlb/partial')), []);
      const { changes } = record(first.id);
      assert.deepEqual(
        changes?.map(({ kind, paths }) => [kind, paths]),
        [['heal', ['a.txt', 'sub/copy.txt']]],
      );
    });

    it('is healed from a sound copy in the store when the source has it no longer', () => {
      const before = box.path('before');
      cpSync(source, before, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
      box.json(3, 'verify');
      const sound = backup();
      rmSync(source, { recursive: true });
      box.json<Verified>(0, 'verify', '--heal');
      for (const { path } of [first, second, sound]) assertSameTrees(before, path);
      assert.ok(sameInode(join(first.path, 'a.txt'), join(sound.path, 'a.txt')), 'no second copy is kept');
    });

    it('is left, and told, when no sound copy is anywhere', () => {
      rmSync(source, { recursive: true });
      const bad = sha256sum(join(first.path, 'a.txt'));
      const { damaged, healed } = box.json<Verified>(3, 'verify', '--heal');
      assert.deepEqual([damaged.length, healed], [4, []]);
      assert.equal(sha256sum(join(first.path, 'a.txt')), bad);
      assert.equal(record(first.id).changes, undefined);
    });

    it('is not healed with what the source has become since', () => {
      writeFileSync(join(source, 'a.txt'), 'the first of all filez');
      rmSync(join(source, 'sub'), { recursive: true });
      box.json(3, 'verify', '--heal');
    });
  });

  it('of every other kind is healed: missing, cut off, of another type, a link elsewhere, a lost folder', () => {
    const times = timesOf();
    chmodSync(join(first.path, 'run.sh'), 0o755);
    truncateSync(join(first.path, 'run.sh'), 3);
    rmSync(join(first.path, 'a.txt'));
    mkdirSync(join(first.path, 'a.txt'));
    rmSync(join(first.path, 'link'));
    symlinkSync('elsewhere', join(first.path, 'link'));
    rmSync(join(first.path, 'sub'), { recursive: true });
    writeFileSync(join(first.path, 'sub'), 'in the way');
    const { damaged, healed } = box.json<Verified>(0, 'verify', first.id, '--heal');
    assert.deepEqual(
      damaged.filter(({ snapshot }) => snapshot === first.id).map(({ path, problem }) => `${path} ${problem}`),
      [
        'a.txt type',
        'link target',
        'run.sh size',
        'sub type',
        'sub/copy.txt missing',
        'sub/deep missing',
        'sub/deep/c.txt missing',
      ],
    );
    assert.deepEqual(
      damaged.filter(({ snapshot }) => snapshot === second.id).map(({ path, problem }) => `${path} ${problem}`),
      ['run.sh size'],
    );
    assert.equal(healed.length, damaged.length);
    assertWhole();
    assert.deepEqual(timesOf(), times);
    assert.equal(lstatSync(join(first.path, 'run.sh')).mode & 0o777, 0o555);
  });

  it('leaves what is not part of the snapshot, and a full folder in the place of a file', () => {
    writeFileSync(join(first.path, 'sub/stray'), 'mine');
    rmSync(join(first.path, 'a.txt'));
    mkdirSync(join(first.path, 'a.txt'));
    writeFileSync(join(first.path, 'a.txt/precious'), 'mine');
    const { damaged, healed } = box.json<Verified>(3, 'verify', '--heal');
    assert.deepEqual(
      damaged.map(({ path, problem }) => `${path} ${problem}`),
      ['a.txt type', 'sub/stray extra'],
    );
    assert.deepEqual(healed, []);
    assert.equal(readFileSync(join(first.path, 'a.txt/precious'), 'utf8'), 'mine');
    assert.equal(readFileSync(join(first.path, 'sub/stray'), 'utf8'), 'mine');
  });

  it('is not healed through a link that leads out of the tree', () => {
    rmSync(join(first.path, 'sub'), { recursive: true });
    box.write({ 'outside/copy.txt': 'mine', 'outside/deep/': '' });
    symlinkSync(box.path('outside'), join(first.path, 'sub'));
    box.json(0, 'verify', '--heal');
    assertWhole();
    assert.deepEqual([...inventory(box.path('outside')).keys()].sort(), ['', 'copy.txt', 'deep']);
    assert.equal(readFileSync(box.path('outside/copy.txt'), 'utf8'), 'mine');
  });

  it('puts folder times back that an interrupted heal has left', () => {
    const times = timesOf();
    utimesSync(join(first.path, 'sub'), 1, 1);
    utimesSync(first.path, 1, 1);
    box.json(0, 'verify', '--heal');
    assert.deepEqual(timesOf(), times);
  });

  it('is told of each inode once, and a removed snapshot is no damage', () => {
    const told = box.json<Verified>(0, 'verify', first.id, first.id, second.id);
    assert.deepEqual([told.snapshots, told.filesChecked, told.bytesChecked], [2, 8, 22 + 10 + 5]);
    const usage = box.phlb('verify', '--quick', '--heal');
    assert.equal(usage.status, 2);
    assert.match(usage.stderr, /leave --quick out/);
  });

  it('is told in words, and what was healed is', () => {
    flip(join(first.path, 'a.txt'));
    assert.match(box.phlb('verify').stdout, /^content differs +documents\/\S+ +a\.txt\n/);
    const mended = box.phlb('verify', '--heal');
    assert.match(mended.stdout, /^content differs, healed +documents\/\S+ +a\.txt\n/);
    assert.match(mended.stdout, /4 damaged, 4 healed\n$/);
    assert.equal(mended.status, 0);
  });

  // What has not changed is not read by the next one.
  function backup(): Published {
    const snapshot = box.backup(source);
    elapse(box.root);
    return snapshot;
  }

  function marks(): string {
    return join(box.root, '.phlb/damaged.json');
  }

  function record(id: string): { changes?: { kind: string; paths: string[] }[] } {
    return JSON.parse(readFileSync(join(box.root, '.phlb/manifests', `${id}.json`), 'utf8')) as ReturnType<
      typeof record
    >;
  }

  function timesOf(): [string, bigint][] {
    return [first, second].flatMap(({ path }) =>
      [...inventory(path)].map(([name, { mtime }]): [string, bigint] => [name, mtime]),
    );
  }

  function assertWhole(): void {
    for (const { path, id } of [first, second]) {
      assertSameTrees(source, path);
      for (const name of ['a.txt', 'run.sh', 'sub/copy.txt', 'sub/deep/c.txt']) {
        assert.equal(sha256sum(join(path, name)), sha256sum(join(source, name)), `${id} ${name}`);
      }
    }
    box.json(0, 'verify');
    assert.deepEqual(box.json<Verified>(0, 'verify', '--quick').damaged, []);
  }
});
