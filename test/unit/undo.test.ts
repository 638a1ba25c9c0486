import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  linkSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { assertSameTrees, sameInode } from './support/judges.js';
import { CLI, Sandbox, type Restored } from './support/sandbox.js';

describe('undo', function () {
  this.timeout(60_000);
  let box: Sandbox;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'old', 'documents/gone/b.txt': 'b', 'documents/gone/c.txt': 'c' });
    box.backup(source);
    writeFileSync(join(source, 'a.txt'), 'new');
    rmSync(join(source, 'gone'), { recursive: true });
  });
  afterEach(() => box.dispose());

  const restore = (...args: string[]): Restored => box.json<Restored>(0, 'restore', 'documents/latest', ...args);
  const undo = (status: number, ...args: string[]): Restored => box.json<Restored>(status, 'undo', ...args);
  const read = (path: string): string => readFileSync(join(source, path), 'utf8');

  it('goes back and forth', () => {
    execFileSync('cp', ['-a', source, box.path('before')]);
    restore();
    execFileSync('cp', ['-a', source, box.path('after')]);
    for (const expected of ['before', 'after', 'before', 'after']) {
      const told = undo(0);
      assertSameTrees(box.path(expected), source);
      assert.ok(told.safetySnapshot !== null);
      const lists = [told.created, told.overwritten, told.deleted].map(list => list.length);
      assert.deepEqual(lists, expected === 'before' ? [0, 1, 3] : [3, 1, 0]);
    }
    assert.match(box.phlb('undo').stdout, /^Undone: 0 created, 1 overwritten, 3 deleted, 0 unchanged\n/);
    assert.equal(box.ids().length, 1, 'none of it is a snapshot of the source');
    box.json(0, 'verify');
  });

  it('leaves and names what has changed since', () => {
    restore();
    appendFileSync(join(source, 'gone/b.txt'), ' edited');
    const told = undo(3);
    assert.deepEqual(
      told.errors.map(({ path, code }) => `${path} ${code}`),
      ['gone/b.txt ECHANGED'],
    );
    assert.deepEqual(
      [read('gone/b.txt'), existsSync(join(source, 'gone/c.txt')), read('a.txt')],
      ['b edited', false, 'new'],
    );
  });

  it('leaves and names a folder with something new in it', () => {
    restore();
    writeFileSync(join(source, 'gone/added'), 'since');
    const told = undo(3);
    assert.deepEqual(
      told.errors.map(({ path, code }) => `${path} ${code}`),
      ['gone ENOTEMPTY'],
    );
    assert.deepEqual([read('gone/added'), existsSync(join(source, 'gone/b.txt'))], ['since', false]);
  });

  it('keeps a folder in the place of a file when something was added to it', () => {
    box.write({ 'documents/gone': 'was a folder in the snapshot' });
    restore();
    writeFileSync(join(source, 'gone/added'), 'since');
    const told = undo(3);
    assert.ok(told.errors.some(({ path, code }) => path === 'gone' && code === 'ENOTEMPTY'));
    assert.equal(read('gone/added'), 'since');
  });

  it('puts a folder back that gave way to a symlink, and goes on doing so', () => {
    symlinkSync('a.txt', join(source, 'link'));
    box.backup(source);
    rmSync(join(source, 'link'));
    box.write({ 'documents/link/sub/file': 'in the folder' });
    execFileSync('cp', ['-a', source, box.path('before')]);
    restore();
    execFileSync('cp', ['-a', source, box.path('after')]);
    assert.equal(readlinkSync(join(source, 'link')), 'a.txt');
    for (const expected of ['before', 'after', 'before']) {
      undo(0);
      assertSameTrees(box.path(expected), source);
    }
  });

  it('overwrites what was edited since the restore only after saving it', () => {
    restore();
    writeFileSync(join(source, 'a.txt'), 'newest');
    const { safetySnapshot } = undo(0);
    assert.equal(read('a.txt'), 'new');
    assert.equal(readFileSync(join(box.root, safetySnapshot ?? '', 'a.txt'), 'utf8'), 'newest');
    undo(0);
    assert.equal(read('a.txt'), 'newest');
  });

  it('makes one file again of the names that the restore has parted', () => {
    linkSync(join(source, 'a.txt'), join(source, 'further name'));
    restore();
    assert.ok(!sameInode(join(source, 'a.txt'), join(source, 'further name')));
    undo(0);
    assert.ok(sameInode(join(source, 'a.txt'), join(source, 'further name')));
    assert.equal(read('a.txt'), 'new');
  });

  it('takes the newest restore of all sources, or that of one', () => {
    box.write({ 'letters/l.txt': 'old' });
    box.backup(box.path('letters'));
    restore();
    writeFileSync(box.path('letters/l.txt'), 'new');
    box.json(0, 'restore', 'letters/latest');
    undo(0, 'documents');
    assert.deepEqual([read('a.txt'), readFileSync(box.path('letters/l.txt'), 'utf8')], ['new', 'old']);
    // The newest is now that undo itself.
    undo(0);
    assert.deepEqual([read('a.txt'), readFileSync(box.path('letters/l.txt'), 'utf8')], ['old', 'old']);
    undo(0, 'letters');
    assert.equal(readFileSync(box.path('letters/l.txt'), 'utf8'), 'new');
  });

  it('says so when there is nothing to take back', () => {
    for (const args of [[], ['documents'], ['nobody'], ['../home']]) {
      const { status, stderr } = box.phlb('undo', ...args);
      assert.equal(status, 1);
      assert.match(stderr, args.length === 0 || args[0] === 'documents' ? /no restore to take back/ : /no source/);
    }
  });

  it('takes back no restore of another host', () => {
    restore();
    const elsewhere = { PHLB_HOST: 'another host' };
    const { status, stderr } = box.run([process.execPath, CLI, 'undo'], elsewhere);
    assert.equal(status, 1);
    assert.match(stderr, /no restore to take back/);
    assert.equal(box.run([process.execPath, CLI, 'restore', 'documents/latest'], elsewhere).status, 2);
  });

  it('deletes nothing outside of the target, whatever a record says', () => {
    const { safetySnapshot } = restore();
    const file = join(box.root, '.phlb/manifests', `${safetySnapshot}.json`);
    const record = JSON.parse(readFileSync(file, 'utf8')) as { restore: { created: object[] } };
    box.write({ precious: '' });
    record.restore.created.push({ path: '../precious', type: 'file', sha256: '' });
    writeFileSync(file, JSON.stringify(record));
    assert.equal(box.phlb('undo').status, 1);
    assert.ok(existsSync(box.path('precious')));
    assert.equal(read('a.txt'), 'old');
  });
});
