import assert from 'node:assert/strict';
import { chmodSync, lstatSync, mkdirSync, rmSync, symlinkSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { elapse } from '../support/elapse.js';
import { assertSameTrees, sameInode } from '../support/judges.js';
import { Sandbox, type Published } from '../support/sandbox.js';
import { moveAnew } from '../support/trees.js';

const ACCIDENTS: Record<string, (stored: string) => void> = {
  'edited in place': stored => {
    chmodSync(stored, 0o644);
    writeFileSync(stored, 'a line more than there was\n'.repeat(3));
  },
  'edited in place, its size as before': stored => {
    chmodSync(stored, 0o644);
    writeFileSync(stored, Buffer.alloc(lstatSync(stored).size, 'y'));
  },
  'edited in place, its size as before, and touched': stored => {
    chmodSync(stored, 0o644);
    writeFileSync(stored, Buffer.alloc(lstatSync(stored).size, 'w'));
    utimesSync(stored, 1_000_000_000, 1_000_000_000);
  },
  'cut off': stored => {
    chmodSync(stored, 0o644);
    truncateSync(stored, 3);
  },
  removed: stored => rmSync(stored),
  'replaced by a folder': stored => {
    rmSync(stored);
    mkdirSync(stored);
  },
  'replaced by a link to somebody else': stored => {
    const { size } = lstatSync(stored);
    rmSync(stored);
    writeFileSync(`${stored}.other`, Buffer.alloc(size, 'z'));
    symlinkSync(`${stored}.other`, stored);
  },
};
const HOWS = Object.keys(ACCIDENTS);

describe('A stored file', () => {
  const box = new Sandbox();
  const source = box.path('documents');
  const inodes = new Map<string, bigint | undefined>();
  let first: Published;
  let next: Published;

  before(() => {
    for (const how of HOWS) {
      for (const where of ['same', 'moved']) {
        box.write({ [`documents/${where}/${how}`]: `${where} ${how} `.padEnd(60, 'x') });
        box.write({ [`documents/${where} large/${how}`]: `${where} large ${how} `.padEnd(2 << 20, 'x') });
      }
    }
    box.write({ 'documents/sound': 'not touched', 'documents/emptied/file': 'its folder will be emptied' });
    first = box.backup(source);
    // What was changed less than two seconds before a run is read again by the next, and that is another path.
    elapse(box.root);
    for (const folder of ['same', 'moved', 'same large', 'moved large']) {
      for (const [how, damage] of Object.entries(ACCIDENTS)) {
        const stored = join(first.path, folder, how);
        damage(stored);
        // Of what stands there now: the number of a file that has gone may be given to the next one.
        inodes.set(`${folder}/${how}`, lstatSync(stored, { bigint: true, throwIfNoEntry: false })?.ino);
      }
    }
    rmSync(join(first.path, 'emptied'), { recursive: true });
    // These are not met where they were, but looked up by their content.
    for (const folder of ['moved', 'moved large']) moveAnew(join(source, folder), join(source, `${folder} away`));
    next = box.backup(source);
  });
  after(() => box.dispose());

  for (const folder of ['same', 'same large', 'moved', 'moved large']) {
    const by = folder.startsWith('same') ? 'where it was' : 'by its content';
    const size = folder.endsWith('large') ? 'a large one' : 'a small one';
    for (const how of HOWS) {
      it(`${how} (${size}, met again ${by}) is not carried into the next snapshot, and is named`, () => {
        const now = join(next.path, folder.startsWith('same') ? folder : `${folder} away`, how);
        assert.notEqual(lstatSync(now, { bigint: true }).ino, inodes.get(`${folder}/${how}`));
        const named = next.damaged.filter(({ path }) => path === `${folder}/${how}`);
        assert.deepEqual(named, [{ path: `${folder}/${how}`, snapshot: first.id }]);
      });
    }
  }

  it('whose folder was removed is taken from the source', () => {
    assert.deepEqual(
      next.damaged.filter(({ path }) => path.startsWith('emptied')),
      [{ path: 'emptied/file', snapshot: first.id }],
    );
  });

  it('that is damaged makes the new snapshot neither less whole nor less sparing', () => {
    assertSameTrees(source, next.path);
    assert.deepEqual([next.unchangedFiles, next.linkedFiles, next.copiedFiles], [1, 0, 4 * HOWS.length + 1]);
    box.json(0, 'verify', next.id);
    assert.equal(box.phlb('verify', first.id).status, 3, 'the damage that is left is found');
  });

  it('that is damaged is told of once; the next run builds upon the sound copy', () => {
    const after = box.backup(source);
    assert.deepEqual([after.damaged, after.copiedFiles], [[], 0]);
    assertSameTrees(source, after.path);
  });

  // Its old mode has a digit more than that of other files, and its bytes are in memory when the stored one is read.
  it('of a setuid program, rotted under another time, is not taken for what was read of the source, though the index is lost', () => {
    const other = new Sandbox();
    try {
      other.write({ 'documents/program': 'as it was '.repeat(9) });
      const program = other.path('documents/program');
      chmodSync(program, 0o4755);
      const stored = join(other.backup('documents').path, 'program');
      elapse(other.root);
      rmSync(join(other.state, 'index'), { recursive: true });
      chmodSync(stored, 0o644);
      writeFileSync(stored, Buffer.alloc(lstatSync(stored).size, 'w'));
      utimesSync(program, 1_000_000_000, 1_000_000_000);
      const after = other.backupWith(0, 'documents');
      assertSameTrees(other.path('documents'), after.path ?? '');
      rmSync(join(other.root, 'documents', stored.split('/').at(-2) ?? ''), { recursive: true });
      assert.deepEqual(other.json<{ damaged: unknown[] }>(0, 'verify').damaged, []);
    } finally {
      other.dispose();
    }
  });

  it('damaged under all of its names is stored afresh once, and shared again', () => {
    box.write({ 'documents/copy 1': 'not touched', 'documents/copy 2': 'not touched' });
    const shared = box.backup(source);
    assert.ok(sameInode(join(first.path, 'sound'), join(shared.path, 'copy 1')));
    chmodSync(join(shared.path, 'sound'), 0o644);
    writeFileSync(join(shared.path, 'sound'), 'damage');
    box.write({ 'documents/copy 3': 'not touched' });
    const fresh = box.backup(source);
    assert.deepEqual([fresh.copiedFiles, fresh.copiedBytes], [1, 'not touched'.length]);
    for (const copy of ['copy 1', 'copy 2', 'copy 3']) {
      assert.ok(sameInode(join(fresh.path, 'sound'), join(fresh.path, copy)), copy);
    }
    const named = fresh.damaged.map(({ snapshot, path }) => `${snapshot} ${path}`);
    assert.equal(new Set(named).size, named.length, 'each is named once');
    assertSameTrees(source, fresh.path);
  });
});
