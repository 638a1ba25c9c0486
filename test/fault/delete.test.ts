import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { assertSameTrees } from '../support/judges.js';
import { CLI, Sandbox } from '../support/sandbox.js';
import { helper, isStopped, leftovers, seeded, start, until, type Running } from './support/processes.js';

const FILES = 400;
/** Changes to the disk that the deletion of one snapshot takes, folders and all else included, at least. */
const CHANGES = FILES + 40;

describe('phlb delete, stopped at any moment', () => {
  let box: Sandbox;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    const files = Array.from({ length: FILES }, (_, at) => [`documents/${at % 40}/${at}`, String(at)]);
    box.write(Object.fromEntries(files) as Record<string, string>);
    for (let n = 0; n < 5; n++) box.backup(source);
  });
  afterEach(() => box.dispose());

  it('by kill -9 leaves only whole snapshots, and the next backup clears the rest', async () => {
    const random = seeded();
    for (let round = 0; round < 4; round++) {
      const ids = box.ids();
      const at = 1 + Math.floor(random() * (ids.length - 1) * CHANGES);
      const { signal } = await deletion(ids.slice(0, -1), at, 'SIGKILL').ended;
      assert.equal(signal, 'SIGKILL');
      const left = box.ids();
      assert.equal(left.at(-1), ids.at(-1));
      for (const id of left) assertSameTrees(source, join(box.root, id));
      assert.ok(
        left.every(id => existsSync(box.manifest(id))),
        'none has lost its manifest',
      );
      const next = box.backup(source);
      assert.deepEqual([next.copiedFiles, leftovers(box.root)], [0, []]);
      assertManifests(box.ids());
      while (box.ids().length < 4) box.backup(source);
    }
    box.json(0, 'verify');
  });

  it('by Ctrl-C ends with 130 between two snapshots and leaves nothing behind', async () => {
    const ids = box.ids();
    const run = deletion(ids, CHANGES + CHANGES / 2, 'SIGSTOP');
    await until('the deletion under way', () => isStopped(run.child.pid));
    run.child.kill('SIGINT');
    run.child.kill('SIGCONT');
    assert.equal((await run.ended).code, 130);
    const left = box.ids();
    assert.ok(left.length > 0 && left.length < ids.length, `${left.length} are left`);
    assert.deepEqual(left, ids.slice(-left.length), 'in the order of the request');
    assert.deepEqual(leftovers(box.root), []);
    for (const id of left) assertSameTrees(source, join(box.root, id));
    assertManifests(left);
    box.json(0, 'verify');
  });

  it('by a file where its trash would go, says so and keeps the snapshot', () => {
    const [first = ''] = box.ids();
    execFileSync('rm', ['-rf', join(box.root, '.phlb/partial')]);
    execFileSync('touch', [join(box.root, '.phlb/partial')]);
    const { status, stderr } = box.phlb('delete', first);
    assert.equal(status, 1);
    assert.match(stderr, /^phlb: partial is a link or a file[^\n]*\n$/);
    assertSameTrees(source, join(box.root, first));
  });

  /** @param at which of its changes to the disk is its last, or the last before it is told to go on */
  function deletion(ids: string[], at: number, by: NodeJS.Signals): Running {
    const command = [process.execPath, '--require', helper('dying'), CLI, 'delete', ...ids];
    return start(box, command, { PHLB_DIE_AT: String(at), PHLB_DIE_BY: by });
  }

  function assertManifests(ids: string[]): void {
    const stamps = readdirSync(join(box.root, '.phlb/manifests/documents')).map(file => file.replace(/\..*/, ''));
    assert.deepEqual([...new Set(stamps)].sort(), ids.map(id => id.slice('documents/'.length)).sort());
  }
});
