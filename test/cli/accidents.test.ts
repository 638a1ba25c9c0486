import assert from 'node:assert/strict';
import { execFileSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, cpSync, existsSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { installed } from '../support/judges.js';
import { Sandbox } from '../support/sandbox.js';
import { inventory } from '../support/trees.js';

const NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const isRoot = process.getuid?.() === 0;

describe('phlb', () => {
  let box: Sandbox;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'first', 'documents/sub/b.txt': 'second' });
  });
  afterEach(() => box.dispose());

  describe('stopped by Ctrl-C in the middle of a backup', () => {
    beforeEach(() => {
      // Long to read, and no space taken.
      writeFileSync(join(source, 'large.bin'), '');
      truncateSync(join(source, 'large.bin'), 6 * 1024 ** 3);
    });

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      it(`(${signal}) ends with 130 and leaves no snapshot, and the next run is whole`, async () => {
        const run = box.start('backup', 'documents');
        await underWay(run);
        run.kill(signal);
        assert.deepEqual(await ending(run), [130, null]);
        assert.deepEqual(box.ids(), []);
        rmSync(join(source, 'large.bin'));
        assert.equal(box.backup(source).files, 2);
        assert.deepEqual(box.ids().length, 1);
        assert.deepEqual(leftovers(), []);
      });
    }

    it('ends at once when asked twice, and the next run cleans up', async () => {
      const run = box.start('backup', 'documents');
      await underWay(run);
      run.kill('SIGINT');
      run.kill('SIGTERM');
      const [code, signal] = await ending(run);
      assert.ok(code === 130 || signal !== null);
      rmSync(join(source, 'large.bin'));
      box.backup(source);
      assert.deepEqual(leftovers(), []);
    });

    it('and killed outright, the next run takes the lock and cleans up', async () => {
      const run = box.start('backup', 'documents');
      await underWay(run);
      run.kill('SIGKILL');
      await ending(run);
      rmSync(join(source, 'large.bin'));
      assert.equal(box.backup(source).files, 2);
      assert.deepEqual(leftovers(), []);
    });

    async function underWay(run: ChildProcess): Promise<void> {
      while (leftovers().length === 0 && run.exitCode === null) await sleep(5);
      await sleep(50);
      assert.equal(run.exitCode, null, 'too fast to be stopped');
    }

    async function ending(run: ChildProcess): Promise<unknown[]> {
      return run.exitCode === null && run.signalCode === null
        ? await once(run, 'exit')
        : [run.exitCode, run.signalCode];
    }
  });

  it('names a file that it may not read, stores all others and ends with 3', function () {
    if (isRoot && !installed('setpriv')) return this.skip();
    chmodSync(join(source, 'a.txt'), 0);
    box.write({ 'documents/closed/c.txt': 'third' });
    chmodSync(join(source, 'closed'), 0);
    // Where the project lies, nobody may not look.
    cpSync('dist', box.path('dist'), { recursive: true });
    if (isRoot) execFileSync('chown', ['-R', '65534:65534', box.dir]);
    const phlb = [...(isRoot ? NOBODY : []), process.execPath, box.path('dist/cli.js')];

    const { status, stdout } = box.run([...phlb, 'backup', source, '--json']);
    assert.equal(status, 3, stdout);
    const { snapshots } = JSON.parse(stdout) as {
      snapshots: { published: boolean; path: string; files: number; errors: { path: string; code: string }[] }[];
    };
    const [told] = snapshots;
    assert.equal(told?.published, true);
    assert.deepEqual(told?.errors.map(({ path, code }) => [path, code]).sort(), [
      ['a.txt', 'EACCES'],
      ['closed', 'EACCES'],
    ]);
    assert.deepEqual([told?.files, existsSync(join(told?.path ?? '', 'sub/b.txt'))], [1, true]);
    const human = box.run([...phlb, 'backup', source]);
    assert.equal(human.status, 3);
    assert.match(human.stderr, /^phlb: a\.txt: [^\n]*permission denied[^\n]*$/m);
    assert.equal(box.run([...phlb, 'list']).status, 0);
  });

  it('works on a disk of its own, where the system keeps a folder that nobody else may read', function () {
    if (isRoot && !installed('setpriv')) return this.skip();
    cpSync('dist', box.path('dist'), { recursive: true });
    box.write({ 'home/PyHardLinkBackups/lost+found/': '' });
    if (isRoot) execFileSync('chown', ['-R', '65534:65534', box.dir]);
    if (isRoot) execFileSync('chown', ['root', join(box.root, 'lost+found')]);
    chmodSync(join(box.root, 'lost+found'), isRoot ? 0o700 : 0);
    const phlb = [...(isRoot ? NOBODY : []), process.execPath, box.path('dist/cli.js')];
    for (const args of [['backup', source], ['backup', source], ['list'], ['verify']]) {
      const { status, stderr } = box.run([...phlb, ...args, '--quiet']);
      assert.deepEqual([status, stderr], [0, ''], args.join(' '));
    }
  });

  it('stores a root that is read-only for it nowhere else, and says so', function () {
    if (isRoot && !installed('setpriv')) return this.skip();
    cpSync('dist', box.path('dist'), { recursive: true });
    box.write({ 'closed/': '' });
    chmodSync(box.dir, 0o755);
    if (isRoot) execFileSync('chown', ['-R', '65534:65534', box.home]);
    else chmodSync(box.path('closed'), 0o555);
    const phlb = [...(isRoot ? NOBODY : []), process.execPath, box.path('dist/cli.js')];
    const { status, stderr } = box.run([...phlb, 'backup', source, '--root', box.path('closed/root')]);
    assert.equal(status, 1);
    assert.match(stderr, /^phlb: [^\n]*closed\/root[^\n]*\n$/);
    assert.deepEqual([...inventory(box.path('closed')).keys()], ['']);
  });

  it('takes names that are not UTF-8, in arguments and in what it stores', function () {
    if (process.platform !== 'linux') return this.skip();
    const script = `
      mkdir "$(printf 'caf\\351')" && cd "$(printf 'caf\\351')" && echo one > "$(printf 'x\\377')" && echo two > y &&
      "$1" "$2" backup . --json &&
      "$1" "$2" restore "$(basename "$(ls -d "$3"/caf*)")/latest" "$(printf 'x\\377')" --to ../back --quiet &&
      "$1" "$2" backup "../$(printf 'caf\\351')" --quiet --exclude "$(printf 'x\\377')"`;
    const cli = join(process.cwd(), 'dist/cli.js');
    const { status, stdout, stderr } = box.run(['sh', '-c', script, 'sh', process.execPath, cli, box.root]);
    assert.equal(status, 0, stderr);
    const { snapshots } = JSON.parse(stdout) as { snapshots: Record<string, unknown>[] };
    assert.deepEqual([snapshots[0]?.['source'], snapshots[0]?.['files']], [box.path('caf\ufffd'), 2]);
    assert.equal(Buffer.from(String(snapshots[0]?.['sourceBase64']), 'base64').toString('latin1'), box.path('caf\xe9'));
    assert.deepEqual([...inventory(box.path('back')).keys()], ['', 'x\xff']);
    const { sources } = box.json<{ sources: { snapshots: { files: number }[] }[] }>(0, 'list');
    assert.deepEqual(
      sources.map(each => each.snapshots.map(({ files }) => files)),
      [[2, 1]],
      'one source, however it is spelt',
    );
  });

  it('runs side by side with itself', async () => {
    const runs = Array.from({ length: 4 }, () => box.start('backup', 'documents', '--quiet'));
    const codes = await Promise.all(runs.map(async run => (await once(run, 'exit'))[0] as unknown));
    assert.deepEqual(codes, [0, 0, 0, 0]);
    assert.equal(box.ids().length, 4);
    assert.equal(new Set(box.ids()).size, 4);
    box.json(0, 'verify');
  });

  function leftovers(): string[] {
    const partial = join(box.root, '.phlb', 'partial');
    return existsSync(partial) ? readdirSync(partial) : [];
  }
});
