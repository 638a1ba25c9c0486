import assert from 'node:assert/strict';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox, type Published } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';
import { leftovers, longFile, startPhlb, until } from './support/processes.js';

describe('A backup location that has gone', () => {
  let box: Sandbox;
  let source: string;
  let first: Published;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'first' });
    first = box.backup(source);
    renameSync(box.root, box.path('away'));
  });
  afterEach(() => box.dispose());

  const places: Record<string, () => void> = {
    'with nothing in its place': () => undefined,
    'with an empty folder in its place (an unmounted disk)': () => mkdirSync(box.root),
    'with a file in its place': () => writeFileSync(box.root, ''),
    'with another store in its place (the wrong disk)': () => {
      box.phlbWith({ XDG_STATE_HOME: box.path('other-state') }, 'backup', 'documents');
    },
  };
  for (const [how, make] of Object.entries(places)) {
    it(`(${how}) is neither made anew nor written to, and comes back as it was`, () => {
      make();
      const before = [...inventory(box.home).entries()].filter(([path]) => !path.startsWith('.state'));
      for (const command of [['backup', source], ['list'], ['ls', first.id], ['verify'], ['restore', first.id]]) {
        const { status, stdout, stderr } = box.phlb(...command);
        assert.deepEqual([status, stdout], [1, ''], command.join(' '));
        assert.match(stderr, /^phlb: [^\n]*PyHardLinkBackups[^\n]*--init\)\n$/, command.join(' '));
      }
      assert.deepEqual(
        [...inventory(box.home).entries()].filter(([path]) => !path.startsWith('.state')),
        before,
      );
      rmSync(box.root, { recursive: true, force: true });
      renameSync(box.path('away'), box.root);
      assert.equal(box.backup(source).copiedFiles, 0, 'and the index knows it still');
      assert.equal(box.ids().length, 2);
    });
  }

  it('is founded anew, or accepted as it is, with --init', () => {
    assert.equal(box.backup(source, '--init').copiedFiles, 1);
    assert.equal(box.ids().length, 1);
    rmSync(box.root, { recursive: true });
    renameSync(box.path('away'), box.root);
    assert.equal(box.backupWith(1, source).published, false);
    assert.equal(box.backup(source, '--init').copiedFiles, 0);
  });

  it('in the middle of a run: the run fails in one line, and its folders are not made again', async () => {
    renameSync(box.path('away'), box.root);
    longFile(join(source, 'long.bin'), 300);
    const run = startPhlb(box, 'backup', source, '--quiet');
    await until('a run under way', () => leftovers(box.root).length > 0);
    run.child.kill('SIGSTOP');
    renameSync(box.root, box.path('away'));
    run.child.kill('SIGCONT');
    const { code, said } = await run.ended;
    assert.equal(code, 1, said);
    assert.match(said, /^phlb: [^\n]*\n$/);
    assert.deepEqual(
      [...inventory(box.home).keys()].filter(path => path !== '' && !path.startsWith('.state')),
      [],
    );
    renameSync(box.path('away'), box.root);
    assertSameTrees(source, box.backup(source).path);
    assert.deepEqual(leftovers(box.root), []);
  });
});
