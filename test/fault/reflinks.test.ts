import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { assertSameTrees } from '../support/judges.js';
import { CLI, Sandbox, type SnapshotJson } from '../support/sandbox.js';
import { Ground, must } from './support/ground.js';
import { helper, start, until } from './support/processes.js';

const MEGABYTE = 1 << 20;

for (const kind of ['btrfs', 'xfs'] as const) {
  describe(`Where files can be cloned (${kind})`, () => {
    let box: Sandbox;
    let ground: Ground;
    let disk: string;
    let source: string;
    let root: string;

    beforeEach(function () {
      box = new Sandbox();
      ground = new Ground(box);
      const mounted = ground[kind]('disk', 400);
      if (mounted === undefined) return this.skip();
      disk = mounted;
      [source, root] = [join(disk, 'documents'), join(disk, 'root')];
      mkdirSync(source);
    });
    afterEach(() => {
      ground.dispose();
      box.dispose();
    });

    it('a backup on the same disk takes no room for the contents, and a change in the source stays out of it', () => {
      for (let i = 0; i < 4; i++) writeFileSync(join(source, `large ${i}`), randomBytes(10 * MEGABYTE));
      for (let i = 0; i < 20; i++) writeFileSync(join(source, `middle ${i}`), randomBytes(100_000));
      writeFileSync(join(source, 'small'), 'small');
      chmodSync(join(source, 'large 0'), 0o4755);
      const copy = box.path('copy');
      must('cp', '-a', '--reflink=never', source, copy);
      const before = free();
      const first = box.backup(source, '--root', root);
      assert.ok(before - free() < 3 * MEGABYTE, `${before - free()} bytes for a copy of 42 MB`);
      assert.equal(first.copiedFiles, 25);
      for (const name of ['large 0', 'middle 7']) assertShared(join(first.path, name));
      assert.equal(lstatSync(join(first.path, 'large 0')).mode & 0o7777, 0o555);

      // In place, as a database or a virtual machine writes.
      const fd = openSync(join(source, 'large 1'), 'r+');
      writeSync(fd, 'changed in the middle', 5 * MEGABYTE);
      closeSync(fd);
      assertSameTrees(copy, first.path);
      const between = free();
      const second = box.backup(source, '--root', root);
      assert.deepEqual([second.copiedFiles, second.damaged], [1, []]);
      assert.ok(between - free() < 3 * MEGABYTE, `${between - free()} bytes for a change of 21 in 10 MB`);
      assertSameTrees(source, second.path);
      assertSameTrees(copy, first.path);
      box.json(0, 'verify', '--root', root);
    });

    it('known contents are linked, wherever they turn up, and another disk is copied from', function () {
      const memory = ground.tmpfs('memory', 'size=50m');
      if (memory === undefined) return this.skip();
      const content = randomBytes(2 * MEGABYTE);
      for (const name of ['a', 'b']) writeFileSync(join(source, name), content);
      const first = box.backup(source, '--root', root);
      assert.equal(first.copiedFiles, 1);
      for (const folder of [join(source, 'again'), join(memory, 'elsewhere')]) {
        mkdirSync(folder);
        writeFileSync(join(folder, 'c'), content);
        writeFileSync(join(folder, 'own'), randomBytes(MEGABYTE));
        const next = box.backup(folder, '--root', root);
        assert.deepEqual([next.copiedFiles, next.linkedFiles, next.damaged], [1, 1, []]);
        assert.equal(lstatSync(join(next.path, 'c')).ino, lstatSync(join(first.path, 'a')).ino);
        assertSameTrees(folder, next.path);
      }
      assert.equal(must('find', join(root, '.phlb/partial'), '-mindepth', '1'), '');
      box.json(0, 'verify', '--root', root);
    });

    it('a file that is written to all the time is stored as it was at one moment', async () => {
      const file = join(source, 'database');
      const script = `const fs = require('fs'); const fd = fs.openSync(process.argv[1], 'w');
        for (let i = 0; ; i++) fs.writeSync(fd, Buffer.alloc(${6 * MEGABYTE}, 97 + i % 26), 0, ${6 * MEGABYTE}, 0);`;
      const writer = start(box, [process.execPath, '-e', script, file]);
      try {
        await until('a whole file', () => (lstatSync(file, { throwIfNoEntry: false })?.size ?? 0) === 6 * MEGABYTE);
        for (let i = 0; i < 3; i++) {
          const { stdout } = box.phlb('backup', source, '--root', root, '--json');
          const [snapshot] = (JSON.parse(stdout) as { snapshots: SnapshotJson[] }).snapshots;
          const stored = readFileSync(join(snapshot?.path ?? '', 'database'));
          assert.equal(stored.length, 6 * MEGABYTE);
          assert.ok(stored.equals(Buffer.alloc(stored.length, stored[0])), 'of one write only');
        }
      } finally {
        writer.child.kill('SIGKILL');
        await writer.ended;
      }
      box.json(0, 'verify', '--root', root);
    });

    it('a root without hardlinks shares blocks between its snapshots, from whatever disk they come', function () {
      const memory = ground.tmpfs('memory', 'size=50m');
      if (memory === undefined) return this.skip();
      const folder = join(memory, 'documents');
      mkdirSync(folder);
      for (const name of ['a', 'b', 'c']) writeFileSync(join(folder, name), randomBytes(5 * MEGABYTE));
      must('cp', '-a', join(folder, 'a'), join(folder, 'same as a'));
      writeFileSync(join(folder, 'small'), 'small');
      const first = withoutLinks(folder);
      const before = free();
      const second = withoutLinks(folder);
      assert.ok(before - free() < 3 * MEGABYTE, `${before - free()} bytes for a second copy of 20 MB`);
      assert.deepEqual([second.linkedFiles, second.damaged], [4, []]);
      for (const { path } of [first, second]) {
        assertSameTrees(folder, path ?? '');
        assertShared(join(path ?? '', 'same as a'));
        assert.equal(lstatSync(join(path ?? '', 'a')).nlink, 1);
      }
      box.json(0, 'verify', '--root', root);
    });

    function withoutLinks(folder: string): SnapshotJson {
      const args = ['--require', helper('no-links'), CLI, 'backup', folder, '--root', root, '--json'];
      const { status, stdout, stderr } = box.run([process.execPath, ...args]);
      assert.equal(status, 0, stderr);
      const [snapshot] = (JSON.parse(stdout) as { snapshots: SnapshotJson[] }).snapshots;
      assert.ok(snapshot);
      return snapshot;
    }

    function assertShared(file: string): void {
      assert.match(must('filefrag', '-v', file), /\bshared\b/, `${file} has blocks of its own`);
    }

    function free(): number {
      must('sync', '-f', disk);
      const { bavail, bsize } = statfsSync(disk);
      return bavail * bsize;
    }
  });
}
