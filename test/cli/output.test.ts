import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLI, Sandbox, type Ended } from '../support/sandbox.js';

describe('phlb, of which nobody gets the output', () => {
  let box: Sandbox;

  before(function () {
    if (!existsSync('/dev/full')) this.skip();
  });
  beforeEach(() => {
    box = new Sandbox();
    box.write({ 'documents/a.txt': 'first', 'documents/sub/b.txt': 'second', 'letters/c.txt': 'third' });
  });
  afterEach(() => box?.dispose());

  const shell = (line: string): Ended =>
    box.run(['bash', '-c', line.replace(/\bphlb\b/g, '"$NODE" "$CLI"')], { NODE: process.execPath, CLI });
  const LOST = /^phlb: The output cannot be written \(ENOSPC[^\n]*\n$/;

  for (const json of ['', ' --json']) {
    it(`since the disk of it is full, says so in one line and ends as its work did${json}`, () => {
      const { status, stderr } = shell(`phlb backup documents letters${json} > /dev/full`);
      assert.equal(status, 0, stderr);
      assert.match(stderr, LOST);
      assert.equal(box.ids().length, 2, 'all of the work was done');
      const failed = shell(`phlb backup documents nowhere${json} > /dev/full`);
      assert.equal(failed.status, 1);
      assert.equal(failed.stderr.split('\n').filter(line => LOST.test(`${line}\n`)).length, 1);
      assert.doesNotMatch(failed.stderr, /^ {4}at /m);
    });
  }

  for (const command of [
    'list',
    'ls documents/latest',
    'find "*"',
    'grep first',
    'verify',
    '--help',
    '--version',
    'stats --json',
  ]) {
    it(`tells it of ${command}, too`, () => {
      box.backup('documents');
      const { status, stderr } = shell(`phlb ${command} > /dev/full`);
      assert.equal(status, 0, stderr);
      assert.match(stderr, LOST);
    });
  }

  it('does all of its work when whoever reads it has gone, or its outputs are closed', () => {
    box.backup('documents');
    for (const end of ['| true', '| head -1', '>&-', '2>&-', '>&- 2>&-', '>/dev/full 2>/dev/full']) {
      const before = box.ids().length;
      const { status, stderr } = shell(`set -o pipefail; phlb backup documents letters ${end}`);
      assert.deepEqual([status, stderr], [0, ''], end);
      assert.equal(box.ids().length - before, 2, end);
    }
    assert.equal(shell('set -o pipefail; phlb backup nowhere documents 2>/dev/null | true').status, 1);
  });

  it('ends with 1 and without a stack where its complaint cannot be written either', () => {
    assert.deepEqual(shell('phlb list nobody 2>/dev/full'), { status: 1, stdout: '', stderr: '' });
  });
});

describe('phlb, whose output nobody reads, as in a pager that waits', () => {
  let box: Sandbox;

  before(() => {
    box = new Sandbox();
    const name = 'a long name, so that a pipe does not hold all of them '.repeat(3);
    box.write(Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`documents/${name}${i}.txt`, `${name}\n`])));
    box.backup('documents');
  });
  after(() => box.dispose());

  for (const args of [
    ['find', '**'],
    ['find', '**', '--json'],
    ['ls', 'documents/latest'],
    ['grep', 'pipe'],
    ['grep', 'pipe', '--json'],
  ]) {
    it(`ends ${args.join(' ')} when it is asked to`, async () => {
      const run = spawn(process.execPath, [CLI, ...args], {
        ...{ cwd: box.dir, env: box.env, stdio: ['ignore', 'pipe', 'ignore'] },
      });
      await once(run.stdout, 'readable');
      // All that is taken without being read.
      for (let taken = -1; taken !== run.stdout.readableLength; await sleep(200)) taken = run.stdout.readableLength;
      const asked = performance.now();
      run.kill('SIGINT');
      assert.deepEqual(await once(run, 'exit'), [130, null]);
      const seconds = (performance.now() - asked) / 1000;
      assert.ok(seconds < 5, `after ${seconds} s`);
      run.stdout.destroy();
    });
  }
});

describe('phlb in a folder that was deleted', () => {
  let box: Sandbox;

  beforeEach(() => {
    box = new Sandbox();
    box.write({ 'documents/a.txt': 'first', 'gone/': '' });
    box.backup('documents');
  });
  afterEach(() => box.dispose());

  // A shell of its own, whose folder goes while it is in it.
  const inGone = (...args: string[]): Ended =>
    box.run(['sh', '-c', 'mkdir -p gone && cd gone && rmdir ../gone && "$@"', 'sh', process.execPath, CLI, ...args]);

  it('needs none for absolute paths', () => {
    const source = box.path('documents');
    for (const args of [
      ['list', '--root', box.root],
      ['backup', source],
      ['backup', source, '--dry-run'],
      ['ls', 'documents/latest'],
      ['ls', join(box.root, box.ids()[0] ?? '')],
      ['versions', join(source, 'a.txt')],
      ['restore', 'documents/latest', 'a.txt', '--to', box.path('out')],
      ['verify'],
    ]) {
      const { status, stderr } = inGone(...args);
      assert.deepEqual([status, stderr], [0, ''], args.join(' '));
    }
    assert.ok(existsSync(box.path('out/a.txt')));
  });

  it('says in one line that a relative path leads nowhere', () => {
    for (const args of [
      ['backup', 'documents'],
      ['backup', '.'],
      ['list', '--root', 'x'],
      ['versions', 'a.txt'],
      ['restore', 'documents/latest', '--to', 'out'],
    ]) {
      const { status, stderr } = inGone(...args);
      assert.equal(status, 2, args.join(' '));
      assert.match(stderr, /^phlb: The current folder no longer exists[^\n]*absolute paths[^\n]*\n$/);
    }
  });
});
