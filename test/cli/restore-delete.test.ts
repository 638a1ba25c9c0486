import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox, type Restored } from '../support/sandbox.js';

const CACHE_TAG = 'Signature: 8a477f597d28d172789f06886806bc55\n';

describe('restore --delete', () => {
  let box: Sandbox;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'kept', 'documents/sub/b.txt': 'kept too', 'documents/.phlbignore': '*.log\n' });
  });
  afterEach(() => box.dispose());

  const restore = (id: string, ...args: string[]): Restored =>
    box.json<Restored>(0, 'restore', id, '--delete', ...args);
  const deleted = (told: Restored): string[] => told.deleted.map(({ path }) => path);
  const changeRecord = (id: string, change: object): void => {
    const file = join(box.root, '.phlb/manifests', `${id}.json`);
    writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...change }));
  };

  it('removes what came since and undo brings it back', () => {
    const { id } = box.backup(source);
    box.write({ 'documents/new/deep/x': 'x', 'documents/sub/new.txt': 'y', 'documents/new/empty/': '' });
    execFileSync('cp', ['-a', source, box.path('before')]);
    const told = restore(id);
    assert.deepEqual(deleted(told), ['new', 'new/deep', 'new/deep/x', 'new/empty', 'sub/new.txt']);
    assert.equal(existsSync(join(source, 'new')), false);
    box.json(0, 'undo');
    assertSameTrees(box.path('before'), source);
  });

  it('leaves all that the rules leave out', () => {
    const { id } = box.backup(source, '--exclude', '**/private', '--max-size', '1k');
    box.write({
      'documents/private/diary': 'excluded by a glob',
      'documents/new/private/diary': 'in a folder that is not',
      'documents/new/goes': '',
      'documents/node_modules/x': 'excluded by default',
      'documents/debug.log': 'ignored',
      'documents/cache/CACHEDIR.TAG': CACHE_TAG,
      'documents/cache/x': '',
      'documents/big': '',
    });
    truncateSync(join(source, 'big'), 2000);
    execFileSync('mkfifo', [join(source, 'fifo')]);
    // Options of a later run are not those of this snapshot.
    box.backup(source, '--exclude', 'new');
    const told = restore(id);
    assert.deepEqual(deleted(told), ['new/goes']);
    const stays = ['private/diary', 'new/private/diary', 'node_modules/x', 'debug.log', 'cache/x', 'big', 'fifo'];
    assert.deepEqual(
      stays.filter(path => !existsSync(join(source, path))),
      [],
    );
  });

  it('goes by the ignore files of then and of now', () => {
    const { id } = box.backup(source);
    rmSync(join(source, '.phlbignore'));
    box.write({
      'documents/then.log': 'ignored when the snapshot was made',
      'documents/sub/now.tmp': 'ignored since',
      'documents/sub/.phlbignore': '*.tmp\n',
      'documents/goes': '',
    });
    assert.deepEqual(deleted(restore(id)), ['goes', 'sub/.phlbignore']);
    assert.ok(existsSync(join(source, 'then.log')) && existsSync(join(source, 'sub/now.tmp')));
  });

  it('stays below the folders that were asked for', () => {
    const { id } = box.backup(source);
    box.write({ 'documents/new': '', 'documents/sub/new': '', 'documents/other/new': '' });
    assert.deepEqual(deleted(restore(id, 'sub')), ['sub/new']);
    assert.deepEqual(deleted(restore(id, 'a.txt')), []);
  });

  it('leaves what the snapshot lacks for an error', () => {
    const { id } = box.backup(source);
    box.write({ 'documents/locked/was not readable': '', 'documents/torn': '', 'documents/goes': '' });
    changeRecord(id, {
      errors: ['locked', 'torn'].map(path => ({ path, code: 'EACCES', message: 'permission denied' })),
    });
    assert.deepEqual(deleted(restore(id)), ['goes']);
  });

  it('never touches the backup location inside of the source', () => {
    const root = join(source, 'backups');
    const { id } = box.backup(source, '--root', root);
    box.write({ 'documents/new': '' });
    assert.deepEqual(deleted(restore(id, '--root', root)), ['new']);
    box.json(0, 'verify', '--root', root);
  });

  it('leaves another file system alone', function () {
    const mounted = join(source, 'mounted');
    const { id } = box.backup(source);
    mkdirSync(mounted);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'phlb-test', mounted], { stdio: 'ignore' });
    } catch {
      return this.skip();
    }
    try {
      writeFileSync(join(mounted, 'file'), '');
      assert.deepEqual(deleted(restore(id)), []);
      assert.ok(existsSync(join(mounted, 'file')));
    } finally {
      execFileSync('umount', [mounted]);
    }
  });

  it('saves first what it removes from another folder', () => {
    const { id } = box.backup(source);
    box.write({ 'back/old': 'precious' });
    const told = restore(id, '--to', 'back');
    assert.deepEqual(deleted(told), ['old']);
    assert.equal(readFileSync(join(box.root, told.safetySnapshot ?? '', 'old'), 'utf8'), 'precious');
    box.json(0, 'undo');
    assert.deepEqual(readFileSync(box.path('back/old'), 'utf8'), 'precious');
    assert.equal(existsSync(box.path('back/a.txt')), false);
  });

  it('is refused where the rules are not known', () => {
    const { id } = box.backup(source);
    writeFileSync(join(source, 'a.txt'), 'edited');
    const { safetySnapshot } = box.json<Restored>(0, 'restore', id);
    assert.equal(box.phlb('restore', safetySnapshot ?? '', '--delete').status, 2);
    for (const change of [{ adopted: 'sha512' }, { adopted: undefined, rehashed: true }]) {
      changeRecord(id, change);
      const { status, stderr } = box.phlb('restore', id, '--delete');
      assert.equal(status, 2);
      assert.match(stderr, /rules of this snapshot are not known/);
    }
  });
});
