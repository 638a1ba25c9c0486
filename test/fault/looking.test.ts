import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BackupResult } from '../../src/engine/words/model.js';
import { acquireLock } from '../../src/engine/store/lock.js';
import { startEngine } from '../support/engine.js';
import { CLI, Sandbox, type Ended, type Restored, type SnapshotJson } from '../support/sandbox.js';
import { Ground } from './support/ground.js';

describe('Looking', () => {
  let box: Sandbox;
  let ground: Ground;
  let source: string;
  /** on which everything of PHLB is: the root, what is remembered, the index */
  let disk: string;
  let env: NodeJS.ProcessEnv;
  let ids: string[];

  beforeEach(function () {
    box = new Sandbox();
    ground = new Ground(box);
    const mounted = ground.tmpfs('disk', 'size=32m');
    if (mounted === undefined) return this.skip();
    disk = mounted;
    env = { PHLB_ROOT: join(disk, 'root'), XDG_STATE_HOME: join(disk, 'state') };
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'first', 'documents/sub/b.txt': 'second' });
    run(0, 'backup', source);
    box.write({ 'documents/a.txt': 'changed' });
    run(0, 'backup', source);
    run(0, 'restore', 'documents/latest');
    box.write({ 'documents/a.txt': 'lost', 'documents/new.txt': 'new' });
    run(0, 'restore', 'documents/latest', 'a.txt');
    run(0, 'find', '*.txt');
    const { sources } = json<{ sources: { snapshots: { id: string }[] }[] }>('list');
    ids = sources.flatMap(({ snapshots }) => snapshots.map(({ id }) => id));
  });
  afterEach(() => {
    ground.dispose();
    box.dispose();
  });

  const looks = (): string[][] => [
    ['backup', '--dry-run', source],
    ['backup', '--dry-run', '--checksum', '--exclude', '*.tmp', source],
    ['backup', '--dry-run', '--name', 'other', join(source, 'sub')],
    ['undo', '--dry-run'],
    ['restore', '--dry-run', '--delete', ids[0] ?? ''],
    ['restore', '--dry-run', '--to', box.path('elsewhere'), ids[0] ?? ''],
    ['prune', '--dry-run', '--keep-last', '1'],
    ['purge', 'a.txt'],
    ['list'],
    ['ls', ids[0] ?? ''],
    ['diff', ids[0] ?? ''],
    ['diff', ids[0] ?? '', ids[1] ?? ''],
    ['versions', join(source, 'a.txt')],
    ['find', '*.txt'],
    ['grep', 'first'],
    ['grep', '--changes', 'f.*t'],
    ['stats'],
    ['verify', '--quick'],
    ['verify'],
  ];

  it('waits for no lock and changes nothing, while another one works on the backup location', async () => {
    const lock = await acquireLock(join(disk, 'root/.phlb/lock'), 'host', { cancelled: () => false });
    try {
      const before = everything();
      for (const look of looks()) {
        run(0, ...look);
        assert.equal(everything(), before, look.join(' '));
      }
    } finally {
      lock.release();
    }
  });

  it('works where nothing can be written: not the location, not the index, not what is remembered', () => {
    ground.remount(disk, 'ro');
    for (const look of looks()) run(0, ...look);
  });

  it('works on a computer that remembers nothing and cannot', () => {
    rmSync(join(disk, 'state'), { recursive: true });
    ground.remount(disk, 'ro');
    for (const look of looks()) {
      // What was made here is another computer's, as far as this one knows.
      const elsewhere = ['undo', 'diff', 'versions'].includes(look[0] ?? '') || look.includes('--delete');
      const { status, stderr } = phlb(...look);
      assert.ok(
        status === 0 || (elsewhere && status === 1) || (elsewhere && status === 2),
        `${look.join(' ')}: ${stderr}`,
      );
      assert.doesNotMatch(stderr, /EROFS|read-only/, look.join(' '));
    }
  });

  it('keeps nothing of a dry run where nothing was before', () => {
    rmSync(join(disk, 'state'), { recursive: true });
    run(0, 'backup', '--dry-run', source);
    run(0, 'prune', '--dry-run', '--keep-last', '1');
    run(0, 'purge', 'a.txt');
    assert.equal(existsSync(join(disk, 'state')), false);
  });

  it('foretells what a run then does, locked or not', async () => {
    box.write({ 'documents/more.txt': 'more' });
    const lock = await acquireLock(join(disk, 'root/.phlb/lock'), 'host', { cancelled: () => false });
    const foretold = json<{ snapshots: SnapshotJson[] }>('backup', '--dry-run', source).snapshots[0];
    const undone = json<Restored>('undo', '--dry-run');
    lock.release();
    const [done] = json<{ snapshots: SnapshotJson[] }>('backup', source).snapshots;
    assert.deepEqual(numbers(foretold), numbers(done));
    assert.equal(foretold?.published, false);
    const really = json<Restored>('undo');
    assert.deepEqual(undone, { ...really, safetySnapshot: null });
    assert.deepEqual(really.overwritten, [{ path: 'a.txt' }]);
  });

  it('says how much a first backup would be, as the editor asks, while another one works', async () => {
    const lock = await acquireLock(join(disk, 'root/.phlb/lock'), 'host', { cancelled: () => false });
    const engine = startEngine();
    const location = {
      root: join(disk, 'root'),
      index: join(disk, 'state/phlb/index'),
      state: join(disk, 'state/phlb'),
    };
    mkdirSync(box.path('project'));
    writeFileSync(box.path('project/file'), 'text');
    try {
      const before = everything();
      const request = { location, source: box.path('project'), dryRun: true };
      const { files, bytes }: BackupResult = await engine.call('backup', request, {
        signal: AbortSignal.timeout(20_000),
      });
      assert.deepEqual([files, bytes], [1, 4]);
      assert.equal(everything(), before);
    } finally {
      await engine.dispose();
      lock.release();
    }
  });

  function phlb(...args: string[]): Ended {
    return box.run(['timeout', '30', process.execPath, CLI, ...args], env);
  }

  function run(status: number, ...args: string[]): Ended {
    const ended = phlb(...args);
    assert.equal(ended.status, status, `phlb ${args.join(' ')}: ${ended.stderr}${ended.stdout}`);
    return ended;
  }

  function json<T>(...args: string[]): T {
    return JSON.parse(run(0, ...args, '--json').stdout) as T;
  }

  /** Each name with all its times but the last reading. */
  function everything(): string {
    return execFileSync('find', [disk, '-printf', '%p %y %i %s %m %n %T@ %C@\n'], { encoding: 'utf8' });
  }
});

function numbers(result: SnapshotJson | undefined): object {
  const { files, directories, bytes, unchangedFiles, linkedFiles, copiedFiles, copiedBytes } = result ?? assert.fail();
  return { files, directories, bytes, unchangedFiles, linkedFiles, copiedFiles, copiedBytes };
}
