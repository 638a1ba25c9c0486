import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { assertSameTrees, installed, readManifest } from '../support/judges.js';
import { CLI, Sandbox, type SnapshotJson } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';
import { Ground, must } from './support/ground.js';
import { isStopped, leftovers, start, until } from './support/processes.js';

/** What neither exFAT nor NTFS can hold; a folder of such a name goes with all that is in it. */
const IMPOSSIBLE = ['a:b', 'q?', 'star*', 'less<', 'pipe|', 'back\\slash', 'new\nline'];
const POSSIBLE = ['plain', ' before', '\u{1f600}'.repeat(20), 'é'.repeat(127), 'x.y.z', '..x'];

describe('An entry that the backup location refuses', () => {
  let box: Sandbox;
  let ground: Ground;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    ground = new Ground(box);
    source = box.path('documents');
    mkdirSync(source);
  });
  afterEach(() => {
    ground.dispose();
    box.dispose();
  });

  const grounds: Record<string, { mount: () => string | undefined; more: string[] }> = {
    'exFAT by FUSE, which answers ENOENT': { mount: () => ground.exfat('disk', 64), more: [] },
    'NTFS under the rules of Windows, which answers EINVAL': {
      mount: () => ground.ntfs('disk', 64, '-o', 'windows_names'),
      more: ['CON', 'behind ', 'dot.'],
    },
  };
  for (const [what, { mount, more }] of Object.entries(grounds)) {
    it(`for its name (${what}) is named, and all the others are stored, in each run`, function () {
      const root = mount();
      if (root === undefined) return this.skip();
      const impossible = [...IMPOSSIBLE, ...more];
      for (const name of [...POSSIBLE, ...impossible]) {
        box.write({ [`documents/files/${name}`]: `the file ${name}`, [`documents/${name}/in it`]: `in ${name}` });
      }
      box.write({ 'documents/large': 'l'.repeat(2 << 20), 'documents/la?rge': 'L'.repeat(2 << 20) });
      const refused = [...impossible.flatMap(name => [name, `files/${name}`]), 'la?rge'].sort();
      for (const content of ['first', 'edited']) {
        writeFileSync(join(source, 'files/plain'), content);
        const snapshot = box.backupWith(3, source, '--root', root);
        assert.deepEqual(snapshot.errors.map(error => error.path).sort(), refused);
        assert.deepEqual(readdirSync(snapshot.path ?? '').sort(), ['files', 'large', ...POSSIBLE].sort());
        assert.deepEqual(readdirSync(join(snapshot.path ?? '', 'files')).sort(), [...POSSIBLE].sort());
        assertTells(snapshot, root);
      }
    });
  }

  it('because it came to be moved to a name that cannot be held is named, not the store', function () {
    const root = ground.ntfs('disk', 64, '-o', 'windows_names');
    if (root === undefined) return this.skip();
    box.write({ 'documents/sub/a.txt': 'first', 'documents/large': 'l'.repeat(2 << 20), 'documents/b.txt': 'second' });
    box.backup(source, '--root', root);
    box.run(['mv', join(source, 'sub/a.txt'), join(source, 'sub/a?')]);
    box.run(['mv', join(source, 'large'), join(source, 'large*')]);
    const snapshot = box.backupWith(3, source, '--root', root);
    assert.deepEqual(snapshot.errors.map(({ path }) => path).sort(), ['large*', 'sub/a?']);
    assertTells(snapshot, root);
  });

  it('together with every other one (its folder can no longer be written) is one error of the store, at once', async function () {
    const root = ground.ext4('disk', 32);
    if (root === undefined || !installed('chattr')) return this.skip();
    for (let i = 0; i < 2000; i++) box.write({ [`documents/sub ${i % 20}/${i}`]: `${i}` });
    box.write({ 'documents/a restless one': '' });
    const preload = ['--require', resolve('test/fault/support/restless-file.cjs')];
    const run = start(box, [process.execPath, ...preload, CLI, 'backup', source, '--root', root], {
      PHLB_TEST_RESTLESS: join(source, 'a restless one'),
    });
    await until('the run stops', () => run.child.exitCode !== null || isStopped(run.child.pid));
    const [draft = ''] = leftovers(root);
    const folders = must('find', join(root, '.phlb/partial', draft), '-type', 'd')
      .trim()
      .split('\n');
    must('chattr', '+i', ...folders);
    run.child.kill('SIGCONT');
    const { code, said } = await run.ended;
    must('chattr', '-i', ...folders);
    assert.equal(code, 1, said);
    assert.match(said, /^phlb: The backup location cannot be written to \(EPERM[^\n]*$/m);
    assert.equal(said.match(/EPERM/g)?.length, 1, 'not one for each of its files');
    assert.deepEqual(box.ids('--root', root), []);
  });

  describe('only in part, after it was made,', () => {
    beforeEach(() => {
      for (let i = 0; i < 12; i++) box.write({ [`documents/d${i % 3}/${i}.txt`]: `content ${i}` });
      for (let i = 0; i < 4; i++) symlinkSync(`${i}.txt`, join(source, `d${i % 3}/link ${i}`));
      for (let i = 0; i < 2; i++) box.write({ [`documents/d${i}/large`]: `${i}`.repeat((1 << 20) + 9) });
    });

    const calls: Record<string, string> = {
      'whose time cannot be set (EPERM)': 'utimensat:error=EPERM',
      'whose time cannot be set (ENOENT)': 'utimensat:error=ENOENT',
      'whose mode cannot be set (EPERM)': 'fchmod:error=EPERM',
    };
    for (const [what, inject] of Object.entries(calls)) {
      it(`${what} is taken back and named; the tree holds what the manifest lists`, function () {
        if (!installed('strace')) return this.skip();
        let named = 0;
        for (const earlier of [false, true]) {
          for (const nth of [2, 5]) {
            // Without snapshots small files are stored as they are met; later each is asked for.
            const root = box.path(`root ${earlier} ${nth}`);
            if (earlier) box.backup(source, '--root', root, '--exclude', '**', '--name', 'documents');
            const { path, errors } = injected(`${inject}:when=${nth}`, '--root', root, '--no-default-excludes');
            named += errors.length;
            const missing = errors.map(error => error.path).filter(one => !/^(d\d)?$/.test(one));
            const [wanted, stored] = [inventory(source), inventory(path ?? '')];
            assert.deepEqual([...wanted.keys()].filter(one => !stored.has(one)).sort(), missing.sort());
            box.json(0, 'verify', '--root', root);
          }
        }
        assert.ok(named >= 1, `${named}`);
      });
    }

    it('since it is larger than a file may be (EFBIG) is taken back and named', () => {
      const limited = ['bash', '-c', 'ulimit -f 900; exec "$@"', 'bash', process.execPath, CLI];
      const { status, stdout, stderr } = box.run([...limited, 'backup', source, '--json']);
      assert.equal(status, 3, stderr);
      const { snapshots } = JSON.parse(stdout) as { snapshots: SnapshotJson[] };
      assert.deepEqual(snapshots[0]?.errors.map(({ path, code }) => [path, code]).sort(), [
        ['d0/large', 'EFBIG'],
        ['d1/large', 'EFBIG'],
      ]);
      for (const name of ['d0/large', 'd1/large']) rmSync(join(source, name));
      assertSameTrees(source, snapshots[0]?.path ?? '');
      box.json(0, 'verify');
    });
  });

  it('nothing of but its times and modes (a store whose utimes and chmod answer ENOTSUP) takes backups all the same', function () {
    if (!installed('strace')) return this.skip();
    box.write({ 'documents/a.txt': 'first', 'documents/sub/b.txt': 'second', 'documents/large': 'l'.repeat(2 << 20) });
    symlinkSync('a.txt', join(source, 'link'));
    utimesSync(join(source, 'a.txt'), 1_000_000_000, 1_000_000_000.5);
    const without = 'utimensat,fchmod,chmod,fchmodat:error=EOPNOTSUPP';
    const first = injected(without);
    assert.deepEqual(first.errors, []);
    assertSameTrees(source, first.path ?? '');
    writeFileSync(join(source, 'sub/b.txt'), 'edited');
    const next = injected(without);
    assert.deepEqual(
      [next.errors, next.damaged, next.unchangedFiles + next.linkedFiles, next.copiedFiles],
      [[], [], 2, 1],
    );
    for (const quick of [[], ['--quick']]) box.json(0, 'verify', ...quick);
    box.json(0, 'restore', first.id ?? '', '--to', box.path('back'));
    assert.equal(inventory(box.path('back')).get('a.txt')?.mtime, 1_000_000_000_500_000_000n);
    const back = box.run(strace(without, 'restore', first.id ?? '', '--to', box.path('without')));
    assert.equal(back.status, 0, back.stderr);
    assertSameTrees(box.path('back'), box.path('without'));
  });

  function strace(inject: string, ...args: string[]): string[] {
    const [calls = ''] = inject.split(':');
    const tracing = ['strace', '-f', '-q', '-o', '/dev/null', '-e', `trace=${calls}`, '-e', `inject=${inject}`];
    return [...tracing, process.execPath, CLI, ...args];
  }

  function injected(inject: string, ...args: string[]): SnapshotJson {
    const { stdout, stderr } = box.run(strace(inject, 'backup', source, ...args, '--json'));
    const { snapshots } = JSON.parse(stdout) as { snapshots: SnapshotJson[] };
    assert.equal(snapshots[0]?.published, true, stderr);
    return snapshots[0];
  }

  // Names in the tree and in the manifest are the same, and `verify` agrees.
  function assertTells({ id, path }: SnapshotJson, root: string): void {
    const told = readManifest(box.manifest(id ?? '', root));
    assert.deepEqual([...told.keys()].sort(), [...inventory(path ?? '').keys()].sort());
    box.json(0, 'verify', '--root', root);
  }
});
