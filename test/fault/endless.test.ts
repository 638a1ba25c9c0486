import assert from 'node:assert/strict';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { acquireLock, type StoreLock } from '../../src/engine/store/lock.js';
import { makeFolder } from '../../src/engine/files/make-folder.js';
import { installed } from '../support/judges.js';
import { CLI, Sandbox } from '../support/sandbox.js';
import { Ground } from './support/ground.js';
import { leftovers, start, startPhlb, until, untilRead, type Running } from './support/processes.js';

/** Some seconds, on a machine that has other things to do, too. */
const SOON = 20_000;

describe('What would never end', () => {
  let box: Sandbox;
  let source: string;

  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'first', 'documents/sub/b.txt': 'second' });
  });
  afterEach(() => box.dispose());

  describe('a folder where the system says that the one above is missing, whatever is there', () => {
    before(function () {
      if (process.platform !== 'linux') this.skip();
    });

    for (const [what, args, env] of [
      ['as backup location', ['--root', '/proc/x/y'], {}],
      ['as backup location, one level only', ['--root', '/proc/x'], {}],
      ['for what is remembered', [], { XDG_STATE_HOME: '/proc/x/y' }],
    ] as const) {
      it(`${what} ends a backup with one line`, async () => {
        const run = start(box, [process.execPath, CLI, 'backup', source, ...args], env);
        const { code, said } = await soon(run);
        assert.equal(code, 1, said);
        assert.match(said, /^phlb: [^\n]*ENOENT[^\n]*\/proc\/x[^\n]*\n$/);
      });
    }

    it('as index costs the index only', async () => {
      assert.equal((await soon(startPhlb(box, 'backup', source, '--index', '/proc/x/y'))).code, 0);
      const { code, said } = await soon(startPhlb(box, 'find', 'a.txt', '--index', '/proc/x/y'));
      assert.equal(code, 0, said);
    });

    it('as target ends a restore', async () => {
      const { id } = box.backup(source);
      const { code, said } = await soon(startPhlb(box, 'restore', id, '--to', '/proc/x/y'));
      assert.notEqual(code, 0, said);
      assert.notEqual(code, null, said);
    });

    it('in a file system of any kind ends a backup with one line', async function () {
      if (!installed('strace')) return this.skip();
      const inject = ['-e', 'trace=mkdir,mkdirat', '-e', 'inject=mkdir,mkdirat:error=ENOENT'];
      const strace = ['strace', '-f', '-qq', '-o', '/dev/null', ...inject];
      const { code, said } = await soon(start(box, [...strace, process.execPath, CLI, 'backup', source]));
      assert.equal(code, 1, said);
      assert.match(said, /^phlb: [^\n]*ENOENT[^\n]*\n$/);
    });
  });

  it('an ignore file that has no end is not obeyed, and said so', async () => {
    if (!existsSync('/proc/self/pagemap')) return;
    for (const name of ['.phlbignore', 'sub/.gitignore']) symlinkSync('/proc/self/pagemap', `${source}/${name}`);
    const { code, said } = await soon(startPhlb(box, 'backup', '--gitignore', source));
    assert.equal(code, 0, said);
    assert.match(said, /Not obeyed in \.phlbignore/);
    assert.match(said, /2 symlinks/);
  });

  describe('making a folder', () => {
    it('makes all that are missing above it, through links, as mkdir -p does', () => {
      symlinkSync(source, box.path('link'));
      const folder = box.path(`link/${'deep/'.repeat(200)}end`);
      makeFolder(folder);
      makeFolder(folder);
      makeFolder(box.path('link'));
      assert.equal(statSync(folder).mode & 0o777, 0o700);
      assert.ok(existsSync(`${source}/deep/deep`));
    });

    it('names what is in its way, and makes nothing of it', () => {
      symlinkSync(box.path('nowhere'), box.path('dangling'));
      for (const [path, code] of [
        ['documents/a.txt', 'EEXIST'],
        ['documents/a.txt/x/y', 'ENOTDIR'],
        ['dangling', 'EEXIST'],
        [`documents/${'x'.repeat(300)}/y`, 'ENAMETOOLONG'],
      ] as const) {
        assert.throws(() => makeFolder(box.path(path)), { code }, path);
      }
      assert.equal(readFileSync(`${source}/a.txt`, 'utf8'), 'first');
      assert.deepEqual(readdirSync(source).sort(), ['a.txt', 'sub']);
    });
  });

  describe('is ended by a signal within seconds', () => {
    let ground: Ground;
    let lock: StoreLock | undefined;
    let driver: number | undefined;

    beforeEach(() => {
      ground = new Ground(box);
    });
    afterEach(() => {
      lock?.release();
      if (driver !== undefined) process.kill(driver, 'SIGCONT');
      [lock, driver] = [undefined, undefined];
      ground.dispose();
    });

    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      it(`(${signal}) when it waits for the lock, and leaves nothing there`, async () => {
        box.backup(source);
        lock = await acquireLock(`${box.root}/.phlb/lock`, 'host', { cancelled: () => false });
        const run = startPhlb(box, 'backup', source);
        await untilRead(`${box.root}/.phlb/lock`, 3);
        run.child.kill(signal);
        const { code, said } = await soon(run);
        assert.equal(code, 130, said);
        assert.deepEqual(readdirSync(`${box.root}/.phlb`).sort(), ['lock', 'manifests', 'partial', 'store.json']);
      });

      it(`(${signal}) when the disk takes long to flush what was written, and publishes nothing`, async function () {
        if (process.platform !== 'linux') return this.skip();
        box.write({ 'bin/sync': `#!/bin/sh\ntouch '${box.path('flushing')}'\nexec sleep 300\n` });
        chmodSync(box.path('bin/sync'), 0o755);
        const PATH = `${box.path('bin')}:${process.env['PATH']}`;
        const run = start(box, [process.execPath, CLI, 'backup', source, '--json'], { PATH });
        await until('the flush', () => existsSync(box.path('flushing')));
        run.child.kill(signal);
        const { code, said } = await soon(run, 1);
        assert.equal(code, 130, said);
        assert.match(said, /cancelled/);
        assert.deepEqual(box.ids(), []);
        const { files, copiedFiles } = box.backup(source);
        assert.deepEqual([files, copiedFiles], [2, 0], 'the next one has what this one has copied');
        assert.deepEqual(leftovers(box.root), []);
      });

      it(`(${signal}) when the file system does not answer any more`, async function () {
        if (!freeze()) return this.skip();
        const run = startPhlb(box, 'backup', box.path('mounted'), '--json');
        await untilItHangs(run);
        run.child.kill(signal);
        const { signal: by, code, said } = await soon(run);
        assert.ok(by === signal || code === 130, said);
        assert.match(said, /cancelled/, 'and its document says so');
      });
    }

    it('or by a second one at once, even then', async function () {
      if (!freeze()) return this.skip();
      const run = startPhlb(box, 'backup', box.path('mounted'));
      await untilItHangs(run);
      run.child.kill('SIGINT');
      await until('it has understood', () => run.said().includes('Stopping'));
      const began = performance.now();
      run.child.kill('SIGINT');
      const { signal: by, code, said } = await soon(run);
      assert.ok(by === 'SIGINT' || code === 130, said);
      assert.ok(performance.now() - began < 4500, 'sooner than the first one alone would have');
    });

    it('when nobody reads what it says', async () => {
      mkdirSync(`${source}/many`);
      for (let i = 0; i < 3000; i++) writeFileSync(`${source}/many/${'x'.repeat(60)}${i}`, '');
      const { id } = box.backup(source);
      const run = startPhlb(box, 'ls', id, '--json');
      run.child.stdout?.pause();
      run.child.stdout?.removeAllListeners('data');
      await sleep(2000);
      assert.equal(run.child.exitCode, null, 'it still has something to say');
      run.child.kill('SIGTERM');
      const began = performance.now();
      await until('its end', () => run.child.exitCode !== null || run.child.signalCode !== null, SOON);
      assert.ok(performance.now() - began < SOON);
      run.child.stdout?.resume();
      await run.ended;
    });

    // In a call of the file system; where the system does not tell, for a while.
    async function untilItHangs({ child }: Running): Promise<void> {
      const tasks = `/proc/${child.pid}/task`;
      const hangs = (task: string): boolean => /fuse|request_wait/.test(readFileSync(`${tasks}/${task}/wchan`, 'utf8'));
      for (const end = performance.now() + 4000; performance.now() < end; await sleep(20)) {
        try {
          if (readdirSync(tasks).some(hangs)) return;
        } catch {
          // Threads come and go.
        }
      }
    }

    // As a network mount whose server has gone: each call waits.
    function freeze(): boolean {
      const folder = ground.exfat('mounted', 16);
      if (folder === undefined) return false;
      writeFileSync(`${folder}/a.txt`, 'a');
      driver = readdirSync('/proc')
        .filter(name => /^\d+$/.test(name))
        .map(Number)
        .find(pid => commandOf(pid).includes(`mount.exfat-fuse`) && commandOf(pid).includes(folder));
      if (driver === undefined) return false;
      process.kill(driver, 'SIGSTOP');
      return true;
    }
  });

  /** @param left how many runs in progress it leaves for the next one */
  async function soon(run: Running, left = 0): ReturnType<() => Running['ended']> {
    const timer = setTimeout(() => run.child.kill('SIGKILL'), SOON);
    const ended = await run.ended;
    clearTimeout(timer);
    assert.notEqual(ended.signal, 'SIGKILL', `it did not end: ${ended.said}`);
    assert.equal(leftovers(box.root).length, left);
    return ended;
  }
});

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}
