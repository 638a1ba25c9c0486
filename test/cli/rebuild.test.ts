import assert from 'node:assert/strict';
import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertMtreeAgrees, assertSameTrees, installed, sameInode } from '../support/judges.js';
import { write1xBackup, write2016Backup, writeFirstBackup } from '../support/old-backups.js';
import { Sandbox } from '../support/sandbox.js';

interface Rebuilt {
  snapshots: number;
  entries: number;
  errors: { path: string; code: string; message: string }[];
}
interface Damaged {
  damaged: { snapshot: string; path: string; problem: string }[];
}

const OLD = {
  'letter.txt': 'an old letter\n'.repeat(200),
  'sub/list.md': '- one\n- two\n'.repeat(200),
  'sub/tiny': 'x',
};

describe('rebuild', () => {
  let box: Sandbox;
  beforeEach(() => (box = new Sandbox()));
  afterEach(() => box.dispose());

  it('makes the index again, which then finds the same duplicates', () => {
    box.write({ 'documents/a.txt': 'content of a', 'documents/sub/b.txt': 'content of b' });
    const first = box.backup('documents');
    const rebuilt = box.json<Rebuilt>(0, 'rebuild');
    assert.deepEqual(rebuilt, { snapshots: 1, entries: 3, errors: [] });
    renameSync(box.path('documents/a.txt'), box.path('documents/renamed.txt'));
    const second = box.backup('documents');
    assert.equal(second.copiedFiles, 0);
    assert.ok(sameInode(join(first.path, 'a.txt'), join(second.path, 'renamed.txt')));
  });

  it('says which manifest it cannot read, and mends it from the tree with --rehash', () => {
    box.write({ 'documents/a.txt': 'content of a', 'documents/empty/': '' });
    const { id, path } = box.backup('documents', '--label', 'before the move');
    writeFileSync(box.manifest(id), 'garbage');
    const told = box.json<Rebuilt>(3, 'rebuild');
    assert.deepEqual([told.snapshots, told.errors.map(e => e.path)], [0, [id]]);
    assert.deepEqual(box.json<Rebuilt>(0, 'rebuild', '--rehash'), { snapshots: 1, entries: 2, errors: [] });
    assertMtreeAgrees(box.manifest(id), path);
    assert.deepEqual(box.json<Damaged>(0, 'verify').damaged, []);
    const { sources } = box.json<{ sources: { snapshots: { label: string }[] }[] }>(0, 'list');
    assert.equal(sources[0]?.snapshots[0]?.label, 'before the move', 'what the record still knew is kept');
  });

  it('makes everything again from the bare trees, so that losing .phlb loses no backup', () => {
    box.write({ 'documents/a.txt': 'content of a', 'documents/sub/b.txt': 'content of b' });
    const first = box.backup('documents');
    box.write({ 'documents/a.txt': 'a changed' });
    const second = box.backup('documents');
    cpSync(box.root, box.path('copy'), { recursive: true, preserveTimestamps: true });
    rmSync(join(box.root, '.phlb'), { recursive: true });
    const lost = box.phlb('backup', 'documents');
    assert.equal(lost.status, 1, 'a known root without its store is unreachable');
    assert.match(lost.stderr, /rebuild it with "phlb rebuild --rehash"/);
    assert.deepEqual(box.json<Rebuilt>(0, 'rebuild', '--rehash').errors, []);
    assert.deepEqual(box.ids(), [first.id, second.id]);
    assert.deepEqual(box.json<Damaged>(0, 'verify').damaged, []);
    for (const { id } of [first, second]) assertSameTrees(box.path('copy', id), join(box.root, id));
    const third = box.backup('documents');
    assert.equal(third.name, 'documents', 'the folder belongs to the first source of its name');
    assert.equal(third.copiedFiles, 0);
    assert.deepEqual(box.ids(), [first.id, second.id, third.id]);
  });

  it('goes on when store.json is garbage, and keeps it', () => {
    box.write({ 'documents/a.txt': 'content of a' });
    const first = box.backup('documents', '--exclude', '*.tmp');
    writeFileSync(join(box.root, '.phlb/store.json'), '{"format":');
    assert.equal(box.phlb('backup', 'documents').status, 1);
    box.json<Rebuilt>(0, 'rebuild', '--rehash');
    assert.equal(readFileSync(join(box.root, '.phlb/store.json.unreadable'), 'utf8'), '{"format":');
    box.write({ 'documents/x.tmp': 'not wanted' });
    const second = box.backup('documents');
    assert.deepEqual([second.name, second.files, second.unchangedFiles + second.linkedFiles], ['documents', 1, 1]);
    assert.deepEqual(box.ids(), [first.id, second.id]);
  });

  it('says what is not there', () => {
    const { status, stderr } = box.phlb('rebuild', '--rehash', '--root', box.path('nowhere'));
    assert.equal(status, 1);
    assert.match(stderr, /^phlb: There is no such folder: [^\n]*nowhere[^\n]*\n$/);
    assert.ok(!existsSync(box.path('nowhere')));
  });
});

for (const [version, write] of [
  ['of January 2016', writeFirstBackup],
  ['0.x', write2016Backup],
  ['1.x', write1xBackup],
] as const) {
  describe(`a root of PyHardLinkBackup ${version}`, () => {
    let box: Sandbox;
    beforeEach(() => {
      box = new Sandbox();
      const first = write(box.root, 'documents', '2016-01-07-085247', OLD);
      write(box.root, 'documents', '2016-01-07-102310', OLD, first);
    });
    afterEach(() => box.dispose());

    it('is taken over: listed, browsed, verified and deduplicated against, and never altered', () => {
      const old = join(box.root, 'documents');
      cpSync(old, box.path('before'), { recursive: true });
      const before = described(box, box.root);
      assert.deepEqual(box.json<Rebuilt>(0, 'rebuild', '--rehash'), { snapshots: 2, entries: 4, errors: [] });
      assert.deepEqual(box.ids(), ['documents/2016-01-07-085247', 'documents/2016-01-07-102310']);
      const { entries } = box.json<{ entries: { path: string }[] }>(0, 'ls', 'documents/2016-01-07-085247');
      assert.deepEqual(
        entries.map(e => e.path),
        ['letter.txt', 'sub', 'sub/list.md', 'sub/tiny'],
        'the hash files are not part of what was backed up',
      );
      assert.deepEqual(box.json<Damaged>(0, 'verify').damaged, []);
      box.write({ 'documents/letter.txt': OLD['letter.txt'], 'documents/new.txt': 'new' });
      const run = box.backup('documents');
      assert.deepEqual([run.name, run.linkedFiles, run.copiedFiles], ['documents', 1, 1]);
      assert.deepEqual(described(box, box.root), before, 'a backup that links to old files leaves them as they are');
      assert.ok(sameInode(join(run.path, 'letter.txt'), join(box.root, 'documents/2016-01-07-102310/letter.txt')));
      box.json(0, 'restore', 'documents/2016-01-07-085247', 'sub/tiny');
      assert.equal(readFileSync(box.path('documents/sub/tiny'), 'utf8'), 'x', 'the folder has found its source');
      box.json(0, 'restore', 'documents/2016-01-07-085247', 'sub/list.md', '--to', box.path('back'));
      assert.equal(readFileSync(box.path('back/sub/list.md'), 'utf8'), OLD['sub/list.md']);
      for (const stamp of readdirSync(old).filter(name => !existsSync(box.path('before', name)))) {
        rmSync(join(old, stamp), { recursive: true });
      }
      assertSameTrees(box.path('before'), old);
      assert.deepEqual(described(box, box.root), before);
    });

    it('can still be thinned out by hand afterwards, and what the new backups share with it stays', () => {
      box.json<Rebuilt>(0, 'rebuild', '--rehash');
      box.write({ 'documents/elsewhere/renamed.txt': OLD['letter.txt'] });
      const run = box.backup('documents');
      assert.equal(run.copiedFiles, 0, 'what was renamed and moved since the old backups is found');
      for (const stamp of ['2016-01-07-085247', '2016-01-07-102310']) {
        rmSync(join(box.root, 'documents', stamp), { recursive: true });
      }
      assertSameTrees(box.path('documents'), run.path);
      assert.deepEqual(box.json<Damaged>(0, 'verify').damaged, []);
      assert.deepEqual(box.ids(), [run.id]);
    });

    it('is not backed up beside without a word, else its history ends there', () => {
      box.write({ 'documents/letter.txt': OLD['letter.txt'] });
      for (const command of [['backup', 'documents'], ['list']]) {
        const { status, stderr } = box.phlb(...command);
        assert.equal(status, 1);
        assert.match(stderr, /PyHardLinkBackup[^\n]*adopt them with "phlb rebuild --rehash"/);
      }
      assert.ok(!existsSync(join(box.root, '.phlb/store.json')));
      const beside = box.backup('documents', '--init');
      assert.deepEqual([beside.name, beside.copiedFiles], ['documents-2', 1]);
    });

    it('tells of a file that its own hash contradicts, and never links to it', () => {
      const file = join(box.root, 'documents/2016-01-07-085247/letter.txt');
      chmodSync(file, 0o644);
      writeFileSync(file, 'X' + OLD['letter.txt'].slice(1));
      const { errors } = box.json<Rebuilt>(3, 'rebuild', '--rehash');
      assert.deepEqual(
        errors.map(e => [e.path, e.code]),
        ['085247', '102310'].map(time => [`documents/2016-01-07-${time}/letter.txt`, 'EDAMAGED']),
      );
      const { damaged } = box.json<Damaged>(3, 'verify');
      assert.deepEqual(
        damaged.map(d => [d.path, d.problem]),
        [
          ['letter.txt', 'content'],
          ['letter.txt', 'content'],
        ],
      );
      box.write({ 'documents/letter.txt': readFileSync(file, 'utf8') });
      const run = box.backup('documents');
      assert.equal(run.copiedFiles, 1);
      assert.ok(!sameInode(join(run.path, 'letter.txt'), file));
    });

    it('counts a file of the user that only looks like a hash file', () => {
      box.write({ 'home/PyHardLinkBackups/documents/2016-01-07-085247/lonely.sha512': 'my own notes' });
      box.json<Rebuilt>(0, 'rebuild', '--rehash');
      assert.ok(readdirSync(join(box.root, 'documents/2016-01-07-085247')).includes('lonely.sha512'));
      const { entries } = box.json<{ entries: { path: string }[] }>(0, 'ls', 'documents/2016-01-07-085247');
      assert.ok(entries.some(e => e.path === 'lonely.sha512'));
    });
  });
}

/** What a judge says of the old backups: every name, type, mode, owner, time and content. */
function described(box: Sandbox, root: string): string[] {
  const old = ['2016-01-07-085247', '2016-01-07-102310'].map(stamp => join(root, 'documents', stamp));
  const keys = 'type,mode,uid,gid,size,time,link,sha256';
  const told = installed('mtree')
    ? old.map(tree => box.run(['mtree', '-c', '-k', keys, '-p', tree]).stdout.replace(/^#.*\n/gm, ''))
    : old.map(tree => box.run(['find', tree, '-printf', '%P %y %m %U %G %s %T@ %l\n']).stdout);
  const beside = [
    'sh',
    '-c',
    'cd "$1" && find documents -maxdepth 1 -type f -exec sha256sum {} +; find .phlb -path "*lookup*" -type f -exec sha256sum {} +',
    'sh',
    root,
  ];
  return [...told, box.run(beside).stdout.split('\n').sort().join('\n')];
}
