import assert from 'node:assert/strict';
import { cpSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  assertManifestTells,
  assertMtreeAgrees,
  assertSameTrees,
  bsdtarNames,
  sameInode,
  sha256sum,
} from '../support/judges.js';
import { Sandbox, type Published } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';

// The story that PyHardLinkBackup's page tells since 2016.
describe('a folder of documents, backed up again and again', () => {
  let box: Sandbox;
  let source: string;
  const copies: string[] = [];
  let first: Published;
  let second: Published;

  before(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({
      'documents/spreadsheet.ods': 'sums\n'.repeat(1000),
      'documents/brief.odt': 'Dear Sir or Madam',
      'documents/folder/file.txt': 'first words\n',
    });
  });
  after(() => box.dispose());

  it('is stored whole, as plain files', () => {
    keepCopy('one');
    first = box.backup(source);
    assert.deepEqual([first.files, first.copiedFiles, first.published], [3, 3, true]);
    assert.match(first.id, /^documents\/\d{4}-\d\d-\d\d-\d{6}$/);
    assert.equal(first.path, join(box.root, first.id));
    assertStored(first, 'one');
  });

  it('is stored again, at the price of what has changed', () => {
    writeFileSync(box.path('documents/folder/file.txt'), 'second words\n');
    renameSync(box.path('documents/brief.odt'), box.path('documents/letter.odt'));
    keepCopy('two');
    second = box.backup(source);
    assert.deepEqual([second.files, second.copiedFiles, second.copiedBytes], [3, 1, 13]);
    assertStored(second, 'two');
    assertSameTrees(copies[0] ?? '', first.path);
  });

  it('shares the unchanged and the renamed file between both trees, and not the changed one', () => {
    const [one, two] = [first.path, second.path];
    assert.ok(sameInode(join(one, 'spreadsheet.ods'), join(two, 'spreadsheet.ods')));
    assert.ok(sameInode(join(one, 'brief.odt'), join(two, 'letter.odt')));
    assert.ok(!sameInode(join(one, 'folder/file.txt'), join(two, 'folder/file.txt')));
    assert.equal(sha256sum(join(two, 'spreadsheet.ods')), sha256sum(join(source, 'spreadsheet.ods')));
    assert.ok(!sameInode(join(two, 'spreadsheet.ods'), join(source, 'spreadsheet.ods')), 'the source is never linked');
  });

  it('outlives the removal of its first tree by hand', () => {
    rmSync(first.path, { recursive: true });
    assertSameTrees(copies[1] ?? '', second.path);
    assert.deepEqual(box.ids(), [second.id]);
    const third = box.backup(source);
    assert.deepEqual([third.files, third.unchangedFiles + third.linkedFiles, third.copiedFiles], [3, 3, 0]);
    assertStored(third, 'two');
    assert.deepEqual(box.ids(), [second.id, third.id]);
    box.json(0, 'verify');
  });

  function keepCopy(name: string): void {
    const copy = box.path(name);
    cpSync(source, copy, { recursive: true, preserveTimestamps: true });
    copies.push(copy);
  }

  function assertStored(snapshot: Published, copy: string): void {
    assertSameTrees(box.path(copy), snapshot.path);
    const manifest = box.manifest(snapshot.id);
    assertManifestTells(manifest, inventory(source));
    assertMtreeAgrees(manifest, snapshot.path);
    const names = bsdtarNames(manifest);
    if (names) {
      const expected = [...inventory(snapshot.path).keys()].filter(path => path !== '');
      assert.deepEqual(names.filter(name => name !== '.').sort(), expected.sort());
    }
  }
});
