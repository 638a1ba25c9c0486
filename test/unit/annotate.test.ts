import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Sandbox, type Published } from './support/sandbox.js';
import { inventory } from './support/trees.js';

interface Annotated {
  id: string;
  label: string | null;
  pinned: boolean;
}

describe('phlb label, pin and unpin', function () {
  this.timeout(60_000);
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
    assert.equal(box.phlb('label', id, 'tab\there').stdout, `${id}: label tab\\there, not pinned\n`);
    assert.equal(box.phlb('pin', id, '--quiet').stdout, '');
    assert.match(box.phlb('list').stdout, /tab\\there, pinned/);
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
