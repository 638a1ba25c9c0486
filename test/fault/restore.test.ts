import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { assertSameTrees } from '../support/judges.js';
import { CLI, Sandbox, type Restored } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';
import { Ground } from './support/ground.js';
import { seeded, start, startPhlb, until } from './support/processes.js';

describe('a restore that meets trouble', () => {
  let box: Sandbox;
  let ground: Ground;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    ground = new Ground(box);
    source = box.path('documents');
  });
  afterEach(() => {
    ground.dispose();
    box.dispose();
  });

  it('from a snapshot that is deleted meanwhile says so in one line, calls nothing damaged, and leaves no half file', () => {
    box.write(Object.fromEntries(Array.from({ length: 6 }, (_, n) => [`documents/many/${n}.txt`, `content ${n}`])));
    const { id, path } = box.backup(source);
    const preload = ['--require', resolve('test/fault/support/losing-tree.cjs')];
    const { status, stderr } = box.run([process.execPath, ...preload, CLI, 'restore', id, '--to', box.path('to')], {
      PHLB_TEST_TREE: path,
    });
    assert.equal(status, 1, stderr);
    assert.match(stderr, /^phlb: The snapshot was deleted while it was being restored: [^\n]*\n$/);
    const restored = [...inventory(box.path('to'))].filter(([, { type }]) => type === 'file');
    assert.ok(
      restored.every(([name]) => /^(many\/\d|[^/.]+|sub\/[^/.]+)\.\w+$/.test(name)),
      'nothing under a private name',
    );
  });

  /** A source of many files, half of them edited and half of them gone since its snapshot. */
  const spoil = (): void => {
    for (let i = 0; i < 1200; i++) box.write({ [`documents/d${i % 40}/f${i}`]: `content ${i}`.repeat(200) });
    box.backup(source);
    for (let i = 0; i < 1200; i += 2) writeFileSync(join(source, `d${i % 40}/f${i}`), `edited ${i}`);
    for (let i = 1; i < 40; i += 2) rmSync(join(source, `d${i}`), { recursive: true });
    box.write({ 'documents/d0/since/x': 'came since' });
    execFileSync('cp', ['-a', source, box.path('before')]);
  };
  const micros = (folder: string): unknown[] =>
    [...inventory(folder)].map(([path, { mode, mtime }]) => [path, mode, mtime / 1000n]);

  it('killed at any point, is taken back by undo', async () => {
    spoil();
    const random = seeded();
    let killed = 0;
    for (const share of [0.1, random(), random()]) {
      const running = startPhlb(box, 'restore', 'documents/latest', '--delete');
      const made = (): number => readdirSync(source).filter(name => Number(name.slice(1)) % 2 === 1).length;
      let over = false;
      void running.ended.then(() => (over = true));
      await until('some of it is done', () => over || made() > 20 * share, 120_000);
      running.child.kill('SIGKILL');
      if ((await running.ended).signal === 'SIGKILL') killed++;
      const told = box.json<Restored>(0, 'undo');
      assert.deepEqual(told.errors, []);
      assertSameTrees(box.path('before'), source);
      assert.deepEqual(micros(source), micros(box.path('before')));
    }
    assert.ok(killed > 0);
    box.json(0, 'verify');
  });

  it('leaves a repository where names that differ in case only are one, however it is spelt', function () {
    const disk = ground.exfat('card', 32);
    if (disk === undefined) return this.skip();
    box.write({ 'card/project/a.txt': 'one', 'card/project/.git/HEAD': 'first' });
    const project = join(disk, 'project');
    box.backup(project);
    renameSync(join(project, '.git'), join(project, 'git'));
    renameSync(join(project, 'git'), join(project, '.GIT'));
    box.write({ 'card/project/a.txt': 'two', 'card/project/.GIT/HEAD': 'second', 'card/project/.GIT/new': 'new' });
    const told = box.json<Restored>(0, 'restore', 'project/latest', '--delete');
    assert.deepEqual(told.left, [{ path: '.git', reason: 'repository' }]);
    assert.deepEqual([told.overwritten, told.created, told.deleted], [[{ path: 'a.txt' }], [], []]);
    assert.deepEqual(readdirSync(join(project, '.GIT')).sort(), ['HEAD', 'new']);
    assert.equal(readFileSync(join(project, '.GIT/HEAD'), 'utf8'), 'second');
  });

  it('cancelled, leaves whole files, no private ones, and says what to do', async () => {
    spoil();
    const running = startPhlb(box, 'restore', 'documents/latest');
    await until('some of it is done', () => readdirSync(source).includes('d1'), 120_000);
    running.child.kill('SIGINT');
    const { code, said } = await running.ended;
    const names = [...inventory(source)];
    assert.deepEqual(
      names.filter(([path]) => path.includes('.phlb-restore')),
      [],
    );
    for (const [path, { type }] of names) {
      if (type === 'file') assert.match(readFileSync(join(source, path), 'utf8'), /^(edited|content|came)/, path);
    }
    assert.equal(code, 130, said);
    assert.match(said, /phlb undo documents/);
    box.json(0, 'undo');
    assertSameTrees(box.path('before'), source);
  });

  it('leaves a file alone that is being written', async () => {
    box.write({ 'documents/log': '', 'documents/other': 'old' });
    box.backup(source);
    writeFileSync(join(source, 'other'), 'new');
    const log = join(source, 'log');
    const writer = start(box, ['sh', '-c', 'i=0; while :; do i=$((i+1)); echo $i >> "$0"; done', log]);
    try {
      await until('the log grows', () => statSync(log).size > 100);
      const { ino } = statSync(log);
      const told = box.json<Restored>(3, 'restore', 'documents/latest');
      assert.deepEqual([told.overwritten, told.errors.map(({ path }) => path)], [[{ path: 'other' }], ['log']]);
      assert.equal(statSync(log).ino, ino);
    } finally {
      writer.child.kill('SIGKILL');
      await writer.ended;
    }
    const lines = readFileSync(log, 'utf8').trimEnd().split('\n');
    assert.deepEqual(
      lines,
      lines.map((_, i) => String(i + 1)),
      'no line is lost',
    );
  });

  it('works from a backup location that has become read-only', function () {
    const root = ground.tmpfs('store', 'size=16m');
    if (root === undefined) return this.skip();
    box.write({ 'documents/a.txt': 'a', 'documents/sub/b.txt': 'b' });
    box.backup(source, '--root', root);
    ground.remount(root, 'ro');
    box.json(0, 'restore', 'documents/latest', '--to', 'back', '--root', root);
    assertSameTrees(source, box.path('back'));
    writeFileSync(join(source, 'a.txt'), 'edited');
    // Nothing is replaced that cannot be saved first.
    assert.equal(box.phlb('restore', 'documents/latest', '--root', root).status, 1);
    assert.equal(readFileSync(join(source, 'a.txt'), 'utf8'), 'edited');
  });

  it('names what a full disk does not hold, and leaves what was there', function () {
    const target = ground.tmpfs('small', 'size=512k');
    if (target === undefined) return this.skip();
    box.write({
      'documents/big': 'b'.repeat(400_000),
      'documents/bigger': 'c'.repeat(300_000),
      'documents/z': 'small',
    });
    box.backup(source);
    box.write({ 'small/bigger': 'what was there' });
    const told = box.json<Restored>(3, 'restore', 'documents/latest', '--to', target, '--overwrite');
    assert.deepEqual(
      told.errors.map(({ path, code }) => `${path} ${code}`),
      ['bigger ENOSPC'],
    );
    assert.equal(readFileSync(join(target, 'bigger'), 'utf8'), 'what was there');
    assert.deepEqual(readdirSync(target).sort(), ['big', 'bigger', 'z']);
  });

  it('tells beforehand which names another file system cannot hold', function () {
    const target = ground.exfat('stick', 16);
    if (target === undefined) return this.skip();
    box.write({
      'documents/Case': 'the first of a pair',
      'documents/case': 'the second',
      'documents/Dir/x': 'x',
      'documents/dir/y': 'y',
      'documents/what?': 'no name there',
      'documents/plain': 'plain',
    });
    symlinkSync('plain', join(source, 'symlink'));
    const { id } = box.backup(source);
    const plan = box.json<Restored>(3, 'restore', id, '--to', target, '--dry-run');
    assert.deepEqual(readdirSync(target), [], 'nothing is left of the looking');
    assert.deepEqual(plan.errors.map(({ path }) => path).sort(), ['case', 'dir', 'dir/y', 'symlink', 'what?']);
    const told = box.json<Restored>(3, 'restore', id, '--to', target);
    assert.deepEqual(told, plan);
    assert.deepEqual([...inventory(target).keys()].sort(), ['', 'Case', 'Dir', 'Dir/x', 'plain']);
    assert.equal(readFileSync(join(target, 'Case'), 'utf8'), 'the first of a pair');
    // What cannot be kept there is no difference.
    const again = box.json<Restored>(3, 'restore', id, '--to', target);
    assert.deepEqual([again.created, again.overwritten, again.unchanged], [[], [], 3]);
    // Another spelling of what the snapshot holds is not deleted.
    writeFileSync(join(target, 'extra'), '');
    const deleted = box.json<{ deleted: { path: string }[] }>(3, 'restore', id, '--to', target, '--delete').deleted;
    assert.deepEqual(deleted, [{ path: 'extra' }]);
    assert.ok(statSync(join(target, 'CASE')).isFile());
  });

  it('does not follow a folder that becomes a symlink meanwhile', async () => {
    spoil();
    mkdirSync(box.path('outside'));
    const running = startPhlb(box, 'restore', 'documents/latest');
    await until('some of it is done', () => readdirSync(source).includes('d1'), 120_000);
    let swapped = 0;
    for (const name of ['d38', 'd39', 'd37']) {
      try {
        rmSync(join(source, name), { recursive: true, force: true });
        symlinkSync('../outside', join(source, name));
        swapped++;
      } catch {
        continue;
      }
    }
    await running.ended;
    assert.deepEqual(readdirSync(box.path('outside')), [], `${swapped} swapped`);
  });
});
