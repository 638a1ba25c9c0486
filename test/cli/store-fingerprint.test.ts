import * as assert from 'node:assert/strict';
import { renameSync, rmSync } from 'node:fs';
import { storeFingerprint } from '../../src/host/catalog/store-fingerprint.js';
import { Sandbox } from '../support/sandbox.js';

describe('The fingerprint of a store', () => {
  let box: Sandbox;
  let first: string;

  before(() => {
    box = new Sandbox();
    box.write({ 'documents/report.md': 'first\n', 'photos/a.txt': 'a' });
    first = box.backup(box.path('documents')).id;
  });
  after(() => box.dispose());

  const steps: [string, () => unknown][] = [
    ['a snapshot is taken', () => box.backup(box.path('documents'))],
    ['another folder gets its first one', () => box.backup(box.path('photos'))],
    ['one is labelled', () => box.phlb('label', first, 'a label')],
    ['one is pinned', () => box.phlb('pin', first)],
    ['one is deleted', () => box.phlb('delete', box.ids('documents').at(-1) ?? '')],
    ['one is removed by hand', () => rmSync(`${box.root}/${first}`, { recursive: true })],
    ['the drive is unplugged', () => renameSync(box.root, `${box.root}.unplugged`)],
    ['it is back', () => renameSync(`${box.root}.unplugged`, box.root)],
  ];
  for (const [what, change] of steps) {
    it(`is another one when ${what}, else a view shows what is not so`, async () => {
      const before = await storeFingerprint(box.root);
      assert.equal(await storeFingerprint(box.root), before, 'it changes by itself: views would never rest');
      change();
      assert.notEqual(await storeFingerprint(box.root), before);
    });
  }

  it('stays when nothing but a look was taken, else looking makes views ask again for ever', async () => {
    const before = await storeFingerprint(box.root);
    box.phlb('list', '--all');
    box.phlb('find', '*.md');
    assert.equal(await storeFingerprint(box.root), before);
  });
});
