import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { assertSameTrees } from '../unit/support/judges.js';
import { Sandbox } from '../unit/support/sandbox.js';
import { leftovers, seeded, startPhlb, until } from './support/processes.js';

describe('phlb delete, stopped at any moment', function () {
  this.timeout(120_000);
  let box: Sandbox;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    const files = Array.from({ length: 4000 }, (_, at) => [`documents/${at % 40}/${at}`, String(at)]);
    box.write(Object.fromEntries(files) as Record<string, string>);
    for (let n = 0; n < 5; n++) box.backup(source);
  });
  afterEach(() => box.dispose());

  it('by kill -9 leaves only whole snapshots, and the next backup clears the rest', async () => {
    const random = seeded();
    for (let round = 0; round < 4; round++) {
      const ids = box.ids();
      const run = startPhlb(box, 'delete', ...ids.slice(0, -1));
      await until('the deletion under way', () => leftovers(box.root).length > 0 || run.child.exitCode !== null);
      await sleep(random() * 60);
      run.child.kill('SIGKILL');
      await run.ended;
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
    const run = startPhlb(box, 'delete', ...ids);
    await until('the deletion under way', () => leftovers(box.root).length > 0);
    run.child.kill('SIGINT');
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

  function assertManifests(ids: string[]): void {
    const stamps = readdirSync(join(box.root, '.phlb/manifests/documents')).map(file => file.replace(/\..*/, ''));
    assert.deepEqual([...new Set(stamps)].sort(), ids.map(id => id.slice('documents/'.length)).sort());
  }
});
