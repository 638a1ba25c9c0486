import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, linkSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertSameTrees, sameInode } from '../support/judges.js';
import { Sandbox, type Published, type Restored } from '../support/sandbox.js';
import { Ground } from './support/ground.js';

/** What `touch -d` takes, and what it stands for. */
const BEFORE_1970 = ['1969-12-31 23:59:58.5', '1969-12-31 23:59:59.999999', '1960-02-29 12:00:00.000001', '1901-12-25'];
const FAR = ['2106-02-07 06:28:15.123457', '2242-01-01 00:00:00.654321', '2400-01-01', '2446-05-10'];
const BEYOND = ['1601-01-01', '9999-12-31 23:59:59', '@9999999999999', '@-9223372036854775808'];

const GROUNDS: [string, string[], (ground: Ground) => string | undefined][] = [
  ['tmpfs', [...BEFORE_1970, ...FAR, ...BEYOND], ground => ground.tmpfs('disk', 'size=64m')],
  ['ext4', [...BEFORE_1970, ...FAR], ground => ground.ext4('disk', 64, '-I', '256')],
  ['XFS', [...BEFORE_1970, ...FAR], ground => ground.xfs('disk', 320, 'bigtime=1')],
  ['Btrfs', [...BEFORE_1970, ...FAR, ...BEYOND], ground => ground.btrfs('disk', 128)],
];

describe('Times far from today', () => {
  let box: Sandbox;
  let ground: Ground;

  beforeEach(() => {
    box = new Sandbox();
    ground = new Ground(box);
  });
  afterEach(() => {
    ground.dispose();
    box.dispose();
  });

  for (const [name, dates, make] of GROUNDS) {
    it(`of files, folders and links on ${name} are in the tree, come back, and are nothing new to the next backup`, function () {
      const disk = make(ground);
      if (disk === undefined) return this.skip();
      const source = join(disk, 'documents');
      const root = join(disk, 'root');
      const names = makeTree(source, dates);
      const times = timesOf(source, names);
      if (dates.includes('@-9223372036854775808'))
        assert.match(times, /-9223372036854775808/, 'they are in the source');
      const first = box.backup(source, '--root', root);
      assert.equal(timesOf(first.path, names), times, 'in the tree');
      assertLooks(root, first, names);

      rmSync(join(source, 'file 0'));
      appendFileSync(join(source, 'file 1'), 'changed');
      touch('2020-02-02', join(source, 'folder 0'), join(source, 'link 0'));
      const { safetySnapshot, errors } = box.json<Restored>(0, 'restore', first.id, '--root', root);
      assert.deepEqual([errors, timesOf(source, names)], [[], times], 'restored in place');
      assert.deepEqual(
        box.json<Restored>(0, 'restore', first.id, '--root', root).safetySnapshot,
        null,
        'nothing is left',
      );
      assert.ok(safetySnapshot !== null);
      box.json<Restored>(0, 'restore', first.id, '--to', join(disk, 'elsewhere'), '--root', root);
      assert.equal(timesOf(join(disk, 'elsewhere'), names), times, 'restored elsewhere');

      const next = box.backup(source, '--root', root);
      assert.deepEqual([next.copiedFiles, next.damaged, timesOf(next.path, names)], [0, [], times]);
      assert.ok(sameInode(join(first.path, 'file 2'), join(next.path, 'file 2')));
      assertSameTrees(source, next.path);
      assert.deepEqual(box.json<{ damaged: object[] }>(0, 'verify', next.id, '--root', root).damaged, []);
    });
  }

  it('that an undo puts back are those of before the restore', () => {
    const source = box.path('documents');
    const names = makeTree(source, BEFORE_1970);
    const first = box.backup(source);
    for (const name of names) touch('1912-06-23 00:00:00.25', join(source, name));
    appendFileSync(join(source, 'file 0'), 'changed');
    touch('1912-06-23 00:00:00.25', join(source, 'file 0'));
    const before = timesOf(source, names);
    box.json<Restored>(0, 'restore', first.id);
    assert.notEqual(timesOf(source, names), before);
    box.json<Restored>(0, 'undo');
    assert.equal(timesOf(source, names), before);
  });

  it('that a heal gives to what it makes again are the recorded ones', () => {
    const source = box.path('documents');
    const names = makeTree(source, BEFORE_1970);
    const first = box.backup(source);
    const times = timesOf(first.path, names);
    for (const name of names.filter(one => !one.startsWith('folder'))) rmSync(join(first.path, name));
    box.json(0, 'verify', '--heal');
    assert.equal(timesOf(first.path, names), times);
  });

  it('that the backup location cannot hold (inodes of 128 bytes) are recorded as it keeps them', function () {
    const root = ground.ext4('disk', 64, '-I', '128');
    if (root === undefined) return this.skip();
    const source = box.path('documents');
    const names = makeTree(source, [...BEFORE_1970, ...FAR, ...BEYOND]);
    const times = timesOf(source, names);
    const first = box.backup(source, '--root', root);
    assertLooks(root, first, names);
    const next = box.backup(source, '--root', root);
    assert.deepEqual([next.copiedFiles, next.damaged], [0, []]);
    box.json<Restored>(0, 'restore', next.id, '--to', box.path('back'), '--root', root);
    assert.equal(timesOf(box.path('back'), names), times, 'the true ones are in the manifest');
  });

  it('that a restore cannot put back are told, each by its path, and the contents are there', function () {
    const disk = ground.ext4('disk', 64, '-I', '128');
    if (disk === undefined) return this.skip();
    const source = box.path('documents');
    makeTree(source, ['2400-01-01', '1980-01-01']);
    const first = box.backup(source);
    const { errors, created } = box.json<Restored>(3, 'restore', first.id, '--to', join(disk, 'back'));
    assert.deepEqual(errors.map(({ path, code }) => `${code} ${path}`).sort(), [
      'ETIME file 0',
      'ETIME folder 0',
      'ETIME folder 0/other name',
      'ETIME link 0',
    ]);
    assert.match(errors[0]?.message ?? '', /2400-01-01.*2038-01-19/);
    assert.equal(created.length, 8);
    assertSameTrees(source, join(disk, 'back'));
  });

  it('leave the folder in which a restore has tried what can be there as old as it was', function () {
    const disk = ground.exfat('disk', 64);
    if (disk === undefined) return this.skip();
    box.write({ 'documents/a': 'a' });
    const { id } = box.backup(box.path('documents'));
    mkdirSync(join(disk, 'above'));
    touch('1969-12-31 23:59:00', join(disk, 'above'));
    const before = timesOf(disk, ['above']);
    box.json<Restored>(0, 'restore', id, '--to', join(disk, 'above/back'), '--dry-run');
    assert.equal(timesOf(disk, ['above']), before);
  });

  /** Every command that reads a manifest understands it, and the tree is what it says. */
  function assertLooks(root: string, { id, source }: Published, names: string[]): void {
    for (const quick of [[], ['--quick']]) {
      assert.deepEqual(box.json<{ damaged: object[] }>(0, 'verify', id, ...quick, '--root', root).damaged, []);
    }
    const { entries } = box.json<{ entries: { path: string; mtime: string }[] }>(0, 'ls', id, '--root', root);
    assert.equal(entries.filter(entry => names.includes(entry.path)).length, names.length);
    for (const { mtime } of entries) assert.match(mtime, /^([+-]\d\d)?\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const found = box.json<{ matches: object[] }>(0, 'find', 'file *', '--root', root).matches;
    assert.equal(found.length, names.filter(name => name.startsWith('file')).length);
    assert.deepEqual(box.json<{ changes: object[] }>(0, 'diff', id, '--root', root).changes, []);
    const { versions } = box.json<{ versions: { mtime: string }[] }>(
      0,
      'versions',
      join(source, 'file 0'),
      '--root',
      root,
    );
    assert.ok(versions.length > 0);
    assert.ok(box.ids('--root', root).includes(id));
  }

  function makeTree(folder: string, dates: string[]): string[] {
    mkdirSync(folder, { recursive: true });
    const names = dates.flatMap((date, n) => {
      writeFileSync(join(folder, `file ${n}`), `of ${date}`);
      chmodSync(join(folder, `file ${n}`), 0o640);
      mkdirSync(join(folder, `folder ${n}`));
      linkSync(join(folder, `file ${n}`), join(folder, `folder ${n}`, 'other name'));
      symlinkSync('nowhere', join(folder, `link ${n}`));
      const made = [`file ${n}`, `folder ${n}`, `link ${n}`];
      for (const name of made) touch(date, join(folder, name));
      return made;
    });
    return names;
  }
});

function touch(date: string, ...paths: string[]): void {
  execFileSync('touch', ['-h', '-d', date, ...paths], { env: { ...process.env, TZ: 'UTC' } });
}

/** `stat` of each: seconds since 1970 with nine digits, floored. */
function timesOf(folder: string, names: string[]): string {
  return execFileSync('stat', ['-c', '%n %.9Y', ...names], { cwd: folder, encoding: 'utf8' });
}
