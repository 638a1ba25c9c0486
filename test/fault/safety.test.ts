import assert from 'node:assert/strict';
import { chmodSync, lstatSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sameInode } from '../support/judges.js';
import { Sandbox } from '../support/sandbox.js';

describe('A restore over a file whose stored copy has rotted, and nobody knows', () => {
  let box: Sandbox;
  beforeEach(() => void (box = new Sandbox()));
  afterEach(() => box.dispose());

  for (const [size, content] of [
    ['a small', 'the only sound copy'],
    ['a large', 'the only sound copy '.repeat(100_000)],
  ] as const) {
    it(`(${size} one) saves the live file itself, else undo would bring the rot back`, () => {
      const source = box.path('documents');
      const live = join(source, 'a.txt');
      box.write({ 'documents/a.txt': 'older' });
      const older = box.backup(source);
      writeFileSync(live, content);
      const newer = box.backup(source);
      flip(join(newer.path, 'a.txt'));

      const { safetySnapshot } = box.json<{ safetySnapshot: string }>(0, 'restore', older.id);
      assert.equal(readFileSync(live, 'utf8'), 'older');
      const saved = join(box.root, safetySnapshot, 'a.txt');
      assert.equal(readFileSync(saved, 'utf8'), content);
      assert.ok(!sameInode(saved, join(newer.path, 'a.txt')));
      box.json(0, 'undo');
      assert.equal(readFileSync(live, 'utf8'), content);
    });
  }

  it('but links a sound one, else each restore would take space', () => {
    const source = box.path('documents');
    box.write({ 'documents/a.txt': 'older' });
    const older = box.backup(source);
    writeFileSync(join(source, 'a.txt'), 'newer');
    const newer = box.backup(source);
    const { safetySnapshot } = box.json<{ safetySnapshot: string }>(0, 'restore', older.id);
    assert.ok(sameInode(join(box.root, safetySnapshot, 'a.txt'), join(newer.path, 'a.txt')));
  });
});

/** Damage as a disk does it: size and time say nothing. */
function flip(file: string): void {
  const { mtimeNs } = lstatSync(file, { bigint: true });
  chmodSync(file, 0o644);
  writeFileSync(
    file,
    readFileSync(file).map(byte => byte ^ 1),
  );
  chmodSync(file, 0o444);
  const seconds = (Number(mtimeNs / 1000n) + 0.5) / 1e6;
  utimesSync(file, seconds, seconds);
}
