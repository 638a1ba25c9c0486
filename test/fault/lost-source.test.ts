import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { installed } from '../support/judges.js';
import { keptByGit } from '../support/git-ignores.js';
import { CLI, Sandbox, type Ended, type SnapshotJson } from '../support/sandbox.js';
import { Ground } from './support/ground.js';

const PRELOAD = resolve('test/fault/support/losing-source.cjs');

describe('A source that cannot be read', () => {
  let box: Sandbox;
  let ground: Ground;
  let source: string;
  let good: string;

  beforeEach(() => {
    box = new Sandbox();
    ground = new Ground(box);
    source = box.path('documents');
    box.write({ 'documents/report.md': 'years of work', 'documents/sub/a': 'a' });
    good = box.backup(source).id;
  });
  afterEach(() => {
    ground.dispose();
    box.dispose();
  });

  it('is a failed one, and not an empty one: for want of permission to list it, to enter it, or both', function () {
    const isRoot = process.getuid?.() === 0;
    if (isRoot && !installed('setpriv')) return this.skip();
    if (isRoot) execFileSync('chown', ['-R', '65534:65534', box.dir]);
    execFileSync('chmod', ['755', box.dir, box.home]);
    const nobody = isRoot ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'] : [];
    for (const mode of [0o000, 0o300, 0o600]) {
      chmodSync(source, mode);
      for (const more of [[], ['--skip-unchanged'], ['--dry-run']]) {
        assertFailed(box.run([...nobody, process.execPath, CLI, 'backup', source, '--json', ...more]), /EACCES/);
      }
      const { status, stderr } = box.run([...nobody, process.execPath, CLI, 'backup', source, '--quiet']);
      assert.equal(status, 1);
      assert.match(stderr, new RegExp(`^phlb: The folder cannot be read \\(EACCES: [^\\n]*\\): ${source}\\n$`));
    }
    chmodSync(source, 0o755);
    assert.deepEqual(box.ids(), [good]);
  });

  it('is a failed one when it vanishes once the run has begun', () => {
    assertFailed(losing({}), /ENOENT/);
    assert.ok(existsSync(`${source}-gone`), 'it was there at the beginning');
  });

  for (const code of ['EIO', 'ESTALE', 'ENOTCONN', 'EACCES', 'ENOTDIR']) {
    it(`is a failed one when listing it fails with ${code}`, () => {
      assertFailed(losing({ PHLB_TEST_CODE: code }), new RegExp(code));
      assertFailed(losing({ PHLB_TEST_CODE: code }, '--skip-unchanged'), new RegExp(code));
      assert.equal(box.phlb('backup', source).status, 0);
    });
  }

  it('is a failed one when the program that serves its file system has died', function () {
    const disk = ground.exfat('disk', 16);
    if (disk === undefined) return this.skip();
    writeFileSync(join(disk, 'photo'), 'one');
    const { id } = box.backup(disk);
    process.kill(serverOf(disk), 'SIGKILL');
    const { status, stderr } = box.phlb('backup', disk, '--quiet');
    assert.equal(status, 1);
    assert.match(stderr, /^phlb: The folder cannot be read \([^\n]*\): [^\n]*\/disk\n$/);
    assert.ok(box.ids().at(-1) === id || box.ids()[0] === id);
    assert.equal(box.ids().length, 2);
  });

  it('is an empty one only when it is: an unplugged disk leaves its mount point, which is told', function () {
    const disk = ground.tmpfs('disk', 'size=1m');
    if (disk === undefined) return this.skip();
    writeFileSync(join(disk, 'photo'), 'one');
    const { id, path } = box.backup(disk);
    ground.unmount(disk);
    for (let run = 0; run < 2; run++)
      assert.deepEqual(
        box.backup(disk).warnings.map(({ code }) => code),
        ['emptied'],
      );
    box.json(0, 'prune', '--keep-last', '1');
    assert.equal(readFileSync(join(path, 'photo'), 'utf8'), 'one', id);
  });

  it('is obeyed without case, as by git, where its file system knows none', function () {
    const disk = ground.exfat('disk', 16);
    if (disk === undefined) return this.skip();
    writeFileSync(join(disk, '.gitignore'), 'core\n*.LOG\n!aB*.log\n');
    for (const name of ['Core', 'x.log', 'ab.log', 'kept']) writeFileSync(join(disk, name), '');
    const { path } = box.backup(disk, '--gitignore', '--exclude', '.git');
    const stored = readdirSync(path).sort();
    assert.deepEqual(stored, ['.gitignore', 'ab.log', 'kept']);
    assert.deepEqual(keptByGit(disk), stored);
  });

  function losing(env: NodeJS.ProcessEnv, ...args: string[]): Ended {
    return box.run([process.execPath, '--require', PRELOAD, CLI, 'backup', source, '--json', ...args], {
      PHLB_TEST_SOURCE: source,
      ...env,
    });
  }

  function assertFailed({ status, stdout, stderr }: Ended, why: RegExp): void {
    assert.equal(status, 1, stderr + stdout);
    const { snapshots } = JSON.parse(stdout) as { snapshots: SnapshotJson[] };
    const [snapshot] = snapshots;
    assert.deepEqual([snapshot?.published, snapshot?.id, snapshot?.files], [false, null, 0]);
    assert.equal(snapshot?.errors[0]?.code, 'source');
    assert.match(snapshot.errors[0].message, why);
    assert.ok(JSON.stringify(snapshot.errors).includes(source));
    assert.deepEqual(readdirSync(join(box.root, 'documents')), [good.split('/')[1]]);
  }
});

/** The process of a file system in user space that is mounted there. */
function serverOf(folder: string): number {
  const found = readdirSync('/proc').filter(pid => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(folder);
    } catch {
      return false;
    }
  });
  assert.equal(found.length, 1, 'its process is found');
  return Number(found[0]);
}
