import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox, type Published } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';

interface Annotated {
  id: string;
  label: string | null;
  pinned: boolean;
}

describe('phlb label, pin and unpin', () => {
  let box: Sandbox;
  let snapshot: Published;

  beforeEach(() => {
    box = new Sandbox();
    box.write({ 'documents/a.txt': 'first' });
    snapshot = box.backup('documents');
  });
  afterEach(() => box.dispose());

  it('note it in the record and change nothing else', () => {
    const tree = inventory(snapshot.path);
    const before = JSON.parse(readFileSync(recordFile(), 'utf8')) as object;
    const { id } = snapshot;
    assert.deepEqual(box.json<Annotated>(0, 'label', id, 'before the move'), told('before the move', false));
    assert.deepEqual(box.json<Annotated>(0, 'pin', 'documents/latest'), told('before the move', true));
    assert.deepEqual(JSON.parse(readFileSync(recordFile(), 'utf8')), {
      ...before,
      label: 'before the move',
      pinned: true,
    });
    assert.deepEqual(box.json<Annotated>(0, 'pin', snapshot.path), told('before the move', true), 'once more');
    assert.deepEqual(box.json<Annotated>(0, 'label', id), told(null, true));
    assert.deepEqual(box.json<Annotated>(0, 'unpin', id), told(null, false));
    assert.deepEqual(JSON.parse(readFileSync(recordFile(), 'utf8')), before);
    assert.deepEqual(inventory(snapshot.path), tree);
    assert.equal(box.phlb('label', id, 'a label').stdout, `${id}: label a label, not pinned\n`);
    assert.equal(box.phlb('pin', id, '--quiet').stdout, '');
    assert.match(box.phlb('list').stdout, /a label, pinned/);
  });

  const unfit = ['two\nlines', 'tab\there', 'esc\u001b[31m', 'gpj\u202eexe', 'end\u2028of line', 'x'.repeat(201)];

  it('take no label that is more than a line of text, else a name looks like a line of PHLB’s own', () => {
    const before = readFileSync(recordFile(), 'utf8');
    for (const label of unfit) {
      const { status, stderr } = box.phlb('label', snapshot.id, label);
      assert.equal(status, 2, JSON.stringify(label));
      assert.match(stderr, /^phlb: A label (is one line|has at most 200 characters; this one has 201).*\n$/);
    }
    const backup = box.phlb('backup', box.path('documents'), '--label', 'two\nlines');
    assert.equal(backup.status, 2);
    assert.match(backup.stderr, /^phlb: A label is one line/);
    assert.equal(readFileSync(recordFile(), 'utf8'), before);
    assert.deepEqual(box.ids(), [snapshot.id]);
    const longest = '\u{1f600}'.repeat(200);
    assert.equal(box.json<Annotated>(0, 'label', snapshot.id, longest).label, longest);
  });

  it('show one that a record holds already cut and in one line, and leave it there', () => {
    const record = JSON.parse(readFileSync(recordFile(), 'utf8')) as object;
    for (const label of unfit) {
      writeFileSync(recordFile(), JSON.stringify({ ...record, label }));
      const pinned = box.json<Annotated>(0, 'pin', snapshot.id);
      const { sources } = box.json<{ sources: { snapshots: { label: string }[] }[] }>(0, 'list');
      const shown = sources[0]?.snapshots[0]?.label ?? '';
      assert.equal(pinned.label, shown);
      assert.ok(shown.length <= 200 && !/[\p{Cc}\p{Bidi_Control}\u2028]/u.test(shown), JSON.stringify(shown));
      assert.equal((JSON.parse(readFileSync(recordFile(), 'utf8')) as { label: string }).label, label);
    }
  });

  it('keep a pinned snapshot from being pruned until it is unpinned', () => {
    box.json(0, 'pin', snapshot.id);
    writeFileSync(box.path('documents/a.txt'), 'second');
    const { id } = box.backup('documents');
    box.json(0, 'prune', '--keep-last', '1');
    assert.deepEqual(box.ids(), [snapshot.id, id]);
    box.json(0, 'unpin', snapshot.id);
    box.json(0, 'prune', '--keep-last', '1');
    assert.deepEqual(box.ids(), [id]);
  });

  it('say plainly what they cannot do', () => {
    assert.equal(box.phlb('pin', 'documents/2001-01-01-000000').status, 1);
    assert.equal(box.phlb('pin').status, 2);
    assert.equal(box.phlb('unpin', snapshot.id, 'more').status, 2);
    assert.equal(box.phlb('label', snapshot.id, 'two', 'words').status, 2);
    writeFileSync(recordFile(), 'nonsense');
    const { status, stderr } = box.phlb('pin', snapshot.id);
    assert.equal(status, 1);
    assert.match(stderr, /^phlb: The record cannot be read[^\n]*rebuild --rehash[^\n]*\n$/);
    assert.equal(readFileSync(recordFile(), 'utf8'), 'nonsense');
  });

  function told(label: string | null, pinned: boolean): Annotated {
    return { id: snapshot.id, label, pinned };
  }

  function recordFile(): string {
    return join(box.root, '.phlb/manifests', `${snapshot.id}.json`);
  }
});
