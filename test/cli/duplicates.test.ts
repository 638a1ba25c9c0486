import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { Sandbox } from '../support/sandbox.js';

describe('A first snapshot of a folder full of duplicates', () => {
  let box: Sandbox;
  beforeEach(() => (box = new Sandbox('on threads of it')));
  afterEach(() => box.dispose());

  // Those of 64 KiB and more might be cloned; until the first has shown that they cannot, they go another way than the rest.
  for (const [what, size] of [
    ['small ones', 5_000],
    ['middling ones', 66_000],
    ['large ones', 1_100_000],
  ] as const) {
    it(`stores each content once, whichever thread meets it first (${what})`, () => {
      const contents = size > 1_000_000 ? 8 : 60;
      for (let folder = 0; folder < 60; folder++) {
        for (let n = 0; n < (size > 1_000_000 ? 1 : 10); n++) {
          const content = (folder * 7 + n * 11) % contents;
          box.write({ [`work/${folder % 8}/${folder}/${n}`]: `${content} `.repeat(size).slice(0, size) });
        }
      }
      const snapshot = box.backup(box.path('work'));
      const inodes = execFileSync('find', [snapshot.path, '-type', 'f', '-printf', '%i\\n'], { encoding: 'utf8' });
      assert.equal(new Set(inodes.trimEnd().split('\n')).size, contents);
      assert.equal(snapshot.copiedFiles, contents);
    });
  }
});
