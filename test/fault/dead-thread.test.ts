import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { uptime } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { isLit } from '../../src/engine/store/beacon.js';
import { acquireLock } from '../../src/engine/store/lock.js';
import { ownIdentity } from '../../src/engine/store/process-id.js';
import { locationOf, startEngine } from '../support/engine.js';
import { installed } from '../support/judges.js';
import { Sandbox } from '../support/sandbox.js';
import { helper, leftovers, longFile, start, until, type Running } from './support/processes.js';
import { refusedForHours } from './support/refused.js';

/** Each way in which a thread ends; the process lives on. */
const ENDS = ['exit', 'throw', 'memory', 'terminate'] as const;

describe('A lock whose thread has died in a living process', () => {
  let box: Sandbox;
  let path: string;

  beforeEach(() => {
    box = new Sandbox('as processes');
    path = box.path('lock');
  });
  afterEach(() => box.dispose());

  for (const how of ENDS) {
    it(`(${how}) is taken at once by another process, and by the next thread of this one`, async () => {
      for (const take of [takeElsewhere, takeHere]) {
        const thread = await holder();
        await end(thread, how);
        assert.ok(existsSync(path), 'it left its lock');
        const began = performance.now();
        await take();
        assert.ok(performance.now() - began < 5000, 'nobody waits for it');
      }
      assert.deepEqual(readdirSync(box.dir), ['home']);
    });
  }

  it('but a living one, busy and long silent, keeps it', async () => {
    const thread = await holder();
    thread.postMessage('busy');
    await refused();
    await thread.terminate();
    await takeHere();
  });

  it('nor does a thread take the lock of the main one', async () => {
    const lock = await acquireLock(path, 'host', { cancelled: () => false });
    const thread = new Worker(helper('lock-thread'), { workerData: { path } });
    const said: unknown[] = [];
    thread.on('message', word => said.push(word));
    await until('it has waited', () => said.length >= 2);
    assert.ok(!said.includes('held'));
    lock.release();
    await until('its turn', () => said.includes('held'));
    await thread.terminate();
  });

  it('and one that ends while it waits leaves nothing', async () => {
    const lock = await acquireLock(path, 'host', { cancelled: () => false });
    const waiting = Array.from({ length: 8 }, () => new Worker(helper('lock-thread'), { workerData: { path } }));
    await Promise.all(waiting.map(thread => once(thread, 'online')));
    for (const thread of waiting) {
      await sleep(60);
      await thread.terminate();
    }
    assert.deepEqual(readdirSync(box.dir).sort(), ['home', 'lock']);
    lock.release();
  });

  it('lets a backup go on at once while the window, in which it died, is still open', async () => {
    box.write({ 'documents/a.txt': 'a' });
    longFile(box.path('documents/long.bin'), 4000);
    const engine = startEngine();
    const source = box.path('documents');
    const lost = assert.rejects(engine.call('backup', { location: locationOf(box), source, protectFiles: true }));
    await until('a run under way', () => leftovers(box.root).length > 0);
    await engine.dispose();
    await lost;
    rmSync(join(source, 'long.bin'));
    const began = performance.now();
    const { status, stderr } = box.phlb('backup', source);
    assert.equal(status, 0, stderr);
    assert.match(stderr, /^phlb: Took over the lock[^\n]*\n$/);
    assert.ok(performance.now() - began < 10_000);
    assert.deepEqual(leftovers(box.root), []);
  });

  it('what threads that died while they took it have left goes with the next holder; what a living one is at stays', async () => {
    const living = { ...ownIdentity('host'), token: 'a' };
    const dead = JSON.stringify({ ...living, threadStart: '1' });
    const [draft, away, other] = [`lock.${'1'.repeat(24)}`, `lock.${'2'.repeat(24)}`, `lock.${'3'.repeat(24)}`];
    const takeover = `takeover-${'4'.repeat(24)}`;
    for (const name of [draft, away, takeover]) writeFileSync(box.path(name), dead);
    writeFileSync(box.path(other), JSON.stringify(living));
    writeFileSync(box.path('lock.of-somebody'), dead);
    await takeHere();
    assert.deepEqual(readdirSync(box.dir).sort(), ['home', other, 'lock.of-somebody']);
  });

  describe('(told by older means)', () => {
    it('a lock of a version that names no thread is that of its process', async () => {
      const older = { ...ownIdentity('host'), thread: undefined, threadStart: undefined };
      put(older);
      await refused();
      put({ ...older, startTime: '1' });
      await takeHere();
    });

    it('another user’s living process that /proc hides keeps it', async function () {
      if (process.getuid?.() !== 0 || !installed('unshare') || !installed('setpriv')) return this.skip();
      chmodSync(box.dir, 0o777);
      const living = start(box, [process.execPath, helper('lock-holder'), path, 'host', '', 'wait']);
      await until('held', () => living.said().includes('held'));
      const script = 'mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid=65534 --clear-groups "$@"';
      const other = start(box, [
        ...['unshare', '--mount', 'sh', '-c', script, 'sh'],
        ...[process.execPath, helper('lock-holder'), path, 'host', '300', 'wait'],
      ]);
      await waits(other);
      living.child.stdin?.write('\n');
      assert.match((await living.ended).said, /still held/);
      await until('its turn', () => other.said().includes('held'));
      other.child.stdin?.write('\n');
      await other.ended;
    });

    it('another user’s lock that may not be read is not taken for a torn one', async function () {
      if (process.getuid?.() !== 0 || !installed('setpriv')) return this.skip();
      chmodSync(box.dir, 0o777);
      put(ownIdentity('host'));
      chmodSync(path, 0o600);
      const other = start(box, [
        ...['setpriv', '--reuid=65534', '--clear-groups'],
        // A torn one would be dead in half a second.
        ...[process.execPath, helper('lock-holder'), path, 'host', '', 'wait', '20'],
      ]);
      await waits(other);
      rmSync(path);
      await until('its turn', () => other.said().includes('held'));
      other.child.stdin?.write('\n');
      await other.ended;
    });

    const boot = Date.now() - uptime() * 1000;
    // As a system without /proc: its number may be another process's by now, which lives.
    const untold = { bootId: null, pidNamespace: null, startTime: null, thread: null, threadStart: null };

    it('one from before the last boot, where there is no boot id, is dead although its number lives', async () => {
      put({ ...ownIdentity('host'), ...untold, since: new Date(boot - 3600_000).toISOString() });
      await takeHere();
    });

    for (const [when, since] of [
      ['since the last boot', boot + uptime() * 500],
      ['in the future, for the clock was set back', Date.now() + 86_400_000],
    ] as const) {
      it(`one from ${when} is that of a living process`, async () => {
        put({ ...ownIdentity('host'), ...untold, since: new Date(since).toISOString() });
        await refused();
      });
    }

    for (const how of ENDS) {
      it(`where threads have no numbers, a beacon goes out with its thread (${how})`, async () => {
        const thread = new Worker(helper('lock-thread'), {
          workerData: { path: 'beacon' },
          resourceLimits: { maxOldGenerationSizeMb: 32 },
        });
        const [beacon] = (await once(thread, 'message')) as [string];
        put({ ...ownIdentity('host'), ...untold, beacon });
        assert.equal(isLit(beacon), true);
        await refused();
        await end(thread, how);
        assert.equal(isLit(beacon), false);
        await takeHere();
        rmSync(`/tmp/${beacon}`);
      });
    }

    it('a beacon of which nothing is there tells nothing, and no file of that name is written to', async () => {
      const beacon = `phlb-${'0123456789ab'.repeat(2)}`;
      put({ ...ownIdentity('host'), ...untold, beacon });
      await refused();
      writeFileSync(`/tmp/${beacon}`, 'mine');
      try {
        await refused();
        assert.equal(readFileSync(`/tmp/${beacon}`, 'utf8'), 'mine');
      } finally {
        rmSync(`/tmp/${beacon}`);
      }
    });
  });

  async function holder(): Promise<Worker> {
    const thread = new Worker(helper('lock-thread'), {
      workerData: { path },
      resourceLimits: { maxOldGenerationSizeMb: 32 },
    });
    assert.deepEqual(await once(thread, 'message'), ['held']);
    return thread;
  }

  async function end(thread: Worker, how: (typeof ENDS)[number]): Promise<void> {
    const ended = new Promise(resolve => thread.once('exit', resolve));
    thread.on('error', () => undefined);
    if (how === 'terminate') await thread.terminate();
    else thread.postMessage(how);
    await ended;
  }

  async function takeHere(): Promise<void> {
    (await acquireLock(path, 'host', { cancelled: () => false })).release();
  }

  async function takeElsewhere(): Promise<void> {
    const other = start(box, [process.execPath, helper('lock-holder'), path, 'host', '', 'wait']);
    await until('it has it', () => other.said().includes('held'));
    other.child.stdin?.write('\n');
    await other.ended;
  }

  const refused = (): Promise<void> => refusedForHours(path);

  // For two seconds, which is many times as long as it bears with a dead one.
  async function waits(other: Running): Promise<void> {
    await until('it has waited', () => other.said().split('waits').length > 3);
    assert.match(other.said(), /^(waits\n)+$/, 'and does nothing else');
  }

  function put(lock: object): void {
    writeFileSync(path, JSON.stringify({ token: 'abc', since: new Date().toISOString(), ...lock }));
  }
});
