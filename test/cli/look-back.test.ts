import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { acquireLock } from '../../src/engine/store/lock.js';
import { sha256sum } from '../support/judges.js';
import { Sandbox } from '../support/sandbox.js';

interface VersionJson {
  snapshot: string;
  path: string;
  size: number;
  mtime: string;
  sha256: string;
}
interface MatchJson {
  path: string;
  pathBase64?: string;
  type: string;
  first: string;
  last: string;
  deleted: boolean;
}

describe('looking back', () => {
  let box: Sandbox;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
  });
  afterEach(() => box.dispose());

  const versions = (file: string): string[] =>
    box.json<{ versions: VersionJson[] }>(0, 'versions', file).versions.map(({ snapshot, path, sha256 }) => {
      assert.equal(sha256, sha256sum(join(box.root, snapshot, path)));
      return `${snapshot} ${path}`;
    });
  const find = (...args: string[]): MatchJson[] => box.json<{ matches: MatchJson[] }>(0, 'find', ...args).matches;

  describe('with phlb versions', () => {
    it('finds every version across edits, renames, moves and deletion, each where it came to be', () => {
      box.write({ 'documents/draft.md': 'one', 'documents/empty': '' });
      const ids = [box.backup('documents').id];
      const step = (change: () => void): void => {
        change();
        ids.push(box.backup('documents').id);
      };
      step(() => box.write({ 'documents/draft.md': 'two' }));
      step(() => utimesSync(join(source, 'draft.md'), 1, 1));
      step(() => {
        mkdirSync(join(source, 'letters'));
        renameSync(join(source, 'draft.md'), join(source, 'letters/final.md'));
        box.write({ 'documents/draft.md': 'another draft' });
      });
      step(() => box.write({ 'documents/letters/final.md': 'three' }));
      step(() => rmSync(join(source, 'letters'), { recursive: true }));
      const expected = [
        `${ids[4]} letters/final.md`,
        `${ids[3]} letters/final.md`,
        `${ids[1]} draft.md`,
        `${ids[0]} draft.md`,
      ];
      assert.deepEqual(versions('documents/letters/final.md'), expected, 'of a file that is no longer there');
      assert.deepEqual(versions(join(source, 'draft.md')), [
        `${ids[3]} draft.md`,
        `${ids[1]} draft.md`,
        `${ids[0]} draft.md`,
      ]);
      const relative = box.run([
        'sh',
        '-c',
        `cd documents && "$0" "$1" versions ./draft.md`,
        process.execPath,
        join(process.cwd(), 'dist/cli.js'),
      ]);
      assert.equal(relative.stdout.split('\n').length, 5);
      assert.match(relative.stdout, /^SNAPSHOT +MODIFIED +SIZE +PATH\n.* 13 B {2}draft\.md\n/);

      // A snapshot in the middle of a chain goes.
      rmSync(join(box.root, ids[3] ?? ''), { recursive: true });
      assert.deepEqual(versions('documents/letters/final.md'), [`${ids[4]} letters/final.md`]);
      rmSync(join(box.root, ids[2] ?? ''), { recursive: true });
      assert.deepEqual(versions('documents/draft.md'), [
        `${ids[4]} draft.md`,
        `${ids[1]} draft.md`,
        `${ids[0]} draft.md`,
      ]);
    });

    it('goes on from a name that has ended, but never from a copy or an empty file', () => {
      box.write({ 'documents/old.txt': 'text', 'documents/empty-1': '', 'documents/stays': 'stays' });
      const first = box.backup('documents').id;
      renameSync(join(source, 'old.txt'), join(source, 'new.txt'));
      renameSync(join(source, 'empty-1'), join(source, 'empty-2'));
      cpSync(join(source, 'stays'), join(source, 'copy'));
      chmodSync(join(source, 'stays'), 0o600);
      const second = box.backup('documents').id;
      assert.deepEqual(versions('documents/old.txt'), [`${second} new.txt`, `${first} old.txt`]);
      assert.deepEqual(versions('documents/empty-2'), [`${second} empty-2`]);
      assert.deepEqual(versions('documents/copy'), [`${second} copy`]);
    });

    it('asks the innermost source, and all that have the same path', () => {
      box.write({ 'documents/sub/a': 'a' });
      const ids = [
        box.backup('documents').id,
        box.backup('documents/sub').id,
        box.backup('documents/sub', '--name', 'twice').id,
      ];
      assert.deepEqual(versions('documents/sub/a').sort(), [`${ids[1]} a`, `${ids[2]} a`].sort());
    });

    it('says in one line when it knows nothing', () => {
      box.write({ 'documents/sub/a': 'a', 'elsewhere/b': 'b' });
      box.backup('documents');
      for (const unknown of ['documents/sub', 'documents/never', 'elsewhere/b', 'documents']) {
        const { status, stdout, stderr } = box.phlb('versions', unknown);
        assert.deepEqual([status, stdout], [1, ''], unknown);
        assert.match(stderr, /^phlb: .*\n$/);
      }
      const { status, stdout } = box.phlb('versions', 'documents/never', '--json');
      assert.equal(status, 1);
      assert.equal((JSON.parse(stdout) as { errors: { code: string }[] }).errors[0]?.code, 'notFound');
    });
  });

  describe('with phlb find', () => {
    it('finds by name or path in all snapshots of all sources, and marks what the source no longer has', () => {
      box.write({
        'documents/a.odt': 'a',
        'documents/.hidden/b.odt': 'b',
        'documents/gone/c.odt': 'c',
        'pictures/d.odt': 'd',
        'documents/back.odt': 'e',
      });
      const first = box.backup('documents').id;
      const other = box.backup('pictures').id;
      rmSync(join(source, 'gone'), { recursive: true });
      rmSync(join(source, 'back.odt'));
      const second = box.backup('documents').id;
      box.write({ 'documents/back.odt': 'e' });
      rmSync(join(source, 'a.odt'));
      const row = (path: string, ids: string[], deleted: boolean, type = 'file') => ({
        path,
        type,
        first: ids[0],
        last: ids.at(-1),
        deleted,
      });
      const both = [first, second];
      const all = [
        row('.hidden/b.odt', both, false),
        row('a.odt', both, true),
        row('back.odt', [first], false),
        row('d.odt', [other], false),
        row('gone/c.odt', [first], true),
      ];
      assert.deepEqual(find('*.odt'), all);
      assert.deepEqual(find('**/*.odt'), all);
      assert.deepEqual(find('*.odt', '--deleted'), [all[1], all[4]]);
      assert.deepEqual(find('gone/**'), [all[4]]);
      assert.deepEqual(find('gone'), [row('gone', [first], true, 'dir')]);
      assert.deepEqual(find('/{gone,.hidden}/?.odt'), [all[0], all[4]]);
      assert.deepEqual(find('!a.odt'), []);
      const { stdout } = box.phlb('find', 'gone');
      assert.equal(
        stdout,
        table([
          ['FIRST', 'LAST', '', 'PATH'],
          [first, first, 'deleted', 'gone/'],
        ]),
      );
      assert.equal(box.phlb('find', '*.none').stdout, '');
      assert.equal(box.phlb('find', '').status, 2);
      assert.equal(box.phlb('find', 'x'.repeat(70_000)).status, 2);

      // Where the source cannot be looked at, the newest snapshot decides.
      renameSync(source, box.path('away'));
      assert.deepEqual(
        find('*.odt', '--deleted').map(({ path }) => path),
        ['back.odt', 'gone/c.odt'],
      );
    });

    it('is not led astray by a folder that became a symlink, and keeps exact bytes', () => {
      box.write({ 'documents/dir/x': 'x', 'elsewhere/x': 'x' });
      spawnSync('sh', ['-c', `printf y > "$1/$(printf 'y\\377')"`, 'sh', source]);
      box.backup('documents');
      rmSync(join(source, 'dir'), { recursive: true });
      spawnSync('ln', ['-s', '../elsewhere', join(source, 'dir')]);
      assert.deepEqual(
        find('x').map(({ deleted }) => deleted),
        [true],
      );
      const [odd] = find('y*');
      assert.equal(Buffer.from(odd?.pathBase64 ?? '', 'base64').toString('latin1'), 'y\xff');
      assert.equal(odd?.deleted, false);
    });

    it('answers from any index, names what it cannot read, and never waits for a lock', async () => {
      box.write({ 'documents/a': 'a' });
      const first = box.backup('documents').id;
      box.write({ 'documents/b': 'b' });
      const second = box.backup('documents').id;
      const index = join(box.state, 'index');
      const expected = find('[ab]');
      const file = join(index, box.indexFiles()[0] ?? '');
      const lock = await acquireLock(join(box.root, '.phlb', 'lock'), 'test', { cancelled: () => false });
      for (const damage of [
        () => rmSync(index, { recursive: true }),
        () => box.write({ [file.slice(box.dir.length + 1)]: 'x' }),
      ]) {
        damage();
        assert.deepEqual(find('[ab]'), expected);
      }
      lock.release();
      rmSync(index, { recursive: true });
      writeFileSync(box.manifest(first), 'no manifest');
      const { status, stdout, stderr } = box.phlb('find', '[ab]', '--json');
      assert.equal(status, 0);
      assert.deepEqual(
        (JSON.parse(stdout) as { matches: MatchJson[] }).matches.map(match => match.first),
        [second, second],
      );
      assert.match(stderr, new RegExp(`${first}: its manifest cannot be read`));
    });
  });
});

function table(rows: string[][]): string {
  const widths = rows[0]?.map((_, at) => Math.max(...rows.map(row => row[at]?.length ?? 0))) ?? [];
  return rows
    .map(row => row.map((cell, at) => (at === 3 ? cell : cell.padEnd(widths[at] ?? 0))).join('  ') + '\n')
    .join('');
}
