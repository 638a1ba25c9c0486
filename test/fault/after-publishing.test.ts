import assert from 'node:assert/strict';
import { appendFileSync, cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { acquireLock } from '../../src/engine/store/lock.js';
import { flip } from '../support/damage.js';
import { assertSameTrees, installed } from '../support/judges.js';
import { CLI, Sandbox, type Ended, type SnapshotJson } from '../support/sandbox.js';
import { Ground, must } from './support/ground.js';
import { isStopped, leftovers, start, until } from './support/processes.js';

describe('Once it is done, what fails afterwards is told and no more', () => {
  let box: Sandbox;
  let ground: Ground;
  let source: string;
  let lock: string;

  beforeEach(() => {
    box = new Sandbox();
    ground = new Ground(box);
    source = box.path('documents');
    lock = join(box.root, '.phlb/lock');
    box.write({ 'documents/a.txt': 'first', 'documents/sub/b.txt': 'second', 'documents/secret.iso': 'secret' });
  });
  afterEach(() => {
    ground.dispose();
    box.dispose();
  });

  it('to a backup: what a dead run has left cannot be removed (EBUSY), again and again', function () {
    box.backup(source);
    const partial = join(box.root, '.phlb/partial');
    if (ground.tmpfs('home/PyHardLinkBackups/.phlb/partial/dead/tree/busy', 'size=1m') === undefined) this.skip();
    for (let run = 2; run < 4; run++) {
      appendFileSync(join(source, 'a.txt'), 'more');
      const { snapshot, stderr } = published(box.phlb('backup', source, '--json'));
      assert.match(stderr, /^phlb: What an interrupted run left is still there[^\n]*EBUSY[^\n]*\n$/);
      assertSameTrees(source, snapshot.path ?? '');
      assert.equal(box.ids().length, run);
    }
    ground.unmount(join(partial, 'dead/tree/busy'));
    appendFileSync(join(source, 'a.txt'), 'more');
    box.backup(source);
    assert.deepEqual(leftovers(box.root), []);
  });

  it('to a backup: its own folder cannot be removed (EBUSY)', async function () {
    box.write({ 'documents/z restless': '' });
    const preload = ['--require', resolve('test/fault/support/restless-file.cjs')];
    const run = start(box, [process.execPath, ...preload, CLI, 'backup', source], {
      PHLB_TEST_RESTLESS: join(source, 'z restless'),
    });
    await until('the run stops', () => run.child.exitCode !== null || isStopped(run.child.pid));
    const [draft = ''] = leftovers(box.root);
    const busy = ground.tmpfs(`home/PyHardLinkBackups/.phlb/partial/${draft}/busy`, 'size=1m');
    run.child.kill('SIGCONT');
    const { code, said } = await run.ended;
    if (busy === undefined) return this.skip();
    assert.match(said, /^phlb: The folder of this run is still there[^\n]*EBUSY/m);
    assert.ok(code === 0 || code === 3, 'the restless file may be named');
    const [id = ''] = box.ids();
    assert.match(said, new RegExp(`^${id}$`, 'm'));
    assertSameTrees(source, join(box.root, id));
  });

  it('to a backup: what killed runs have left beside the manifests cannot be removed (EPERM)', function () {
    const root = ground.ext4('disk', 32);
    if (root === undefined || !installed('chattr')) return this.skip();
    const first = box.backup(source, '--root', root);
    const orphan = join(root, '.phlb/manifests/documents/2001-01-01-000000.json');
    cpSync(join(root, `.phlb/manifests/${first.id}.json`), orphan);
    must('chattr', '+i', orphan);
    try {
      const { stderr } = published(box.phlb('backup', source, '--root', root, '--json'));
      assert.match(stderr, /^phlb: [^\n]*beside the manifests is still there[^\n]*EPERM[^\n]*\n$/);
    } finally {
      must('chattr', '-i', orphan);
    }
    box.backup(source, '--root', root);
    assert.deepEqual(readdirSync(join(root, '.phlb/manifests/documents')).length, 6);
  });

  it('to a backup: its parent cannot be flushed (EIO)', function () {
    if (!installed('strace')) return this.skip();
    box.backup(source);
    const { snapshot, stderr } = published(failing('fsync', join(box.root, 'documents'), 'backup', source, '--json'));
    assert.match(stderr, /^phlb: The snapshot stands, but a power failure[^\n]*EIO[^\n]*\n$/);
    assertSameTrees(source, snapshot.path ?? '');
  });

  it('to a backup: the answer to the publishing rename is lost (EIO)', () => {
    const preload = ['--require', resolve('test/fault/support/lost-answer.cjs')];
    const { snapshot, stderr } = published(box.run([process.execPath, ...preload, CLI, 'backup', source, '--json']));
    assert.equal(stderr, '');
    assert.deepEqual(box.ids(), [snapshot.id]);
    box.json(0, 'verify');
  });

  it('but where the publishing rename itself has no room, neither manifest nor record is left', () => {
    const preload = ['--require', resolve('test/fault/support/no-publishing.cjs')];
    const { status, stderr } = box.run([process.execPath, ...preload, CLI, 'backup', source]);
    assert.equal(status, 1);
    assert.match(stderr, /^phlb: The snapshot cannot be published \(ENOSPC[^\n]*free some space[^\n]*\n$/);
    for (const folder of [join(box.root, '.phlb/manifests'), box.root])
      assert.ok(!readdirSync(folder).includes('documents'), folder);
    assert.deepEqual(leftovers(box.root), []);
    box.backup(source);
  });

  it('to a deletion, a prune, a purge and a heal: what they or dead ones put aside cannot be removed (EBUSY)', function () {
    const ids = [1, 2, 3, 4].map(i => {
      writeFileSync(join(source, 'a.txt'), `edition ${i}`);
      return box.backup(source).id;
    });
    for (const kind of ['deleted', 'purged', 'heal']) {
      const folder = `home/PyHardLinkBackups/.phlb/partial/dead-${kind}/busy`;
      if (ground.tmpfs(folder, 'size=1m') === undefined) return this.skip();
    }
    for (const args of [
      ['delete', ids[0] ?? ''],
      ['prune', '--keep-last', '2'],
    ]) {
      const { status, stderr } = box.phlb(...args, '--quiet');
      assert.deepEqual([status, stderr.includes('EBUSY')], [0, true], stderr);
    }
    assert.deepEqual(box.ids(), ids.slice(2));
    box.json(0, 'purge', '*.iso', '--yes');
    flip(join(box.root, ids[3] ?? '', 'sub/b.txt'));
    box.json(0, 'verify', '--heal');
    rmSync(join(source, 'secret.iso'));
    assertSameTrees(source, join(box.root, ids[3] ?? ''));
  });

  it('to any operation: its lock cannot be removed (EIO), and the next one goes on', function () {
    if (!installed('strace')) return this.skip();
    const one = box.backup(source);
    appendFileSync(join(source, 'a.txt'), 'more');
    const { snapshot } = withoutRelease('backup', source);
    const two = snapshot?.id ?? '';
    assertSameTrees(source, join(box.root, two));
    withoutRelease('label', one.id, 'begin');
    withoutRelease('pin', two);
    withoutRelease('restore', one.id);
    assertSameTrees(one.path, source);
    withoutRelease('undo');
    assertSameTrees(join(box.root, two), source);
    withoutRelease('purge', '*.iso', '--yes');
    assert.deepEqual(readdirSync(join(box.root, two)).sort(), ['a.txt', 'sub']);
    flip(join(box.root, two, 'sub/b.txt'));
    withoutRelease('verify', '--heal');
    withoutRelease('rebuild');
    withoutRelease('delete', one.id);
    withoutRelease('prune', '--keep-last', '1');
    assert.deepEqual(box.ids(), [two]);
    box.json(0, 'verify');
  });

  it('to a process that goes on (an editor): its lock cannot be removed, and is no living one’s for ever', async function () {
    const root = ground.ext4('disk', 16);
    if (root === undefined || !installed('chattr')) return this.skip();
    const path = join(root, 'lock');
    const options = { cancelled: () => false, silence: 200 };
    const held = await acquireLock(path, 'this host', options);
    must('chattr', '+i', root);
    assert.throws(() => held.release(), /EPERM|EACCES/);
    must('chattr', '-i', root);
    const next = await acquireLock(path, 'this host', options);
    next.check();
    next.release();
    assert.deepEqual(readdirSync(root), []);
  });

  // Each call of that name that concerns that path fails with EIO.
  function failing(call: string, path: string, ...args: string[]): Ended {
    const tracing = ['strace', '-f', '-q', '-o', '/dev/null', '-P', path, '-e', `inject=${call}:error=EIO`];
    return box.run([...tracing, process.execPath, CLI, ...args]);
  }

  function withoutRelease(...args: string[]): { snapshot: SnapshotJson | undefined } {
    const { status, stdout, stderr } = failing('rename', lock, ...args, '--json');
    assert.equal(status, 0, `${args.join(' ')}: ${stderr}`);
    assert.match(stderr, /phlb: The lock cannot be removed[^\n]*EIO[^\n]*\n$/, args.join(' '));
    const next = box.phlb('label', box.ids().at(-1) ?? '', args[0] ?? '');
    assert.deepEqual([next.status, next.stderr.includes('Took over')], [0, true], next.stderr);
    return { snapshot: (JSON.parse(stdout) as { snapshots?: SnapshotJson[] }).snapshots?.[0] };
  }

  function published({ status, stdout, stderr }: Ended): { snapshot: SnapshotJson; stderr: string } {
    assert.equal(status, 0, stderr);
    const { snapshots } = JSON.parse(stdout) as { snapshots: SnapshotJson[] };
    const [snapshot] = snapshots;
    assert.ok(snapshot?.published);
    return { snapshot, stderr };
  }
});
