import assert from 'node:assert/strict';
import { lstatSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { flip } from '../support/damage.js';
import { assertSameTrees, sameInode } from '../support/judges.js';
import { Sandbox, type Published, type SnapshotJson } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';
import { must } from './support/ground.js';

interface Verified {
  damaged: { snapshot: string; path: string; problem: string }[];
  healed: { snapshot: string; path: string }[];
}

/** How people carry a backup location to another disk, without `-a` or with a format that has no fractions of seconds. */
const CARRIERS: Record<string, (from: string, to: string) => void> = {
  'cp -r': (from, to) => void must('cp', '-r', from, to),
  tar: (from, to) => {
    mkdirSync(to);
    must('sh', '-c', 'tar -C "$0" -cf - . | tar -C "$1" -xf -', from, to);
  },
  'tar -m': (from, to) => {
    mkdirSync(to);
    must('sh', '-c', 'tar -C "$0" -cf - . | tar -C "$1" -xmf -', from, to);
  },
};

describe('A backup location', () => {
  for (const [carrier, carry] of Object.entries(CARRIERS)) {
    describe(`that was carried by ${carrier}, which gave its files other times,`, () => {
      let box: Sandbox;
      let source: string;
      let root: string;
      let snapshots: Published[];
      let times: Map<string, bigint>[];

      beforeEach(() => {
        box = new Sandbox();
        source = box.path('documents');
        box.write({ 'documents/sub/b.txt': 'second', 'documents/sub/same.txt': 'second', 'documents/empty': '' });
        for (let n = 0; n < 20; n++) box.write({ [`documents/many/${n}.txt`]: `number ${n}` });
        writeFileSync(join(source, 'large.bin'), Buffer.alloc(3 << 20, 'large'));
        symlinkSync('sub/b.txt', join(source, 'link'));
        // Older than two seconds, so that nothing is read for its time.
        must('find', source, '-depth', '-exec', 'touch', '-h', '-d', '2024-02-29 12:00:00.123456', '{}', '+');
        const old = join(box.dir, 'old');
        snapshots = [box.backup(source, '--root', old)];
        writeFileSync(join(source, 'many/0.txt'), 'changed');
        snapshots.push(box.backup(source, '--root', old));
        times = snapshots.map(({ path }) => timesOf(path));
        root = join(box.dir, 'new');
        carry(old, root);
        must('mv', old, join(box.dir, 'away'));
        snapshots = snapshots.map(one => ({ ...one, path: join(root, one.id) }));
      });
      afterEach(() => box.dispose());

      it('is linked to by the next backup, which reads what is stored and puts the times back', () => {
        const next = box.backup(source, '--root', root);
        assert.deepEqual([next.copiedFiles, next.copiedBytes, next.damaged], [0, 0, []]);
        const [, last] = snapshots;
        for (const name of ['large.bin', 'many/5.txt', 'empty']) {
          assert.ok(sameInode(join(last?.path ?? '', name), join(next.path, name)), name);
        }
        assertSameTrees(source, next.path);
        assert.deepEqual(box.json<Verified>(0, 'verify', next.id, '--root', root).damaged, []);
        const again = box.backup(source, '--root', root);
        assert.deepEqual([again.copiedFiles, again.damaged], [0, []]);
        const { stderr } = box.phlb('backup', source, '--root', root, '--quiet');
        assert.equal(stderr, '', 'it is said once');
      });

      it('says by the way what the backup has found', () => {
        const { status, stderr } = box.phlb('backup', source, '--root', root, '--quiet');
        assert.equal(status, 0);
        assert.match(stderr, /^phlb: \d+ stored files had other times[^\n]*\n$/);
      });

      it('is told apart from damage by verify, which puts the times back when it is to heal', () => {
        const found = box.json<Verified>(3, 'verify', '--quick', '--root', root).damaged;
        assert.deepEqual([...new Set(found.map(({ problem }) => problem))], ['time']);
        assert.deepEqual(new Set(found.map(({ snapshot }) => snapshot)), new Set(snapshots.map(({ id }) => id)));
        const whole = box.json<Verified>(3, 'verify', '--root', root).damaged;
        assert.deepEqual(whole, found);
        const { damaged, healed } = box.json<Verified>(0, 'verify', '--heal', '--root', root);
        assert.deepEqual(damaged, whole);
        assert.equal(healed.length, damaged.length);
        for (const option of ['--quick', '--heal']) {
          assert.deepEqual(box.json<Verified>(0, 'verify', option, '--root', root).damaged, []);
        }
        snapshots.forEach(({ path }, n) => {
          assert.deepEqual(timesOf(path), times[n], 'of files, folders and links');
        });
        const next = box.backup(source, '--root', root);
        assert.deepEqual([next.unchangedFiles + next.linkedFiles, next.copiedFiles, next.damaged], [24, 0, []]);
      });

      it('has a rotten file in it that is neither linked nor taken for sound by its new time', () => {
        const rotten = join(snapshots[1]?.path ?? '', 'many/7.txt');
        const { mtime } = lstatSync(rotten);
        flip(rotten);
        utimesSync(rotten, mtime, mtime);
        const kinds = box.json<Verified>(3, 'verify', snapshots[1]?.id ?? '', '--root', root).damaged;
        assert.deepEqual(
          kinds.filter(({ path }) => path === 'many/7.txt').map(({ problem }) => problem),
          ['content'],
        );
        const next = box.backup(source, '--root', root);
        assert.deepEqual([next.copiedFiles, next.damaged.map(({ path }) => path)], [1, ['many/7.txt']]);
        assertSameTrees(source, next.path);
        assert.ok(!sameInode(rotten, join(next.path, 'many/7.txt')));
        box.json<Verified>(0, 'verify', '--heal', '--root', root);
        assert.deepEqual(box.json<Verified>(0, 'verify', '--root', root).damaged, []);
        assert.equal(readFileSync(rotten, 'utf8'), 'number 7');
      });

      it('has its stored contents found for files that are new or were moved', () => {
        must('mv', join(source, 'many'), join(source, 'moved'));
        must('cp', join(source, 'large.bin'), join(source, 'copy.bin'));
        must('touch', join(source, 'large.bin'));
        const next = box.backup(source, '--root', root);
        assert.deepEqual([next.copiedFiles, next.damaged], [0, []]);
        assertSameTrees(source, next.path);
        assert.deepEqual(box.json<Verified>(0, 'verify', next.id, '--root', root).damaged, []);
      });
    });
  }

  it('whose times cannot be put back says so, and its files are linked all the same', () => {
    const box = new Sandbox();
    try {
      box.write({ 'documents/a.txt': 'one', 'documents/b.txt': 'two' });
      const source = box.path('documents');
      must('touch', '-d', '2024-02-29 12:00:00.123456', join(source, 'a.txt'), join(source, 'b.txt'));
      const first = box.backup(source);
      must('touch', join(first.path, 'a.txt'));
      // As a root on a file system that cuts times off would do.
      const shim = box.path('shim.cjs');
      writeFileSync(shim, REFUSING);
      const run = (...args: string[]): { status: number | null; stdout: string; stderr: string } =>
        box.run([process.execPath, '--require', shim, 'dist/cli.js', ...args].map(absolute));
      const { stdout, status } = run('backup', source, '--json');
      assert.equal(status, 0);
      const [next] = (JSON.parse(stdout) as { snapshots: SnapshotJson[] }).snapshots;
      assert.deepEqual([next?.copiedFiles, next?.damaged], [0, []]);
      assert.deepEqual(box.json<Verified>(0, 'verify', next?.id ?? '').damaged, [], 'the time is recorded as it is');
      const healed = run('verify', first.id, '--heal', '--json');
      assert.equal(healed.status, 3);
      assert.deepEqual((JSON.parse(healed.stdout) as Verified).damaged, [
        { snapshot: first.id, path: 'a.txt', problem: 'time' },
      ]);
    } finally {
      box.dispose();
    }
  });
});

/** Nobody may set a time of a stored file. */
const REFUSING = `
const fs = require('node:fs');
for (const name of ['futimesSync', 'utimesSync']) {
  const real = fs[name];
  fs[name] = (target, ...times) => {
    const path = typeof target === 'number' ? fs.readlinkSync('/proc/self/fd/' + target) : String(target);
    if (path.endsWith('a.txt')) throw Object.assign(new Error('EPERM: operation not permitted, futime'), { code: 'EPERM' });
    return real(target, ...times);
  };
}
require('node:module').syncBuiltinESMExports();
`;

function absolute(argument: string): string {
  return argument === 'dist/cli.js' ? join(process.cwd(), argument) : argument;
}

/** Microseconds. */
function timesOf(tree: string): Map<string, bigint> {
  return new Map([...inventory(tree)].map(([path, { mtime }]) => [path, mtime / 1000n]));
}
