import assert from 'node:assert/strict';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RestoreSummary } from '../../src/engine/words/model.js';
import type { EngineClient } from '../../src/worker/client.js';
import { locationOf, startEngine } from '../support/engine.js';
import { sameInode } from '../support/judges.js';
import { Sandbox, type Restored } from '../support/sandbox.js';

describe('what was lost', () => {
  let box: Sandbox;
  let source: string;
  let engine: EngineClient;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    engine = startEngine();
  });
  afterEach(async () => {
    await engine.dispose();
    box.dispose();
  });

  const remove = (path: string): void => rmSync(join(source, path), { recursive: true });
  const read = (path: string): string => readFileSync(join(source, path), 'utf8');

  describe('is listed', () => {
    const lost = async (folder = '', limit?: number): Promise<{ paths: string[]; more: boolean }> => {
      const folders = [{ source: 'documents', folder }];
      const request = { location: locationOf(box), folders, ...(limit === undefined ? {} : { limit }) };
      const { files, more } = await engine.call('lost', request);
      return { paths: files.map(({ path, last }) => `${last} ${path}`), more };
    };

    it('those that were there longest first, and of a folder only', async () => {
      box.write({
        'documents/a/old.txt': 'o',
        'documents/a/b/newer.txt': 'n',
        'documents/z.txt': 'z',
        'documents/ab': '',
      });
      const first = box.backup(source).id;
      remove('a/old.txt');
      const second = box.backup(source).id;
      for (const path of ['a/b', 'z.txt', 'ab']) remove(path);
      assert.deepEqual(await lost(), {
        paths: [`${second} a/b/newer.txt`, `${second} ab`, `${second} z.txt`, `${first} a/old.txt`],
        more: false,
      });
      assert.deepEqual(await lost('a'), { paths: [`${second} a/b/newer.txt`, `${first} a/old.txt`], more: false });
      assert.deepEqual(await lost('', 1), { paths: [`${second} a/b/newer.txt`], more: true });
      box.write({ 'documents/z.txt': 'made anew' });
      assert.equal((await lost()).paths.includes(`${second} z.txt`), false);
    });

    it('without what only has another name, and what git does to its own files', async () => {
      box.write({ 'documents/draft.md': 'text', 'documents/copied.md': 'twice', 'documents/copy.md': 'twice' });
      box.write({ 'documents/.git/objects/aa': 'loose', 'documents/empty': '', 'documents/twin': '' });
      const { id } = box.backup(source);
      renameSync(join(source, 'draft.md'), join(source, 'final.md'));
      box.backup(source);
      box.write({ 'documents/final.md': 'text, and more' });
      for (const path of ['.git/objects/aa', 'empty', 'copied.md']) remove(path);
      const newest = box.backup(source).id;
      const { paths } = await lost();
      // A copy that stood beside it all the time is no new name of it.
      assert.deepEqual(
        paths.map(line => line.replace(/^\S+ /, '')),
        ['copied.md', 'empty'],
      );
      assert.ok(!paths.some(line => [newest, id].includes(line.split(' ')[0] ?? '')), paths.join());
    });
  });

  describe('comes back from several snapshots at once', () => {
    const restore = (
      snapshot: string,
      paths: string[],
      also: { snapshot: string; paths: string[] }[],
    ): Promise<Restored> => engine.call('restore', { location: locationOf(box), snapshot, paths, also });

    it('with one safety snapshot and one undo, each file from its own', async () => {
      box.write({ 'documents/gone/a.txt': 'first', 'documents/gone/b.txt': 'b', 'documents/kept.txt': 'one' });
      const first = box.backup(source).id;
      remove('gone/a.txt');
      box.write({ 'documents/gone/b.txt': 'b of the second', 'documents/kept.txt': 'two' });
      const second = box.backup(source).id;
      remove('gone');
      box.write({ 'documents/kept.txt': 'ruined' });
      const also = [{ snapshot: first, paths: ['gone/a.txt'] }];
      const { created, overwritten, safetySnapshot } = await restore(second, ['gone/b.txt', 'kept.txt'], also);
      assert.deepEqual(
        [created.map(({ path }) => path), overwritten.map(({ path }) => path)],
        [['gone', 'gone/a.txt', 'gone/b.txt'], ['kept.txt']],
      );
      assert.deepEqual([read('gone/a.txt'), read('gone/b.txt'), read('kept.txt')], ['first', 'b of the second', 'two']);
      assert.deepEqual(
        box.ids('--all').filter(id => id !== first && id !== second),
        [safetySnapshot],
      );
      const undone = box.json<Restored>(0, 'undo');
      assert.deepEqual(
        undone.deleted.map(({ path }) => path),
        ['gone', 'gone/a.txt', 'gone/b.txt'],
      );
      assert.equal(read('kept.txt'), 'ruined');
      box.json(0, 'undo');
      assert.deepEqual([read('gone/a.txt'), read('kept.txt')], ['first', 'two']);
    });

    it('with the names of one file together, and never with one that has got its inode since', async () => {
      box.write({ 'documents/x': 'linked' });
      linkSync(join(source, 'x'), join(source, 'y'));
      const first = box.backup(source).id;
      // The very same inodes with another content: as if their numbers had been used again.
      writeFileSync(join(source, 'x'), 'other!');
      const second = box.backup(source, '--checksum').id;
      remove('x');
      remove('y');
      await restore(first, ['x'], [{ snapshot: second, paths: ['y'] }]);
      assert.deepEqual([read('x'), read('y')], ['linked', 'other!']);
      remove('x');
      remove('y');
      mkdirSync(join(source, 'sub'));
      await restore(second, ['x', 'y'], []);
      assert.ok(sameInode(join(source, 'x'), join(source, 'y')));
    });

    it('but not where two contents are asked for in one place, nor with a removal of what is newer', async () => {
      box.write({ 'documents/sub/a.txt': 'one' });
      const first = box.backup(source).id;
      box.write({ 'documents/sub/a.txt': 'two' });
      const second = box.backup(source).id;
      const refused = { code: 'usage' };
      for (const [paths, others] of [
        [['sub/a.txt'], ['sub/a.txt']],
        [['sub'], ['sub/a.txt']],
        [['sub/a.txt'], ['sub']],
        [[], ['sub']],
        [['sub'], []],
      ] as const) {
        await assert.rejects(restore(second, [...paths], [{ snapshot: first, paths: [...others] }]), refused);
      }
      const also = [{ snapshot: first, paths: ['sub'] }];
      const deleting = { location: locationOf(box), snapshot: second, paths: ['x'], also, delete: true };
      await assert.rejects(engine.call('restore', deleting), /not/i);
      assert.equal(read('sub/a.txt'), 'two');
    });
  });

  describe('is told of by the safety snapshot of each restore', () => {
    const summaries = async (): Promise<(RestoreSummary | undefined)[]> => {
      const { sources } = await engine.call('list', { location: locationOf(box), all: true });
      return sources.flatMap(({ snapshots }) =>
        snapshots.filter(({ kind }) => kind === 'safety').map(({ restore }) => restore),
      );
    };

    it('by what it saved, else nobody knows one from the other', async () => {
      box.write({ 'documents/a.txt': 'a', 'documents/sub/b.txt': 'b', 'documents/sub/c.txt': 'c' });
      box.backup(source);
      box.write({ 'documents/sub/b.txt': 'ruined', 'documents/sub/c.txt': 'ruined' });
      remove('a.txt');
      box.json(0, 'restore', 'documents/latest');
      box.json(0, 'undo');
      box.json(0, 'undo');
      remove('sub');
      box.json(0, 'restore', 'documents/latest');
      assert.deepEqual(await summaries(), [
        { does: 'restore', path: 'sub/b.txt', count: 2, saved: true },
        { does: 'undo', path: 'sub/b.txt', count: 3, saved: true },
        { does: 'redo', path: 'sub/b.txt', count: 2, saved: true },
        { does: 'restore', path: 'sub/b.txt', count: 2, saved: false },
      ]);
      const listed = box.phlb('list', '--all').stdout;
      assert.match(listed, /before restoring b\.txt and 1 more\n/);
      assert.match(listed, /before undoing the restore of b\.txt and 2 more\n/);
      assert.match(listed, /before restoring b\.txt and 1 more again\n/);
      assert.match(listed, /restored b\.txt and 1 more \(nothing was overwritten\)\n/);
    });

    it('unless its record is of an older version, or nonsense', async () => {
      box.write({ 'documents/a.txt': 'a' });
      box.backup(source);
      for (const did of [undefined, 'a text', { does: 'restore', path: 7, count: 1, saved: true }]) {
        remove('a.txt');
        const { safetySnapshot } = box.json<Restored>(0, 'restore', 'documents/latest');
        const file = join(box.root, '.phlb/manifests', `${safetySnapshot}.json`);
        const record = JSON.parse(readFileSync(file, 'utf8')) as { restore: { did?: unknown } };
        assert.notEqual(record.restore.did, undefined);
        rmSync(file);
        writeFileSync(file, JSON.stringify({ ...record, restore: { ...record.restore, did } }));
      }
      assert.deepEqual(await summaries(), [undefined, undefined, undefined]);
      assert.match(box.phlb('list', '--all').stdout, /before a restore\n/);
      box.json(0, 'undo');
    });
  });
});
