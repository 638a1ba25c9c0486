import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertSameTrees, installed } from '../support/judges.js';
import { Sandbox } from '../support/sandbox.js';
import { helper, leftovers, longFile, start, startPhlb, until, untilRead } from './support/processes.js';
import { refusedForHours } from './support/refused.js';

describe('Several PHLBs on one backup location', () => {
  let box: Sandbox;
  let source: string;

  beforeEach(() => {
    box = new Sandbox('as processes');
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'first', 'documents/sub/b.txt': 'second' });
  });
  afterEach(() => box.dispose());

  it('go on at once after one that was killed with kill -9', async () => {
    longFile(join(source, 'long.bin'), 2000);
    const dead = startPhlb(box, 'backup', 'documents');
    await until('a run under way', () => leftovers(box.root).length > 0);
    dead.child.kill('SIGKILL');
    assert.equal((await dead.ended).signal, 'SIGKILL');
    assert.ok(readdirSync(join(box.root, '.phlb')).includes('lock'), 'its lock is left');
    longFile(join(source, 'long.bin'), 1);
    const began = performance.now();
    const { stderr, status } = box.phlb('backup', 'documents');
    assert.ok(performance.now() - began < 5000, 'no waiting for a dead process');
    assert.equal(status, 0);
    assert.match(stderr, /^phlb: Took over the lock[^\n]*\n$/, 'and it is said');
    assertTidy();
  });

  it('never take the lock of one that is stopped, and both end well when it goes on', async () => {
    longFile(join(source, 'long.bin'), 300);
    const stopped = startPhlb(box, 'backup', 'documents');
    await until('a run under way', () => leftovers(box.root).length > 0);
    stopped.child.kill('SIGSTOP');
    const lock = readFileSync(join(box.root, '.phlb/lock'), 'utf8');
    const other = startPhlb(box, 'backup', 'documents');
    await untilRead(join(box.root, '.phlb/lock'), 6);
    assert.equal(other.child.exitCode, null, 'it waits');
    assert.equal(readFileSync(join(box.root, '.phlb/lock'), 'utf8'), lock);
    assert.deepEqual(box.ids(), []);
    stopped.child.kill('SIGCONT');
    for (const run of [stopped, other]) assert.deepEqual((await run.ended).code, 0, run.said());
    assert.equal(box.ids().length, 2);
    for (const id of box.ids()) assertSameTrees(source, join(box.root, id));
    assertTidy();
  });

  for (const [how, then, signal] of [
    ['stopped', 'wait', 'SIGSTOP'],
    ['busy', 'busy', 'SIGCONT'],
  ] as const) {
    it(`never take the lock of one of this machine that is ${how}, however long it is silent`, async () => {
      const path = box.path('lock');
      const holder = start(box, [process.execPath, helper('lock-holder'), path, 'host', '', then]);
      await until('held', () => holder.said().includes('held'));
      holder.child.kill(signal);
      await refusedForHours(path);
      holder.child.kill('SIGCONT');
      holder.child.stdin?.write('\n');
      assert.match((await holder.ended).said, /still held/);
    });
  }

  it('six at once make six snapshots, each whole and with a number of its own', async () => {
    const runs = Array.from({ length: 6 }, () => startPhlb(box, 'backup', 'documents', '--json'));
    for (const run of runs) assert.equal((await run.ended).code, 0, run.said());
    const ids = box.ids();
    assert.equal(new Set(ids).size, 6);
    const numbers = ids.map(
      id =>
        (JSON.parse(readFileSync(box.manifest(id).replace('.mtree.gz', '.json'), 'utf8')) as { sequence: number })
          .sequence,
    );
    assert.deepEqual(numbers, [1, 2, 3, 4, 5, 6]);
    for (const id of ids) assertSameTrees(source, join(box.root, id));
    assertTidy();
  });

  for (const [then, lock] of [
    ['die', 'a dead process'],
    ['tear', 'a torn lock'],
  ] as const) {
    it(`many that find ${lock} at once: one after another has it, never two`, async () => {
      const path = box.path('lock');
      const count = 14;
      const runs = Array.from({ length: count }, () =>
        start(box, [process.execPath, helper('lock-holder'), path, 'host', then === 'tear' ? '400' : '', then]),
      );
      for (const run of runs) assert.equal((await run.ended).signal, 'SIGKILL', run.said());
      const log = readFileSync(`${path}.log`, 'utf8').trim().split('\n');
      assert.deepEqual(
        log.filter(line => line.startsWith('NOT')),
        [],
      );
      assert.equal(new Set(log).size, count, 'each had it once');
    });
  }

  for (const [lock, preload] of [
    ['a dead lock', []],
    ['a dead lock that is a folder (no hardlinks)', ['--require', helper('no-links')]],
  ] as const) {
    it(`one that is just removing ${lock} does not fail because the next one has tidied that up for it`, async function () {
      if (!installed('strace')) return this.skip();
      const holder = [process.execPath, ...preload, helper('lock-holder'), box.path('lock'), 'host', ''];
      await start(box, [...holder, 'die']).ended;
      // The takeover's temporary file goes first.
      const slow = ['strace', '-f', '-q', '-o', '/dev/null', '-e', 'inject=unlink:delay_enter=1500000:when=2'];
      const first = start(box, [...slow, ...holder, 'wait']);
      await until('the dead lock is out of its place', () => !readdirSync(box.dir).includes('lock'));
      const second = start(box, [...holder, 'wait']);
      await until('the second has it', () => second.said().includes('held'));
      await until('the first waits for it', () => first.said().includes('waits') || first.child.exitCode !== null);
      for (const { child, ended } of [second, first]) {
        child.stdin?.write('go\n');
        assert.match((await ended).said, /held\nstill held\n$/);
      }
      assert.deepEqual(readdirSync(box.dir).sort(), ['documents', 'home', 'lock.log']);
    });
  }

  it('where a lock is a folder (no hardlinks), the next one does not lose it to the one that is just letting go', async function () {
    if (!installed('strace')) return this.skip();
    const slow = ['strace', '-f', '-q', '-o', '/dev/null', '-e', 'inject=rmdir:delay_enter=1500000'];
    const holder = [process.execPath, '--require', helper('no-links'), helper('lock-holder')];
    const args = [box.path('lock'), 'host', '', 'wait'];
    const first = start(box, [...slow, ...holder, ...args]);
    await until('the first has it', () => first.said().includes('held'));
    const second = start(box, [...holder, ...args]);
    first.child.stdin?.write('go\n');
    await until('the second has it', () => second.said().includes('held'));
    assert.equal((await first.ended).said, 'held\nstill held\n');
    second.child.stdin?.write('go\n');
    assert.match((await second.ended).said, /^(waits\n)*held\nstill held\n$/);
    assert.deepEqual(readdirSync(box.dir).sort(), ['documents', 'home']);
  });

  function assertTidy(): void {
    assert.deepEqual(leftovers(box.root), []);
    assert.deepEqual(readdirSync(join(box.root, '.phlb')).sort(), ['manifests', 'partial', 'store.json']);
  }
});
