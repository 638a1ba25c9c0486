import assert from 'node:assert/strict';
import { renameSync, rmSync, symlinkSync } from 'node:fs';
import { elapse } from '../support/elapse.js';
import { Sandbox } from '../support/sandbox.js';

describe('A folder that goes by several paths', () => {
  let box: Sandbox;

  beforeEach(() => {
    box = new Sandbox();
    box.write({ 'disk/project/a.txt': 'a', 'disk/other/b.txt': 'b' });
    symlinkSync(box.path('disk', 'project'), box.path('link'));
    symlinkSync(box.path('disk'), box.path('mount'));
  });
  afterEach(() => box.dispose());

  const names = (): { name: string; source: string; snapshots: unknown[] }[] =>
    box.json<{ sources: { name: string; source: string; snapshots: unknown[] }[] }>(0, 'list').sources;

  it('is one source, by whichever of them it is backed up', () => {
    const first = box.backup(box.path('disk', 'project'));
    elapse(box.root);
    const [second, third] = ['link', 'mount/project'].map(path => box.backup(box.path(path)));
    assert.deepEqual([second?.name, third?.name], [first.name, first.name]);
    assert.equal(second?.unchangedFiles, 1, 'it is compared with the snapshot before');
    assert.deepEqual(
      names().map(({ name, source, snapshots }) => ({ name, source, snapshots: snapshots.length })),
      [{ name: 'project', source: box.path('disk', 'project'), snapshots: 3 }],
    );
  });

  it('is found where the symlink came first, also by a dry run', () => {
    const first = box.backup(box.path('link'));
    elapse(box.root);
    const dry = box.backupWith(0, box.path('disk', 'project'), '--dry-run');
    assert.deepEqual([dry.name, dry.unchangedFiles], [first.name, 1]);
    assert.equal(box.backup(box.path('disk', 'project')).name, 'link');
    assert.equal(names()[0]?.source, box.path('link'), 'it keeps the path that leads to it');
  });

  it('is another one once the symlink leads elsewhere, or has become a folder', () => {
    box.backup(box.path('disk', 'project'));
    rmSync(box.path('link'));
    symlinkSync(box.path('disk', 'other'), box.path('link'));
    assert.equal(box.backup(box.path('link')).name, 'link');
    rmSync(box.path('mount'));
    renameSync(box.path('disk', 'other'), box.path('mount'));
    assert.equal(box.backup(box.path('mount')).name, 'mount');
  });
});
