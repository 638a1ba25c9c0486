import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { acquireLock } from '../../src/engine/store/lock.js';
import { installed } from '../support/judges.js';
import { Sandbox } from '../support/sandbox.js';

interface DiffJson {
  changes: { path: string; change: string; from?: string }[];
}

describe('phlb diff', () => {
  let box: Sandbox;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
  });
  afterEach(() => box.dispose());

  const changes = (...operands: string[]): string[] =>
    box
      .json<DiffJson>(0, 'diff', ...operands)
      .changes.map(({ path, change, from }) => `${change} ${from === undefined ? '' : `${from} -> `}${path}`);

  it('tells every kind of change, the same between snapshots and against the source', () => {
    box.write({
      'documents/edited': 'before',
      'documents/gone': 'bye',
      'documents/report.md': 'the report',
      'documents/twin-a': 'twins',
      'documents/twin-b': 'twins',
      'documents/mode': 'm',
      'documents/time': 't',
      'documents/none-1': '',
      'documents/turns': 'into a folder',
      'documents/same': 'same',
      'documents/old-dir/deep/x': 'deep x',
    });
    symlinkSync('edited', join(source, 'link'));
    const first = box.backup('documents');
    box.write({ 'documents/edited': 'after!', 'documents/new': 'new', 'documents/archive/': '' });
    rmSync(join(source, 'gone'));
    renameSync(join(source, 'report.md'), join(source, 'archive/report.md'));
    renameSync(join(source, 'twin-b'), join(source, 'twin-c'));
    cpSync(join(source, 'same'), join(source, 'copy-of-same'));
    chmodSync(join(source, 'mode'), 0o600);
    utimesSync(join(source, 'time'), 1, 1);
    renameSync(join(source, 'none-1'), join(source, 'none-2'));
    rmSync(join(source, 'turns'));
    mkdirSync(join(source, 'turns'));
    rmSync(join(source, 'link'));
    symlinkSync('gone', join(source, 'link'));
    renameSync(join(source, 'old-dir'), join(source, 'new-dir'));

    const expected = [
      'added archive',
      'moved report.md -> archive/report.md',
      'added copy-of-same',
      'modified edited',
      'removed gone',
      'modified link',
      'metadata mode',
      'added new',
      'added new-dir',
      'added new-dir/deep',
      'moved old-dir/deep/x -> new-dir/deep/x',
      'removed none-1',
      'added none-2',
      'removed old-dir',
      'removed old-dir/deep',
      'metadata time',
      'modified turns',
      'moved twin-b -> twin-c',
    ];
    assert.deepEqual(changes(first.id), expected);
    const second = box.backup('documents');
    assert.deepEqual(changes(first.id, second.id), expected);
    assert.deepEqual(changes(second.path), []);
    assert.equal(changes(second.id, first.id).length, expected.length);
  });

  it('calls a path that is newly left out "no longer stored"', () => {
    box.write({
      'documents/by-glob/a': 'a',
      'documents/by-file/b': 'b',
      'documents/sub/by-file': 'nested',
      'documents/large': 'x'.repeat(2000),
      'documents/removed': 'r',
      'documents/tool/cache': 'c',
    });
    const first = box.backup('documents');
    box.write({
      'documents/.phlbignore': 'by-file\n',
      'documents/tool/CACHEDIR.TAG': 'Signature: 8a477f597d28d172789f06886806bc55',
    });
    rmSync(join(source, 'removed'));
    const live = [
      'added .phlbignore',
      'unstored by-file',
      'unstored by-file/b',
      'removed removed',
      'unstored sub/by-file',
      'unstored tool',
      'unstored tool/cache',
    ];
    assert.deepEqual(changes(first.id), live);
    const second = box.backup('documents', '--exclude', 'by-glob', '--max-size', '1000');
    assert.deepEqual(changes(first.id, second.id), [
      'added .phlbignore',
      'unstored by-file',
      'unstored by-file/b',
      'unstored by-glob',
      'unstored by-glob/a',
      'unstored large',
      'removed removed',
      'unstored sub/by-file',
      // A cache folder leaves no trace in the snapshot that leaves it out.
      'removed tool',
      'removed tool/cache',
    ]);
    rmSync(join(source, 'by-file'), { recursive: true });
    assert.deepEqual(
      changes(first.id).filter(change => / by-file/.test(change)),
      ['removed by-file', 'removed by-file/b'],
    );
  });

  it('does not call unreadable what is gone, nor gone what is unreadable', function () {
    const nobody = process.getuid?.() === 0 ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    if (nobody.length > 0 && !installed('setpriv')) return this.skip();
    box.write({ 'documents/locked/a': 'a', 'documents/b': 'b' });
    spawnSync('chmod', ['-R', 'a+rwX', box.dir]);
    const run = (...args: string[]) =>
      box.run([...nobody, process.execPath, join(process.cwd(), 'dist/cli.js'), ...args]);
    assert.equal(run('backup', 'documents').status, 0);
    chmodSync(join(source, 'locked'), 0o000);
    const live = run('diff', 'documents/latest', '--json');
    assert.equal(live.status, 3);
    assert.match(live.stderr, /locked: EACCES/);
    const ofLocked = ({ changes: all }: DiffJson) => all.filter(({ path }) => path.startsWith('locked/'));
    assert.deepEqual(ofLocked(JSON.parse(live.stdout) as DiffJson), [{ path: 'locked/a', change: 'unstored' }]);
    assert.equal(run('backup', 'documents').status, 3);
    chmodSync(join(source, 'locked'), 0o755);
    const [first = '', second = ''] = box.ids();
    assert.deepEqual(ofLocked(box.json(0, 'diff', first, second)), [{ path: 'locked/a', change: 'unstored' }]);
  });

  it('sees a change that size and time hide, and times to the microsecond only', () => {
    box.write({ 'documents/hidden': 'one', 'documents/time': 'x' });
    spawnSync('touch', ['-d', '2020-01-01 00:00:00.123456100', join(source, 'time')]);
    spawnSync('touch', ['-d', '2020-01-01', join(source, 'hidden')]);
    const { id } = box.backup('documents');
    box.write({ 'documents/hidden': 'two' });
    spawnSync('touch', ['-d', '2020-01-01', join(source, 'hidden')]);
    spawnSync('touch', ['-d', '2020-01-01 00:00:00.123457000', join(source, 'time')]);
    assert.deepEqual(changes(id), ['modified hidden']);
  });

  it('neither waits for a lock nor writes into the store', async () => {
    box.write({ 'documents/a': 'a' });
    const { id } = box.backup('documents');
    box.write({ 'documents/b': 'b' });
    const lock = await acquireLock(join(box.root, '.phlb', 'lock'), 'test', { cancelled: () => false });
    const state = (): string =>
      spawnSync('find', [box.root, '-printf', '%p %i %m %T@ %C@\n'], { encoding: 'utf8' }).stdout;
    const before = state();
    assert.deepEqual(changes(id), ['added b']);
    assert.equal(state(), before);
    lock.release();
  });

  it('keeps exact bytes, prints readable lines, and refuses a source of another host', () => {
    box.write({ 'documents/a': 'a' });
    const { id } = box.backup('documents');
    spawnSync('sh', ['-c', `mv "$1/a" "$1/$(printf 'n\\377\\nx')"`, 'sh', source]);
    const {
      changes: [change],
    } = box.json<{ changes: { pathBase64?: string; from?: string }[] }>(0, 'diff', id);
    assert.equal(Buffer.from(change?.pathBase64 ?? '', 'base64').toString('latin1'), 'n\xff\nx');
    assert.equal(box.phlb('diff', id).stdout, `moved  a -> n\\xff\\nx\n${id} to now: 1 moved\n`);
    assert.equal(box.phlb('diff', id, id).stdout, `${id} to ${id}: no changes\n`);
    const elsewhere = box.phlbProcess({ PHLB_HOST: 'other' }, 'diff', id);
    assert.equal(elsewhere.status, 2);
    assert.match(elsewhere.stderr, /another computer.*\n$/);
  });

  it('takes what a restore saved for itself alone', () => {
    box.write({ 'documents/a': 'old', 'documents/b': 'b' });
    const { id } = box.backup('documents');
    box.write({ 'documents/a': 'newer' });
    const { safetySnapshot } = box.json<{ safetySnapshot: string }>(0, 'restore', id);
    assert.deepEqual(changes(safetySnapshot), ['modified a']);
  });
});
