import assert from 'node:assert/strict';
import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertSameHardlinks, assertSameTrees, sameInode } from '../support/judges.js';
import { missingFor, restic, startServer, type OffsiteServer } from '../support/offsite-servers.js';
import { Sandbox } from '../support/sandbox.js';
import { inventory, type Bytes, type Node } from '../support/trees.js';

/** Each would be something else to a pattern, a shell, an include file or a JSON text. */
const ODD = [
  '[b]*?.txt',
  'new\nline',
  'trailing ',
  '$HOME',
  '#hash',
  'back\\slash',
  'ünï — 雪',
  'a,b',
  '-rf',
  ' leading',
];

describe('A machine that is lost', () => {
  for (const kind of ['REST', 'SFTP', 'S3'] as const) {
    const missing = missingFor(kind);
    describe(`with copies over ${kind}${missing.length > 0 ? ` (skipped: no ${missing.join(', ')})` : ''}`, () => {
      if (missing.length > 0) return void it.skip('comes back');
      let box: Sandbox;
      let server: OffsiteServer;
      let ids: string[];
      /** a copy of the root and of the source, made before all was lost */
      let was: string;
      let source: Map<Bytes, Node>;

      before(async () => {
        box = new Sandbox();
        server = await startServer[kind](box.path('server'));
        ids = makeHistory(box);
        was = box.path('was');
        mkdirSync(was);
        box.run(['cp', '-a', box.root, join(was, 'root')]);
        source = inventory(box.path('documents'));
        const made = phlb('init');
        assert.match(made.stdout, /Without its password nobody can open it/);
        assert.equal(JSON.parse(phlb('push', '--json').stdout).uploaded.length, 3);
      });
      after(async () => {
        await server.stop();
        box.dispose();
      });

      it('comes back by one command: all snapshots, hardlinked, and the newest to work in', () => {
        for (const folder of ['documents', 'home']) rmSync(box.path(folder), { recursive: true });
        mkdirSync(box.home);
        const ended = box.phlbWith(server.env, ...['offsite', 'recover', server.repository, '--json', '--to', 'work']);
        assert.equal(ended.status, 0, ended.stderr);
        const { snapshots, errors, linkedFiles } = JSON.parse(ended.stdout) as Recovered;
        assert.deepEqual([snapshots, errors], [3, []]);
        assert.ok(linkedFiles > 0);
        for (const id of ids) {
          const [then, now] = [inventory(join(was, 'root', id)), inventory(join(box.root, id))];
          assertSameTrees(join(was, 'root', id), join(box.root, id));
          assertSameHardlinks(then, now);
          for (const [path, node] of then) assert.deepEqual(facts(now.get(path)), facts(node), path);
        }
        assert.ok(sameInode(join(box.root, ids[0] ?? '', 'kept'), join(box.root, ids[2] ?? '', 'kept')));
        assert.equal(sizeOf(box, box.root), sizeOf(box, join(was, 'root')), 'what the root took');
        assert.match(box.phlb('verify').stdout, /no damage/);
        assert.deepEqual(box.ids(), ids);
        assert.match(box.phlb('list').stdout, /the good one/);
        const work = inventory(box.path('work'));
        assert.deepEqual([...work.keys()].sort(), [...source.keys()].sort());
        for (const [path, node] of source) assert.deepEqual(facts(work.get(path)), facts(node), path);
      });

      // What follows is the same whatever restic speaks.
      if (kind !== 'REST') return;

      it('goes on with its history and with its copies', () => {
        const before = nothingNew() as { lastPush: string };
        const { lastPush, ...again } = JSON.parse(phlb('push', '--json').stdout) as { lastPush: string };
        assert.deepEqual({ ...again, lastPush: before.lastPush }, before);
        assert.ok(lastPush >= before.lastPush);
        writeFileSync(box.path('work', 'new'), 'since');
        renameSync(box.path('work'), box.path('documents'));
        const next = box.backup('documents');
        assert.equal(next.name, 'documents', 'at its old path nobody has to say whose history it is');
        assert.equal(next.copiedFiles, 1, 'all else is known');
        assert.deepEqual(
          JSON.parse(phlb('push', '--json').stdout).uploaded.map(({ id }: { id: string }) => id),
          [next.id],
        );
      });

      it('comes back without PHLB, by two lines of restic', () => {
        const list = JSON.parse(restic(server, ['snapshots', '--json', '--tag', `phlb:${ids[1]}`])) as { id: string }[];
        restic(server, ['restore', list[0]?.id ?? '', '--target', box.path('plain')]);
        assertSameTrees(join(was, 'root', ids[1] ?? ''), box.path('plain'));
      });

      function phlb(...args: string[]): { stdout: string } {
        const ended = box.phlbWith(server.env, 'offsite', ...args);
        assert.equal(ended.status, 0, ended.stderr);
        return ended;
      }

      function nothingNew(): object {
        const { lastPush } = JSON.parse(phlb('status', '--json').stdout) as { lastPush: string };
        return { repository: server.repository, uploaded: [], skipped: 3, pending: 0, lastPush, errors: [] };
      }
    });
  }
});

interface Recovered {
  snapshots: number;
  fetchedBytes: number;
  linkedFiles: number;
  errors: unknown[];
}

/** Three snapshots of `documents`, in the second and third of which odd names have new contents. */
function makeHistory(box: Sandbox): string[] {
  const folder = box.path('documents');
  box.write({ 'documents/kept': 'kept', 'documents/run': 'kept', 'documents/sub/deep/a': 'a', 'documents/empty/': '' });
  for (const name of ODD) writeFileSync(join(folder, name), `first ${name}`);
  // A name that is no UTF-8.
  writeFileSync(Buffer.concat([Buffer.from(`${folder}/stray `), Buffer.from([0xff, 0xfe])]), 'stray');
  for (let i = 0; i < 50; i++) box.write({ [`documents/many/${i}`]: `${i}` });
  symlinkSync('sub/deep', join(folder, 'link'));
  symlinkSync('/nowhere', join(folder, 'dangling'));
  linkSync(join(folder, 'kept'), join(folder, 'hardlink'));
  chmodSync(join(folder, 'run'), 0o755);
  chmodSync(join(folder, 'sub'), 0o700);
  const ids = [box.backup('documents').id];
  for (const name of ODD) writeFileSync(join(folder, name), `second ${name}`);
  ids.push(box.backup('documents').id);
  for (const name of ODD) writeFileSync(join(folder, 'sub', name), `third ${name}`);
  renameSync(join(folder, 'many'), join(folder, 'moved'));
  box.run(['touch', '-d', '1965-04-03 02:01:00.123456', join(folder, 'kept')]);
  ids.push(box.backup('documents', '--label', 'the good one').id);
  box.phlb('pin', ids[0] ?? '');
  return ids;
}

/** What of a file must come back: the time to the microsecond. */
function facts(node: Node | undefined): unknown {
  if (!node) return undefined;
  const { type, mode, mtime, size, sha256, target } = node;
  return { type, mode, mtime: mtime / 1000n, size, sha256, target };
}

function sizeOf(box: Sandbox, folder: string): string {
  return box.run(['du', '-s', '--exclude=.phlb', folder]).stdout.split('\t')[0] ?? '';
}
