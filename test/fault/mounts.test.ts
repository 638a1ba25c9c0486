import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { locationOf, startEngine } from '../support/engine.js';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox, type Restored } from '../support/sandbox.js';
import { Ground, must } from './support/ground.js';

describe('A source with something mounted in it', () => {
  let box: Sandbox;
  let ground: Ground;
  let source: string;

  beforeEach(function () {
    if (process.getuid?.() !== 0) this.skip();
    box = new Sandbox();
    ground = new Ground(box);
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'first', 'documents/mounted/': '', 'documents/sub/b.txt': 'second' });
  });
  afterEach(() => {
    ground.dispose();
    box.dispose();
  });

  const mounted = (): string => join(source, 'mounted');

  describe('the backup location, under another name (mount --bind)', () => {
    it('is not stored in itself, else each backup would hold all earlier ones', () => {
      box.backup(source);
      ground.bind(box.root, mounted());
      for (let run = 0; run < 3; run++) {
        const { files, excluded } = box.backup(source);
        assert.equal(files, 2);
        assert.deepEqual(excluded, [{ rule: 'backup root', directories: 1, files: 0 }]);
      }
    });

    it('nor where a folder above it is mounted, or one of its own', () => {
      const root = box.path('disk/backups');
      const first = box.backup(source, '--root', root);
      for (const folder of [box.path('disk'), join(root, first.name), join(root, '.phlb')]) {
        ground.bind(folder, mounted());
        const { files, excluded } = box.backup(source, '--root', root);
        assert.equal(files, 2, folder);
        assert.ok(excluded.some(({ rule }) => rule === 'backup root'));
        ground.unmount(mounted());
      }
    });

    it('is not emptied by a restore that deletes what is newer', () => {
      const { id, path } = box.backup(source);
      rmSync(mounted(), { recursive: true });
      const without = box.backup(source);
      mkdirSync(mounted());
      ground.bind(box.root, mounted());
      const { deleted } = box.json<Restored>(0, 'restore', without.id, '--delete');
      assert.deepEqual(deleted, []);
      ground.unmount(mounted());
      assertSameTrees(source, path);
      assert.ok(box.ids().includes(id));
      assert.equal(box.phlb('verify').status, 0);
    });

    it('is not overwritten by a file that stood in its place', () => {
      rmSync(mounted(), { recursive: true });
      writeFileSync(mounted(), 'a file once');
      const { id } = box.backup(source);
      rmSync(mounted());
      mkdirSync(mounted());
      ground.bind(box.root, mounted());
      const { errors } = box.json<Restored>(3, 'restore', id);
      assert.deepEqual(
        errors.map(({ path, code }) => [path, code]),
        [['mounted', 'EEXIST']],
      );
      assert.ok(existsSync(join(box.root, id)));
      assert.equal(box.phlb('verify').status, 0);
    });

    it('is refused as a source under that name, too', () => {
      box.backup(source);
      ground.bind(box.root, mounted());
      const { status, stderr } = box.phlb('backup', mounted());
      assert.equal(status, 2);
      assert.match(stderr, /^phlb: The backup location cannot be backed up into itself: [^\n]*\n$/);
    });
  });

  it('is let go of by every thread when the backup has ended, though the threads wait for the next one', async () => {
    const engine = startEngine(true);
    ground.tmpfs('documents/mounted', 'size=9m');
    box.write({ 'documents/mounted/c.txt': 'third' });
    for (let run = 1; run <= 2; run++) {
      const { files } = await engine.call('backup', { location: locationOf(box), source: mounted() });
      assert.equal(files, 1);
    }
    ground.unmount(mounted());
    await engine.dispose();
  });

  it('where the kernel answers (/proc, /sys) is stored without that: a read of it never ends', () => {
    for (const type of ['proc', 'sysfs']) {
      must('mount', '-t', type, type, mounted());
      try {
        const { files, excluded } = box.backup(source);
        assert.equal(files, 2, type);
        assert.deepEqual(excluded, [{ rule: 'kernel file system', directories: 1, files: 0 }]);
      } finally {
        must('umount', mounted());
      }
    }
  });

  it('such as another disk is stored with it', () => {
    const disk = ground.tmpfs('documents/mounted', 'size=1m');
    assert.ok(disk);
    writeFileSync(join(disk, 'c.txt'), 'third');
    const { path } = box.backup(source);
    assertSameTrees(source, path);
    assert.deepEqual(readdirSync(join(path, 'mounted')), ['c.txt']);
  });
});
