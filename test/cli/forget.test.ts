import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { PhlbError } from '../../src/engine/words/errors.js';
import type { DeleteResult } from '../../src/engine/delete.js';
import type { EngineClient } from '../../src/worker/client.js';
import { allocatedByFiles, random } from '../support/disk.js';
import { locationOf, startEngine } from '../support/engine.js';
import { assertSameTrees } from '../support/judges.js';
import { Sandbox } from '../support/sandbox.js';

describe('Forgetting a source', () => {
  let box: Sandbox;
  let engine: EngineClient;
  let documents: string;
  let photos: string;

  before(() => (engine = startEngine()));
  after(() => engine.dispose());
  beforeEach(() => {
    box = new Sandbox();
    [documents, photos] = [box.path('documents'), box.path('photos')];
    const shared = random(8192);
    box.write({ 'documents/shared': shared, 'documents/own': random(4096), 'photos/shared': shared });
  });
  afterEach(() => box.dispose());

  const forget = (name: string): Promise<DeleteResult> => engine.call('forget', { location: locationOf(box), name });
  const sources = (): { name: string }[] =>
    (JSON.parse(readFileSync(join(box.root, '.phlb', 'store.json'), 'utf8')) as { sources: { name: string }[] })
      .sources;

  it('takes all of its snapshots and leaves every other source whole', async () => {
    const first = box.backup(documents);
    const other = box.backup(photos);
    writeFileSync(join(documents, 'own'), 'edited');
    const second = box.backup(documents);
    writeFileSync(join(documents, 'own'), 'ruined');
    const { safetySnapshot } = box.json<{ safetySnapshot: string }>(0, 'restore', first.id);
    const copy = box.path('copy');
    execFileSync('cp', ['-a', other.path, copy]);
    const before = allocatedByFiles(box.root);

    const result = await forget('documents');
    assert.deepEqual(result.deleted, [first.id, second.id, safetySnapshot]);
    assert.equal(before - allocatedByFiles(box.root) >= 4096, true);
    assert.deepEqual(box.ids('--all'), [other.id]);
    assertSameTrees(copy, other.path);
    assertSameTrees(photos, other.path);
    box.json(0, 'verify');
    assert.ok(!existsSync(join(box.root, 'documents')), 'an empty folder is left');
    assert.deepEqual(readdirSync(join(box.root, '.phlb', 'manifests')), ['photos']);
    assert.deepEqual(
      sources().map(({ name }) => name),
      ['photos'],
    );
    assert.ok(existsSync(join(documents, 'own')), 'the folder of today is none of the store');
  });

  it('lets the folder begin a new history under its old name', async () => {
    box.backup(documents);
    await forget('documents');
    const again = box.backup(documents);
    assert.equal(again.name, 'documents');
    assertSameTrees(documents, again.path);
    assert.deepEqual(box.ids(), [again.id]);
  });

  it('refuses while a snapshot is pinned, and then deletes nothing at all', async () => {
    const first = box.backup(documents);
    const second = box.backup(documents);
    box.json(0, 'pin', first.id);
    await assert.rejects(forget('documents'), (error: unknown) => {
      assert.ok(PhlbError.is(error, 'usage'));
      assert.ok(error.line.includes(first.id));
      return true;
    });
    assert.deepEqual(box.ids(), [first.id, second.id]);
  });

  it('goes on where one that died has stopped', async () => {
    const [first, second] = [box.backup(documents), box.backup(documents)];
    const other = box.backup(photos);
    // As after a kill between two snapshots: one tree in the trash, its manifest gone or not yet.
    const dead = join(box.root, '.phlb', 'partial', '0123456789ab-deleted');
    mkdirSync(dead);
    renameSync(first.path, join(dead, '1'));
    assert.deepEqual(box.ids(), [second.id, other.id], 'until then it is a source with fewer snapshots');
    assert.deepEqual((await forget('documents')).deleted, [second.id]);
    assert.deepEqual(readdirSync(join(box.root, '.phlb', 'partial')), []);
    assert.deepEqual(box.ids(), [other.id]);
    // As after a kill before the list was written: no snapshot, but still a source.
    const again = box.backup(documents);
    rmSync(again.path, { recursive: true });
    assert.deepEqual((await forget('documents')).deleted, []);
    assert.deepEqual(
      sources().map(({ name }) => name),
      ['photos'],
    );
    box.json(0, 'verify');
  });

  it('leaves what PHLB has not made, and says so', async () => {
    const { name } = box.backup(documents);
    writeFileSync(join(box.root, name, 'notes.txt'), 'mine');
    const { notes } = await forget(name);
    assert.equal(readFileSync(join(box.root, name, 'notes.txt'), 'utf8'), 'mine');
    assert.match(notes.join('\n'), /documents holds more than snapshots/);
    assert.deepEqual(box.ids(), []);
  });

  it('never follows a link out of the backup location', async () => {
    const { path } = box.backup(documents);
    const away = box.path('away');
    renameSync(join(box.root, 'documents'), away);
    symlinkSync(away, join(box.root, 'documents'));
    await assert.rejects(forget('documents'), (error: unknown) => PhlbError.is(error, 'store'));
    rmSync(join(box.root, 'documents'));
    renameSync(away, join(box.root, 'documents'));
    assertSameTrees(documents, path);
  });

  it('rejects a name that no source has, also one that leads elsewhere', async () => {
    box.backup(documents);
    for (const name of ['nothing', '..', '.phlb', '', 'documents/..']) {
      await assert.rejects(forget(name), (error: unknown) => PhlbError.is(error, 'notFound'), name);
    }
    assert.equal(box.ids().length, 1);
  });
});
