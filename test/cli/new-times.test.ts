import assert from 'node:assert/strict';
import { chmodSync, lutimesSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertManifestTells, assertSameTrees, sameInode } from '../support/judges.js';
import { CLI, Sandbox, type Published } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';

// A checkout, an unpacked archive, `touch`: all times are new, the contents are not.
describe('Files of which only the times are new', () => {
  const large = 'large.bin';
  let box: Sandbox;
  let source: string;
  let first: Published;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('work');
    box.write({ 'work/a.txt': 'one\n', 'work/b.txt': 'two\n', 'work/folder/empty': '', 'work/folder/a copy': 'one\n' });
    // More than is kept in memory.
    writeFileSync(join(source, large), Buffer.alloc(3_000_000, 'line of a log\n'));
    first = box.backup(source);
  });
  afterEach(() => box.dispose());

  it('are linked to their old places, and nobody loads the index for that', () => {
    touchAll();
    const second = box.backup(source);
    assert.deepEqual([second.linkedFiles, second.copiedFiles, second.copiedBytes], [5, 0, 0]);
    for (const name of ['a.txt', 'b.txt', 'folder/empty', large]) {
      assert.ok(sameInode(join(first.path, name), join(second.path, name)), name);
    }
    assert.deepEqual(box.indexFiles(), [], 'a first snapshot is not indexed, nor was there a question');
    assertSameTrees(source, second.path);
    assertManifestTells(box.manifest(second.id), inventory(source));
    assert.equal(box.backup(source).copiedFiles, 0);
  });

  it('count as changed, so that --skip-unchanged keeps their times', () => {
    touchAll();
    assert.equal(box.backupWith(0, source, '--skip-unchanged').published, true);
    assert.equal(box.backupWith(0, source, '--skip-unchanged').published, false);
  });

  it('are told from those that have another content of the same size', () => {
    touchAll();
    writeFileSync(join(source, 'a.txt'), 'ONE\n');
    const second = box.backup(source);
    assert.deepEqual([second.linkedFiles, second.copiedFiles], [4, 1]);
    assert.equal(readFileSync(join(second.path, 'a.txt'), 'utf8'), 'ONE\n');
    assert.equal(readFileSync(join(first.path, 'a.txt'), 'utf8'), 'one\n');
  });

  it('are copied where their mode has changed as well, since the old place has the old one', () => {
    touchAll();
    chmodSync(join(source, 'b.txt'), 0o755);
    const second = box.backup(source);
    assert.deepEqual([second.linkedFiles, second.copiedFiles], [4, 1]);
    assert.equal(statSync(join(second.path, 'b.txt')).mode & 0o111, 0o111);
    assert.equal(statSync(join(first.path, 'b.txt')).mode & 0o111, 0);
  });

  it('are copied where their old place is damaged, which is told', () => {
    touchAll();
    for (const name of ['b.txt', large]) {
      chmodSync(join(first.path, name), 0o644);
      truncateSync(join(first.path, name), 1);
    }
    const second = box.backup(source);
    assert.deepEqual(second.damaged.map(({ path }) => path).sort(), ['b.txt', large]);
    assert.equal(second.copiedFiles, 2);
    assertSameTrees(source, second.path);
  });

  function touchAll(): void {
    const time = new Date('2024-02-29T12:00:00.123Z');
    for (const name of readdirSync(source, { recursive: true, encoding: 'utf8' })) {
      lutimesSync(join(source, name), time, time);
    }
  }
});

describe('Modes that the umask would cut off', () => {
  let box: Sandbox;
  before(() => (box = new Sandbox()));
  after(() => box.dispose());

  it('are stored as they are: a stored file has the rights of its source', () => {
    for (const mode of [0o644, 0o666, 0o600, 0o755, 0o777, 0o444]) {
      for (let n = 0; n < 3; n++) {
        const name = `modes/${mode.toString(8)}-${n}`;
        box.write({ [name]: name });
        chmodSync(box.path(name), mode);
      }
    }
    const strict = ['sh', '-c', 'umask 077; exec "$0" "$@"', process.execPath, CLI];
    const stored = box.run([...strict, 'backup', 'modes', '--json']);
    const { snapshots } = JSON.parse(stored.stdout) as { snapshots: { path: string }[] };
    const tree = snapshots[0]?.path ?? '';
    for (const name of readdirSync(tree)) {
      const [mode = ''] = name.split('-');
      assert.equal(
        (statSync(join(tree, name)).mode & 0o777).toString(8),
        (parseInt(mode, 8) & 0o555).toString(8),
        name,
      );
    }
  });
});
