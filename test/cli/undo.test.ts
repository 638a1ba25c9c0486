import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  linkSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { assertSameTrees, sameInode } from '../support/judges.js';
import { Sandbox, type Restored } from '../support/sandbox.js';

describe('undo', () => {
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
      assert.match(stderr, args.length === 0 || args[0] === 'documents' ? /no restore to undo/ : /no source/);
    }
  });

  it('takes back no restore of another host', () => {
    restore();
    const elsewhere = { PHLB_HOST: 'another host' };
    const { status, stderr } = box.phlbProcess(elsewhere, 'undo');
    assert.equal(status, 1);
    assert.match(stderr, /no restore to undo/);
    assert.equal(box.phlbProcess(elsewhere, 'restore', 'documents/latest').status, 2);
  });

  for (const where of ['its note', 'a record of an older PHLB']) {
    it(`takes nothing from outside of the target, whatever ${where} says`, () => {
      const { safetySnapshot } = restore();
      box.write({ precious: '' });
      const note = readNote(safetySnapshot);
      note.created.push({ path: '../precious', type: 'file', sha256: '' });
      if (where === 'its note') writeFileSync(noteFile(safetySnapshot), gzipSync(JSON.stringify(note)));
      else putInRecord(safetySnapshot, note);
      assert.equal(box.phlb('undo').status, 1);
      assert.ok(existsSync(box.path('precious')));
      assert.equal(read('a.txt'), 'old');
    });
  }

  it('understands the records of older PHLBs, which hold what the restore did', () => {
    execFileSync('cp', ['-a', source, box.path('before')]);
    const { safetySnapshot } = restore();
    putInRecord(safetySnapshot, readNote(safetySnapshot));
    undo(0);
    assertSameTrees(box.path('before'), source);
    undo(0);
    assert.equal(read('a.txt'), 'old');
  });

  it('leaves the records small that every listing reads, however much a restore did', () => {
    const many = Array.from({ length: 3000 }, (_, n) => [`documents/many/a file of a longer name ${n}`, '']);
    box.write(Object.fromEntries(many) as Record<string, string>);
    box.backup(source);
    rmSync(join(source, 'many'), { recursive: true });
    const { safetySnapshot, created } = restore();
    assert.equal(created.length, 3001);
    assert.ok(statSync(recordFile(safetySnapshot)).size < 4096);
    assert.equal(readNote(safetySnapshot).created.length, 3001);
    // Not even looked for by what lists: nothing changes for it without.
    const listed = box.phlb('list', '--all').stdout;
    renameSync(noteFile(safetySnapshot), box.path('note'));
    assert.equal(box.phlb('list', '--all').stdout, listed);
    box.json(0, 'verify');
    const { status, stderr } = box.phlb('undo');
    assert.equal(status, 1);
    assert.match(stderr, /^phlb: The note of what this restore did is not valid[^\n]*by hand\)\n$/);
    renameSync(box.path('note'), noteFile(safetySnapshot));
    assert.equal(undo(0).deleted.length, 3001);
  });

  it('has what a restore did on the disk before the restore writes anything, and no longer than its snapshot', () => {
    const { safetySnapshot } = restore();
    assert.ok(existsSync(noteFile(safetySnapshot)));
    box.json(0, 'delete', safetySnapshot ?? '');
    assert.ok(!existsSync(noteFile(safetySnapshot)), 'deleted with it');
    writeFileSync(join(source, 'a.txt'), 'newer');
    const next = restore();
    rmSync(join(box.root, next.safetySnapshot ?? ''), { recursive: true });
    box.backup(source);
    assert.ok(!existsSync(noteFile(next.safetySnapshot)), 'cleared away after its tree was removed by hand');
  });

  it('is still possible after the record of the safety snapshot was lost and made again', () => {
    execFileSync('cp', ['-a', source, box.path('before')]);
    const { safetySnapshot } = restore();
    rmSync(recordFile(safetySnapshot));
    box.json(0, 'rebuild', '--rehash');
    assert.equal(box.ids().length, 1, 'and it is no snapshot of all that there was');
    undo(0);
    assertSameTrees(box.path('before'), source);
  });

  it('stops at a note that unpacks to more than one can', () => {
    const { safetySnapshot } = restore();
    execFileSync('sh', ['-c', `head -c 500000000 /dev/zero | gzip -1 > "${noteFile(safetySnapshot)}"`]);
    assert.equal(box.phlb('undo').status, 1);
    assert.equal(read('a.txt'), 'old');
  });

  interface Note {
    created: object[];
  }

  function noteFile(id: string | null): string {
    return join(box.root, '.phlb/manifests', `${id}.restore.json.gz`);
  }

  function recordFile(id: string | null): string {
    return join(box.root, '.phlb/manifests', `${id}.json`);
  }

  function readNote(id: string | null): Note {
    return JSON.parse(gunzipSync(readFileSync(noteFile(id))).toString()) as Note;
  }

  // As PHLB wrote it before there were notes.
  function putInRecord(id: string | null, note: Note): void {
    const record = JSON.parse(readFileSync(recordFile(id), 'utf8')) as object;
    writeFileSync(recordFile(id), JSON.stringify({ ...record, restore: note }));
    rmSync(noteFile(id));
  }
});
