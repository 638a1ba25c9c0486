import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { allocatedByFiles, du, random } from '../support/disk.js';
import { locationOf, startEngine } from '../support/engine.js';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox, type Published } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';

interface Deleted {
  deleted: string[];
  freedBytes: number;
}

describe('phlb delete', () => {
  let box: Sandbox;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({ 'documents/same': random(8192), 'documents/sub/one': random(4096), 'documents/empty/': '' });
    symlinkSync('same', join(source, 'link'));
  });
  afterEach(() => box.dispose());

  it('removes a snapshot with its manifest and record and leaves every other one whole', () => {
    const [first, second, third] = backups(3);
    const copy = box.path('copy');
    execFileSync('cp', ['-a', third.path, copy]);
    const { status, stdout, stderr } = box.phlb('delete', second.id, first.path);
    assert.equal(status, 0, stderr);
    assert.equal(stdout, `Deleted ${second.id}\nDeleted ${first.id}\n2 snapshots deleted, 8.0 KiB freed\n`);
    assert.deepEqual(box.ids(), [third.id]);
    assertSameTrees(copy, third.path);
    assertSameTrees(source, third.path);
    box.json(0, 'verify');
    assert.deepEqual(readdirSync(join(box.root, '.phlb/manifests/documents')).sort(), filesOf(third));
    assert.deepEqual(readdirSync(join(box.root, '.phlb/partial')), []);
    const next = box.backup(source);
    assert.deepEqual([next.unchangedFiles + next.linkedFiles, next.copiedFiles], [next.files, 0]);
  });

  it('frees what it says, also before: the contents that have no name left, over all that goes together', async () => {
    const engine = startEngine();
    const [first, second, third] = backups(3);
    box.write({ 'other/shared': random(4096), 'other/own': random(12288) });
    writeFileSync(join(source, 'shared'), execFileSync('cat', [box.path('other/shared')]));
    const other = box.backup(box.path('other'));
    const fourth = box.backup(source);
    try {
      assert.deepEqual(await freed(first.id), 4096, 'what only the first had');
      const both = await freed(fourth.id, second.id);
      assert.deepEqual(both, 4096, 'what the second had; the other source holds the last file');
      assert.deepEqual(await freed(other.id, third.id), 12288 + 4096 + 8192 + 4096 + 4096, 'all');
      assert.deepEqual(box.ids(), []);
    } finally {
      await engine.dispose();
    }

    async function freed(...ids: string[]): Promise<number> {
      const before = inodes(box.root);
      const foretold = await engine.call('delete', { location: locationOf(box), snapshots: ids, dryRun: true });
      assert.deepEqual(inodes(box.root), before, 'a dry run');
      const [contents, all] = [allocatedByFiles(box.root), du(box.root)];
      const told = box.json<Deleted>(0, 'delete', ...ids);
      assert.deepEqual(told.deleted, ids);
      assert.deepEqual([foretold.deleted, foretold.freedBytes], [told.deleted, told.freedBytes]);
      assert.equal(contents - allocatedByFiles(box.root), told.freedBytes);
      assert.ok(all - du(box.root) >= told.freedBytes, 'and the folders');
      return told.freedBytes;
    }
  });

  it('refuses a pinned snapshot by name and then deletes nothing at all', () => {
    const [first, second] = backups(2);
    box.json(0, 'pin', second.id);
    const before = inodes(box.root);
    const { status, stdout, stderr } = box.phlb('delete', first.id, second.id);
    assert.deepEqual([status, stdout], [2, '']);
    assert.equal(stderr, `phlb: Pinned, so not deleted: ${second.id} (nothing was deleted; unpin it first)\n`);
    assert.deepEqual(inodes(box.root), before);
    box.json(0, 'unpin', second.id);
    box.json(0, 'delete', first.id, second.id);
    assert.deepEqual(box.ids(), []);
  });

  it('deletes nothing when one of several is not there, or named wrongly', () => {
    const [first] = backups(1);
    for (const [wrong, status] of [
      ['documents/2001-01-01-000000', 1],
      ['nowhere/latest', 1],
      ['documents', 2],
      ['../documents/latest', 2],
      ['documents/..', 2],
      ['.phlb/manifests', 2],
      [box.path('elsewhere/2016-01-07-085247'), 2],
    ] as const) {
      const ended = box.phlb('delete', first.id, wrong);
      assert.equal(ended.status, status, `${wrong}: ${ended.stderr}`);
      assert.match(ended.stderr, /^phlb: [^\n]+\n$/);
    }
    assert.equal(box.phlb('delete').status, 2);
    assert.deepEqual(box.ids(), [first.id]);
  });

  it('takes one named twice for one, and a safety snapshot like any other', () => {
    const [first] = backups(1);
    writeFileSync(join(source, 'same'), 'edited');
    const { safetySnapshot } = box.json<{ safetySnapshot: string }>(0, 'restore', first.id);
    assert.deepEqual(box.json<Deleted>(0, 'delete', safetySnapshot, safetySnapshot, first.path).deleted, [
      safetySnapshot,
      first.id,
    ]);
    assert.deepEqual(box.ids('--all'), []);
  });

  it('deletes a snapshot whose record is lost', () => {
    const [first, second] = backups(2);
    rmSync(join(box.root, '.phlb/manifests', `${first.id}.json`));
    box.json(0, 'delete', first.id);
    assert.deepEqual(box.ids(), [second.id]);
  });

  it('never follows a link out of the backup location', () => {
    const [first] = backups(1);
    const away = box.path('away');
    renameSync(join(box.root, 'documents'), away);
    symlinkSync(away, join(box.root, 'documents'));
    const before = inodes(away);
    for (const args of [
      ['delete', first.id],
      ['prune', 'documents', '--keep-last', '1'],
    ]) {
      const { status, stderr } = box.phlb(...args);
      assert.equal(status, 1);
      assert.match(stderr, /^phlb: documents is a link [^\n]*nothing was changed[^\n]*\n$/);
    }
    assert.deepEqual(inodes(away), before);
    // Inside a tree a link is removed, and what it points to is not.
    rmSync(join(box.root, 'documents'));
    renameSync(away, join(box.root, 'documents'));
    box.write({ 'outside/keep': 'kept' });
    symlinkSync(box.path('outside'), join(first.path, 'sub', 'out'));
    box.json(0, 'delete', first.id);
    assert.ok(existsSync(box.path('outside/keep')));
  });

  it('gets past folders that somebody has write-protected', () => {
    const [first] = backups(1);
    chmodSync(join(first.path, 'sub'), 0o500);
    chmodSync(join(first.path, 'empty'), 0);
    box.json(0, 'delete', first.id);
    assert.deepEqual([box.ids(), readdirSync(join(box.root, '.phlb/partial'))], [[], []]);
  });

  it('clears what a deletion that died has left, and counts it', () => {
    const [first, second] = backups(2);
    const dead = join(box.root, '.phlb/partial/0123456789ab-deleted');
    mkdirSync(dead);
    renameSync(first.path, join(dead, '1'));
    assert.deepEqual(box.ids(), [second.id], 'it is no snapshot');
    assert.equal(box.json<Deleted>(0, 'delete', second.id).freedBytes, 8192 + 4096 + 2 * 4096);
    assert.deepEqual(readdirSync(join(box.root, '.phlb/partial')), []);
    assert.equal(allocatedByFiles(box.root), 0);
  });

  it('removes names of any bytes', function () {
    if (process.platform !== 'linux') return this.skip();
    execFileSync('sh', [
      '-c',
      `cd "$1" && d=$(printf 'caf\\351') && mkdir "$d" && echo x > "$d/$(printf 'x\\377')"`,
      'sh',
      source,
    ]);
    const [first] = backups(1);
    box.json(0, 'delete', first.id);
    assert.deepEqual([box.ids(), readdirSync(join(box.root, '.phlb/partial'))], [[], []]);
  });

  // Each has one file of 4096 bytes that no other one has.
  function backups<N extends 1 | 2 | 3>(
    count: N,
  ): { 1: [Published]; 2: [Published, Published]; 3: [Published, Published, Published] }[N] {
    const all = Array.from({ length: count }, () => {
      writeFileSync(join(source, 'changing'), random(4096));
      return box.backup(source);
    });
    return all as ReturnType<typeof backups<N>>;
  }

  function filesOf({ id }: Published): string[] {
    const stamp = id.slice('documents/'.length);
    return [`${stamp}.json`, `${stamp}.mtree.gz`];
  }

  function inodes(folder: string): Map<string, bigint> {
    return new Map([...inventory(folder)].map(([path, { inode }]) => [path, inode]));
  }
});
