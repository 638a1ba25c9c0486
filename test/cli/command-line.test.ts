import assert from 'node:assert/strict';
import { existsSync, readdirSync, renameSync, rmSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { elapse } from '../support/elapse.js';
import { assertSameTrees } from '../support/judges.js';
import { CLI, Sandbox, type SnapshotJson } from '../support/sandbox.js';

interface Failed {
  errors: { path: string; code: string; message: string }[];
}

describe('phlb', () => {
  let box: Sandbox;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'first', 'documents/sub/b.txt': 'second', 'documents/empty/': '' });
  });
  afterEach(() => box.dispose());

  describe('told wrongly', () => {
    const wrong: string[][] = [
      [],
      ['nonsense'],
      ['backup'],
      ['backup', 'documents', '--nonsense'],
      ['backup', 'documents', '--max-size', 'much'],
      ['backup', 'documents', 'other', '--name', 'both'],
      ['backup', ''],
      ['backup', 'documents', '--root', ''],
      ['backup', 'documents', '--root'],
      ['backup', 'documents', '--to', 'x'],
      ['list', 'a', 'b'],
      ['list', '--gitignore'],
      ['ls'],
      ['restore'],
      ['help', 'nonsense'],
    ];
    for (const args of wrong) {
      it(`ends with 2 and one line, and touches nothing: phlb ${args.join(' ')}`, () => {
        const { status, stdout, stderr } = box.phlb(...args);
        assert.deepEqual([status, stdout], [2, '']);
        assert.match(stderr, /^phlb: [^\n]+ \([^\n]+\)\n$|^phlb: [^\n]+\n$/);
        assert.deepEqual(readdirSync(box.home), []);
      });
    }
  });

  it('helps, and tells its version', () => {
    for (const args of [['--help'], ['help'], ['-h']]) {
      const { status, stdout } = box.phlb(...args);
      assert.equal(status, 0);
      for (const command of ['backup', 'list', 'ls', 'restore', 'verify'])
        assert.match(stdout, new RegExp(`^  ${command} `, 'm'));
    }
    assert.match(box.phlb('backup', '--help').stdout, /--skip-unchanged/);
    assert.match(box.phlb('help', 'restore').stdout, /--overwrite/);
    assert.match(box.phlbProcess({}, '--version').stdout, /^\d+\.\d+\.\d+\n$/);
    assert.deepEqual(readdirSync(box.home), [], 'help needs no store');
  });

  describe('finds the store', () => {
    it('by option before environment before default', () => {
      const env = { PHLB_ROOT: box.path('from-env'), PHLB_INDEX: box.path('index-env') };
      const backup = ['backup', 'documents', '--quiet'];
      const options = ['--root', 'from-option', '--index', 'index-option'];
      assert.equal(box.phlbWith(env, ...backup).status, 0);
      assert.equal(box.phlbWith(env, ...backup, ...options).status, 0);
      // The first question makes the index.
      assert.equal(box.phlbWith(env, 'find', '*', '--quiet').status, 0);
      assert.equal(box.phlbWith(env, 'find', '*', '--quiet', ...options).status, 0);
      assert.equal(existsSync(box.root), false);
      assert.equal(box.phlb(...backup).status, 0);
      for (const root of ['from-env', 'from-option', box.root.slice(box.dir.length + 1)]) {
        assert.deepEqual(readdirSync(box.path(root)).sort(), ['.phlb', 'documents']);
        assert.equal(statSync(box.path(root)).mode & 0o777, 0o700, 'a new root is private');
      }
      for (const index of ['index-env', 'index-option']) assert.notDeepEqual(readdirSync(box.path(index)), []);
    });

    it('and refuses to found another where a remembered one has gone', () => {
      box.backup(source);
      rmSync(box.root, { recursive: true });
      const failed = box.backupWith(1, source);
      assert.deepEqual([failed.published, failed.id, failed.errors.length], [false, null, 1]);
      assert.equal(failed.errors[0]?.code, 'unreachable');
      assert.equal(existsSync(box.root), false);
      assert.equal(box.phlb('list').status, 1);
      assert.equal(existsSync(box.root), false);
      assert.equal(box.backup(source, '--init').copiedFiles, 2);
      assert.equal(box.backup(source).copiedFiles, 0);
    });
  });

  describe('backup', () => {
    it('says what it did, in the documented fields and no others', () => {
      const { snapshots } = box.json<{ snapshots: SnapshotJson[] }>(0, 'backup', 'documents');
      const [told] = snapshots;
      assert.ok(told?.id);
      const { startedAt, finishedAt, id, ...rest } = told;
      assert.match(id, /^documents\/\d{4}-\d\d-\d\d-\d{6}$/);
      for (const time of [startedAt, finishedAt]) assert.equal(new Date(time).toISOString(), time);
      assert.deepEqual(rest, {
        name: 'documents',
        source,
        path: join(box.root, id),
        published: true,
        files: 2,
        directories: rest.directories,
        symlinks: 0,
        bytes: 11,
        unchangedFiles: 0,
        warnings: [],
        linkedFiles: 0,
        copiedFiles: 2,
        copiedBytes: 11,
        linkedBytes: 0,
        excluded: [],
        damaged: [],
        errors: [],
      });
    });

    it('prints a summary for people, and nothing with --quiet', () => {
      const { status, stdout, stderr } = box.phlb('backup', 'documents');
      assert.deepEqual([status, stderr], [0, '']);
      assert.match(stdout, /^documents\/\d{4}-/);
      assert.deepEqual(box.phlb('backup', 'documents', '--quiet'), { status: 0, stdout: '', stderr: '' });
    });

    it('goes on with the other folders when one fails', () => {
      box.write({ 'third/c.txt': 'third' });
      const { snapshots } = box.json<{ snapshots: SnapshotJson[] }>(1, 'backup', 'documents', 'gone', 'third');
      assert.deepEqual(
        snapshots.map(({ published, errors }) => [published, errors.length]),
        [
          [true, 0],
          [false, 1],
          [true, 0],
        ],
      );
      assert.deepEqual([snapshots[1]?.source, snapshots[1]?.id], [box.path('gone'), null]);
      const human = box.phlb('backup', 'gone');
      assert.equal(human.status, 1);
      assert.match(human.stderr, /^phlb: [^\n]*gone[^\n]*\n$/);
      assert.equal(box.ids().length, 2);
    });

    it('takes no snapshot with --skip-unchanged until something has changed', () => {
      assert.equal(box.backupWith(0, source, '--skip-unchanged').published, true);
      const skipped = box.backupWith(0, source, '--skip-unchanged');
      assert.deepEqual([skipped.published, skipped.id, skipped.path, skipped.errors], [false, null, null, []]);
      assert.equal(box.ids().length, 1);
      renameSync(join(source, 'a.txt'), join(source, 'c.txt'));
      assert.equal(box.backupWith(0, source, '--skip-unchanged').published, true);
      assert.equal(box.ids().length, 2);
    });

    it('stores nothing in a dry run, and founds nothing', () => {
      const dry = box.backupWith(0, source, '--dry-run');
      assert.deepEqual([dry.published, dry.id, dry.path, dry.files], [false, null, null, 2]);
      assert.equal(existsSync(box.root), false);
    });

    it('sees an edit of the same size and time right after a backup', () => {
      box.backup(source);
      const file = join(source, 'a.txt');
      const { atime, mtime } = statSync(file);
      writeFileSync(file, 'FIRST');
      utimesSync(file, atime, mtime);
      assertSameTrees(source, box.backup(source).path);
    });

    it('reads nothing that has not changed, and everything with --checksum', () => {
      box.backup(source);
      elapse(box.root);
      assert.equal(box.backup(source).unchangedFiles, 2);
      assert.deepEqual(counts(box.backup(source, '--checksum')), [0, 2, 0]);
    });

    it('keeps two folders of one name apart', () => {
      box.write({ 'other/documents/a.txt': 'of the other' });
      box.backup(source);
      const other = box.backup(box.path('other/documents'));
      assert.equal(other.name, 'documents-2');
      assertSameTrees(box.path('other/documents'), other.path);
      assert.equal(box.backup(source).name, 'documents');
      assert.equal(box.backup(box.path('other/documents')).name, 'documents-2');
      assert.equal(box.ids('documents').length, 2);
      assert.equal(box.ids('documents-2').length, 2);
    });

    it('gives a name to one path only, unless it is adopted', () => {
      assert.equal(box.backup(source, '--name', 'papers').name, 'papers');
      renameSync(source, box.path('moved'));
      const refused = box.backupWith(2, box.path('moved'), '--name', 'papers');
      assert.equal(refused.published, false);
      assert.equal(box.ids().length, 1);
      const adopted = box.backup(box.path('moved'), '--name', 'papers', '--adopt');
      assert.deepEqual([adopted.name, adopted.copiedFiles], ['papers', 0]);
      assert.equal(box.backup(box.path('moved')).name, 'papers', 'the name is remembered');
    });

    it('follows a label into the list', () => {
      box.backup(source, '--label', 'before the move');
      const { sources } = box.json<{ sources: { snapshots: { label: string; pinned: boolean }[] }[] }>(0, 'list');
      assert.deepEqual([sources[0]?.snapshots[0]?.label, sources[0]?.snapshots[0]?.pinned], ['before the move', false]);
    });
  });

  describe('what is left out', () => {
    it('is counted by rule, and remembered for the source', () => {
      box.write({
        'documents/node_modules/m/i.js': '1',
        'documents/sub/node_modules/n.js': '2',
        'documents/x.log': '3',
        'documents/sub/y.log': '4',
        'documents/dist/kept.js': '5',
      });
      const ruled = box.backup(source, '--exclude', '**/*.log');
      assert.deepEqual(sorted(ruled.excluded), [
        { rule: '**/*.log', directories: 0, files: 2 },
        { rule: '**/node_modules', directories: 2, files: 0 },
      ]);
      assert.equal(ruled.files, 3);
      assert.deepEqual(sorted(box.backup(source).excluded), sorted(ruled.excluded));
      const all = box.backup(source, '--no-default-excludes');
      assert.deepEqual([all.files, all.excluded], [7, []]);
      assertSameTrees(source, all.path);
    });

    it('obeys .phlbignore always, and .gitignore when asked to', () => {
      box.write({
        'documents/.phlbignore': '*.tmp\n/private/\n',
        'documents/sub/.phlbignore': '!keep.tmp\n',
        'documents/.gitignore': 'b.txt\n',
        'documents/x.tmp': '',
        'documents/sub/keep.tmp': '',
        'documents/private/diary': '',
        'documents/sub/private/kept': '',
      });
      assert.deepEqual(names(box.backup(source).path), [
        '.gitignore',
        '.phlbignore',
        'a.txt',
        'empty',
        'sub',
        'sub/.phlbignore',
        'sub/b.txt',
        'sub/keep.tmp',
        'sub/private',
        'sub/private/kept',
      ]);
      assert.equal(existsSync(join(box.backup(source, '--gitignore').path, 'sub/b.txt')), false);
    });

    it('leaves out caches by their tag, but never the source folder itself', () => {
      const tag = 'Signature: 8a477f597d28d172789f06886806bc55\n# cache\n';
      box.write({
        'documents/CACHEDIR.TAG': tag,
        'documents/c/CACHEDIR.TAG': tag,
        'documents/c/x': '',
        'documents/d/CACHEDIR.TAG': 'no',
      });
      const { path, excluded } = box.backup(source);
      assert.equal(existsSync(join(path, 'a.txt')), true);
      assert.equal(existsSync(join(path, 'c/x')), false);
      assert.equal(existsSync(join(path, 'd/CACHEDIR.TAG')), true);
      assert.deepEqual(
        excluded.map(({ rule, directories }) => [/CACHEDIR\.TAG/.test(rule), directories]),
        [[true, 1]],
      );
    });

    it('leaves out what is too large', () => {
      box.write({ 'documents/large.bin': 'x'.repeat(2049), 'documents/fits.bin': 'x'.repeat(2048) });
      const { path, excluded } = box.backup(source, '--max-size', '2k');
      assert.deepEqual([existsSync(join(path, 'large.bin')), existsSync(join(path, 'fits.bin'))], [false, true]);
      assert.deepEqual(
        excluded.map(({ files }) => files),
        [1],
      );
    });

    it('never stores the backup root in itself', () => {
      const snapshot = box.backup(box.home);
      const again = box.backup(box.home);
      assert.deepEqual([existsSync(join(again.path, 'PyHardLinkBackups')), snapshot.name], [false, 'home']);
    });
  });

  describe('list and ls', () => {
    it('show snapshots oldest first, in the documented fields', () => {
      const ids = [box.backup(source).id, box.backup(source).id, box.backup(source).id];
      assert.deepEqual(box.ids(), ids);
      const { sources } = box.json<{ sources: { name: string; source: string; snapshots: object[] }[] }>(
        0,
        'list',
        'documents',
      );
      assert.deepEqual(Object.keys(sources[0] ?? {}), ['name', 'source', 'snapshots']);
      const [{ startedAt, ...first } = { startedAt: '' }] = (sources[0]?.snapshots ?? []) as { startedAt: string }[];
      assert.equal(new Date(startedAt).toISOString(), startedAt);
      assert.deepEqual(first, {
        id: ids[0],
        kind: 'snapshot',
        path: join(box.root, ids[0] ?? ''),
        files: 2,
        bytes: 11,
        copiedBytes: 11,
        label: null,
        pinned: false,
        errors: 0,
      });
      assert.match(box.phlb('list').stdout, /^documents {2}.*\n {2}SNAPSHOT .*\n( {2}documents\/.*\n){3}$/);
    });

    it('show the true modes and times', () => {
      symlinkSync('a.txt', join(source, 'link'));
      utimesSync(join(source, 'a.txt'), 1_000_000_000, 1_000_000_000);
      const { id, path } = box.backup(source);
      for (const name of [id, 'documents/latest', path]) {
        const { entries } = box.json<{ entries: Record<string, unknown>[] }>(0, 'ls', name);
        const paths = entries.map(entry => entry['path']).filter(entry => entry !== '' && entry !== '.');
        assert.deepEqual(paths, ['a.txt', 'empty', 'link', 'sub', 'sub/b.txt']);
        const { mode, ...file } = entries.find(entry => entry['path'] === 'a.txt') ?? {};
        assert.equal(mode, `0${(statSync(join(source, 'a.txt')).mode & 0o7777).toString(8)}`);
        assert.deepEqual(file, {
          path: 'a.txt',
          type: 'file',
          size: 5,
          mtime: '2001-09-09T01:46:40.000Z',
          sha256: 'a7937b64b8caa58f03721bb6bacf5c78cb235febe0e70b1b84cd99541461a08e',
        });
        assert.equal(entries.find(entry => entry['path'] === 'link')?.['target'], 'a.txt');
      }
      const below = box.json<{ entries: { path: string }[] }>(0, 'ls', id, './sub/').entries.map(entry => entry.path);
      assert.deepEqual(
        below.filter(entry => entry !== 'sub'),
        ['sub/b.txt'],
      );
    });

    it('fail with 1 on what does not exist', () => {
      box.backup(source);
      const missing = [
        ['ls', 'documents/1999-01-01-000000'],
        ['ls', 'nobody/latest'],
        ['ls', 'documents/latest', 'no/such'],
        ['restore', 'documents/1999-01-01-000000', '--to', 'out'],
        ['verify', 'documents/1999-01-01-000000'],
      ];
      for (const args of missing) {
        const { errors } = box.json<Failed>(1, ...args);
        assert.deepEqual(
          errors.map(({ code }) => code),
          ['notFound'],
          args.join(' '),
        );
      }
      assert.equal(existsSync(box.path('out')), false);
    });

    it('stop quietly when nobody reads on', () => {
      box.write(Object.fromEntries(Array.from({ length: 3000 }, (_, at) => [`documents/many/file-${at}`, ''])));
      box.backup(source);
      const piped = box.run(['sh', '-c', '"$@" | head -n 1', 'sh', process.execPath, CLI, 'ls', 'documents/latest']);
      assert.deepEqual([piped.stderr, piped.stdout.split('\n').length], ['', 2]);
    });
  });
});

function counts({ unchangedFiles, linkedFiles, copiedFiles }: SnapshotJson): number[] {
  return [unchangedFiles, linkedFiles, copiedFiles];
}

function sorted<T extends { rule: string }>(rules: T[]): T[] {
  return [...rules].sort((a, b) => (a.rule < b.rule ? -1 : 1));
}

function names(tree: string): string[] {
  return readdirSync(tree, { recursive: true, encoding: 'utf8' }).sort();
}
