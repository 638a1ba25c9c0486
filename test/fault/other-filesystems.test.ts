import assert from 'node:assert/strict';
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { elapse } from '../support/elapse.js';
import { assertSameTrees, sameInode } from '../support/judges.js';
import { Sandbox } from '../support/sandbox.js';
import { Ground } from './support/ground.js';
import { leftovers, longFile, startPhlb, until } from './support/processes.js';

describe('A backup location', () => {
  let box: Sandbox;
  let ground: Ground;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    ground = new Ground(box);
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'first', 'documents/sub/b.txt': 'second', 'documents/sub/same.txt': 'second' });
    box.write({ 'documents/large.bin': 'x'.repeat(3 << 20) });
    chmodSync(join(source, 'sub/b.txt'), 0o755);
  });
  afterEach(() => {
    ground.dispose();
    box.dispose();
  });

  it('on another device than the source is a root like any other', function () {
    const root = ground.tmpfs('disk', 'size=64m');
    if (root === undefined) return this.skip();
    const first = box.backup(source, '--root', root);
    const next = box.backup(source, '--root', root);
    for (const { path } of [first, next]) assertSameTrees(source, path);
    assert.ok(sameInode(join(first.path, 'large.bin'), join(next.path, 'large.bin')));
  });

  it('that holds no time after 2038 records those that it has, else untouched files would count as damaged', async function () {
    const root = ground.xfs('disk', 320, 'bigtime=0');
    if (root === undefined) return this.skip();
    for (const year of [1950, 1980, 2000, 2020, 2037, 2039, 2100]) {
      // Several of each, so that the store's ways are known by then.
      for (let n = 0; n < 4; n++) {
        box.write({ [`documents/${year}-${n}`]: `${year} ${n}` });
        const seconds = Date.UTC(year, 5, 1) / 1000 + n + 0.123457;
        utimesSync(join(source, `${year}-${n}`), seconds, seconds);
      }
    }
    const first = box.backup(source, '--root', root);
    elapse(root);
    assert.equal(lstatSync(join(first.path, '2100-0')).mtime.getUTCFullYear(), 2038, 'cut off');
    assert.equal(lstatSync(join(first.path, '2020-0')).mtimeMs, lstatSync(join(source, '2020-0')).mtimeMs);
    const next = box.backup(source, '--root', root);
    // What is younger than the run is read again.
    assert.deepEqual([next.unchangedFiles + next.linkedFiles, next.copiedFiles, next.damaged], [32, 0, []]);
    box.json(0, 'verify', '--root', root);
  });

  it('on exFAT, which has no hardlinks, holds full copies, says so, and all else works', async function () {
    const root = ground.exfat('disk', 64);
    if (root === undefined) return this.skip();
    const { status, stderr } = box.phlb('backup', source, '--root', root, '--quiet');
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^phlb: The backup location has no hardlinks[^\n]*\n$/);
    elapse(root);
    const next = box.backup(source, '--root', root);
    assert.deepEqual([next.files, next.copiedFiles, next.damaged], [4, 4, []]);
    const ids = box.ids('--root', root);
    assert.equal(ids.length, 2);
    for (const id of ids) assertSameTrees(source, join(root, id));
    const { entries } = box.json<{ entries: { path: string; mode: string }[] }>(0, 'ls', next.id, '--root', root);
    assert.deepEqual(
      entries.map(({ path, mode }) => [path, mode.slice(-3)]),
      [
        ['a.txt', '644'],
        ['large.bin', '644'],
        ['sub', '755'],
        ['sub/b.txt', '755'],
        ['sub/same.txt', '644'],
      ],
      'the true modes are in the manifest',
    );
    box.json(0, 'verify', '--root', root);
    box.json(0, 'restore', next.id, '--to', box.path('back'), '--root', root);
    assertSameTrees(source, box.path('back'));
    assert.equal(lstatSync(box.path('back/sub/b.txt')).mode & 0o777, 0o755);

    writeFileSync(join(source, 'a.txt'), 'changed');
    const { changes } = box.json<{ changes: object[] }>(0, 'diff', next.id, '--root', root);
    assert.deepEqual(changes, [{ path: 'a.txt', change: 'modified' }]);
    const last = box.backup(source, '--root', root);
    const versions = box.json<{ versions: { snapshot: string }[] }>(
      0,
      'versions',
      join(source, 'a.txt'),
      '--root',
      root,
    );
    assert.deepEqual(
      versions.versions.map(({ snapshot }) => snapshot),
      [last.id, ids[0]],
    );
    const { matches } = box.json<{ matches: { path: string }[] }>(0, 'find', '*.bin', '--root', root);
    assert.deepEqual(
      matches.map(({ path }) => path),
      ['large.bin'],
    );
    writeFileSync(join(last.path, 'sub/b.txt'), 'SECOND');
    box.json(0, 'verify', '--heal', '--root', root);
    assertSameTrees(source, last.path);
    box.json(0, 'prune', '--keep-last', '1', '--root', root);
    assert.deepEqual(box.ids('--root', root), [last.id]);
    box.json(0, 'verify', '--root', root);
  });

  it('on exFAT is locked all the same: six at once make six snapshots', async function () {
    const root = ground.exfat('disk', 128);
    if (root === undefined) return this.skip();
    const runs = Array.from({ length: 6 }, () => startPhlb(box, 'backup', 'documents', '--root', root));
    for (const run of runs) assert.equal((await run.ended).code, 0, run.said());
    assert.equal(new Set(box.ids('--root', root)).size, 6);
    longFile(join(source, 'large.bin'), 60);
    const dead = startPhlb(box, 'backup', 'documents', '--root', root);
    await until('a run under way', () => leftovers(root).length > 0);
    dead.child.kill('SIGKILL');
    await dead.ended;
    longFile(join(source, 'large.bin'), 1);
    assertSameTrees(source, box.backup(source, '--root', root).path);
    assert.deepEqual(readdirSync(join(root, '.phlb')).sort(), ['manifests', 'partial', 'store.json']);
  });

  it('on NTFS, which has hardlinks but no modes, shares equal files and takes none for damaged', function () {
    const root = ground.ntfs('disk', 64);
    if (root === undefined) return this.skip();
    const first = box.backup(source, '--root', root);
    chmodSync(join(source, 'sub/b.txt'), 0o644);
    renameSync(join(source, 'sub'), join(source, 'moved'));
    const next = box.backup(source, '--root', root);
    assert.deepEqual([next.damaged, next.copiedFiles], [[], 0]);
    assert.ok(sameInode(join(first.path, 'sub/same.txt'), join(next.path, 'moved/b.txt')));
    for (const { path } of [first, next]) box.json(0, 'verify', path, '--root', root);
    assertSameTrees(source, next.path);
  });

  it('that a killed run has left a probe in still has hardlinks', () => {
    box.backup(source);
    for (const name of ['probe', 'probe-link', 'probe-symlink']) {
      writeFileSync(join(box.root, '.phlb/partial', name), '');
    }
    assert.equal(box.backup(source).copiedFiles, 0);
    assert.deepEqual(leftovers(box.root), []);
  });

  it('whose folder of runs in progress was cleared away by hand is used on', () => {
    box.backup(source);
    renameSync(join(box.root, '.phlb/partial'), box.path('away'));
    assert.equal(box.backup(source).copiedFiles, 0);
  });

  it('that killed processes have left drafts in is tidied, but for the drafts of living ones', () => {
    box.backup(source);
    const home = join(box.root, '.phlb');
    const names = ['lock.0123456789abcdef01234567', 'takeover-0123456789abcdef01234567', 'store.json.0123456789ab.new'];
    for (const name of names) {
      writeFileSync(join(home, name), '');
      utimesSync(join(home, name), 1_000_000_000, 1_000_000_000);
    }
    mkdirSync(join(home, 'takeover-abc'));
    writeFileSync(join(home, 'lock.abc'), '');
    box.backup(source);
    assert.deepEqual(readdirSync(home).sort(), ['lock.abc', 'manifests', 'partial', 'store.json', 'takeover-abc']);
  });
});

describe('A source whose inode numbers are made up anew at each mount (exFAT)', () => {
  it('is read once, which is said, and from then on no longer', async function () {
    const box = new Sandbox();
    const ground = new Ground(box);
    try {
      const source = ground.exfat('stick', 64);
      if (source === undefined) return this.skip();
      for (let i = 0; i < 20; i++) box.write({ [`stick/file ${i}`]: `content ${i}` });
      ground.unmount(source);
      remount(false);
      const first = box.phlb('backup', 'stick', '--quiet');
      assert.deepEqual(first, { status: 0, stdout: '', stderr: '' });
      elapse(box.root);
      remount(true);
      const { status, stderr } = box.phlb('backup', 'stick', '--quiet');
      assert.equal(status, 0);
      assert.match(stderr, /^phlb: Inode numbers are not stable[^\n]*\n$/);
      elapse(box.root);
      remount(false);
      const third = box.backupWith(0, source);
      assert.equal(third.unchangedFiles, 20);
      elapse(box.root);
      remount(true);
      assert.equal(box.backupWith(0, source, '--skip-unchanged').published, false);
      assertSameTrees(source, third.path ?? '');
    } finally {
      ground.dispose();
      box.dispose();
    }

    // The driver numbers files in the order in which they are met.
    function remount(backwards: boolean): void {
      const folder = box.path('stick');
      if (readdirSync(folder).length > 0) ground.unmount(folder);
      ground.mountAgain('stick');
      const names = Array.from({ length: 20 }, (_, i) => join(folder, `file ${i}`));
      for (const name of backwards ? names.reverse() : names) readFileSync(name);
    }
  });
});
