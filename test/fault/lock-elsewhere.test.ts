import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { PhlbError } from '../../src/engine/words/errors.js';
import { textOf } from '../../src/engine/words/phrase.js';
import { acquireLock, type StoreLock } from '../../src/engine/store/lock.js';
import { ownIdentity } from '../../src/engine/store/process-id.js';
import { installed } from '../support/judges.js';
import { Sandbox } from '../support/sandbox.js';
import { helper, leftovers, longFile, start, startPhlb, until } from './support/processes.js';

/** How long such a one is borne with, and one that cannot be read. Ms. */
const SILENCE = 10 * 60_000;
const UNREADABLE = 10_000;

describe('A lock whose holder cannot be seen from here', () => {
  let box: Sandbox;
  let path: string;
  let took: string[];

  beforeEach(() => {
    box = new Sandbox('as processes');
    path = box.path('lock');
    took = [];
  });
  afterEach(() => box.dispose());

  const holders: Record<string, object> = {
    'on another host': { host: 'other', bootId: 'another-boot' },
    'on another host that tells no boot': { host: 'other', bootId: null },
    'in another pid namespace': { pidNamespace: 'pid:[1]', pid: 1 },
    'on another machine with the same home folder': { machine: 'elsewhere', bootId: 'another-boot' },
  };
  for (const [where, facts] of Object.entries(holders)) {
    it(`(${where}) is taken when it has been silent for long enough, not before, and that is said`, async () => {
      put({ ...ownIdentity('host'), ...facts });
      const { lock, ms } = await take();
      assert.ok(ms >= SILENCE, `taken after ${ms} ms`);
      assert.equal(took.length, 1);
      lock.release();
    });
  }

  it('is not taken as long as it gives signs of life', async () => {
    put({ ...ownIdentity('other'), bootId: 'another-boot' });
    const beat = (ms: number): void => {
      if (ms <= 3 * SILENCE) utimesSync(path, new Date(ms), new Date(ms));
    };
    const { lock, ms } = await take(SILENCE, beat);
    assert.ok(ms > 3 * SILENCE, `taken after ${ms} ms`);
    lock.release();
  });

  it('is dead at once when this very machine has been started anew since', async () => {
    put({ ...ownIdentity('host'), bootId: 'before-the-power-cut' });
    const { lock, ms } = await take();
    assert.equal(ms, 0, `taken after ${ms} ms`);
    lock.release();
  });

  const unreadable: Record<string, () => void> = {
    'an empty lock': () => writeFileSync(path, ''),
    'a lock of garbage': () => writeFileSync(path, '{"token":"../../x","pid":"1"}'),
    'an empty folder as lock': () => mkdirSync(path),
    'a folder with garbage as lock': () => {
      mkdirSync(path);
      writeFileSync(join(path, 'holder.json'), '\0\0\0');
    },
  };
  for (const [what, make] of Object.entries(unreadable)) {
    it(`${what} is not dead before its time is over`, async () => {
      make();
      const { lock, ms } = await take(UNREADABLE);
      assert.ok(ms >= UNREADABLE, `taken after ${ms} ms`);
      lock.release();
    });
  }

  it('an empty one is dead after ten seconds, whatever the patience with others', async () => {
    writeFileSync(path, '');
    const { lock, ms } = await take(UNREADABLE);
    assert.ok(ms >= 10_000 && ms < 15_000, `taken after ${ms} ms`);
    lock.release();
  });

  it('is taken although somebody died while taking it, and left an empty claim', async () => {
    const token = 'abc123';
    put({ ...ownIdentity('host'), pid: 2 ** 22 + 1, startTime: '1' }, token);
    writeFileSync(join(box.dir, `takeover-${token}`), '');
    const { lock } = await take();
    lock.release();
    assert.deepEqual(readdirSync(box.dir).sort(), ['home']);
  });

  it('leaves nothing behind where it cannot be written', async () => {
    await assert.rejects(acquireLock(box.path('gone/lock'), 'host', { cancelled: () => false }), error =>
      PhlbError.is(error, 'store'),
    );
    assert.deepEqual(readdirSync(box.dir), ['home']);
  });

  it('a real process in another pid namespace is waited for, and one that has died there taken over', async function () {
    if (process.getuid?.() !== 0 || !installed('unshare')) return this.skip();
    const inside = start(box, [
      ...['unshare', '--pid', '--fork', '--mount-proc', '--kill-child'],
      ...[process.execPath, helper('lock-holder'), path, 'host', '', 'wait'],
    ]);
    await until('held', () => inside.said().includes('held'));
    const { lock, ms } = await take(SILENCE, passed => {
      if (passed >= SILENCE / 2) inside.child.kill('SIGKILL');
    });
    assert.ok(ms >= SILENCE);
    lock.release();
  });

  it('and a run that has lost its lock publishes nothing', async () => {
    const source = box.path('documents');
    box.write({ 'documents/a.txt': 'first' });
    longFile(join(source, 'long.bin'), 400);
    const run = startPhlb(box, 'backup', 'documents', '--quiet');
    await until('a run under way', () => leftovers(box.root).length > 0);
    run.child.kill('SIGSTOP');
    const lock = join(box.root, '.phlb/lock');
    renameSync(lock, `${lock}.old`);
    const mine = await acquireLock(lock, 'other', { cancelled: () => false });
    run.child.kill('SIGCONT');
    const { code, said } = await run.ended;
    assert.equal(code, 1, said);
    assert.match(said, /^phlb: [^\n]*taken over the lock[^\n]*\n$/);
    mine.check();
    mine.release();
    assert.equal(existsSync(join(box.root, 'documents')), false);
    assert.deepEqual(readdirSync(join(box.root, '.phlb/manifests')), []);
    box.backup(source);
    assert.deepEqual(leftovers(box.root), []);
  });

  function put(holder: object, token = 'abc'): void {
    writeFileSync(path, JSON.stringify({ ...holder, token, since: new Date().toISOString() }));
  }

  /**
   * Takes the lock on a clock by which two fifths of the patience are over each time it is looked at.
   * @param onLook told each time how long it has been waited for by then
   */
  async function take(
    patience = SILENCE,
    onLook: (ms: number) => void = () => undefined,
  ): Promise<{ lock: StoreLock; ms: number }> {
    const step = patience * 0.4;
    let ms = -step;
    const lock = await acquireLock(path, 'host', {
      cancelled: () => {
        ms += step;
        onLook(ms);
        return false;
      },
      now: () => ms,
      onTakeover: detail => took.push(textOf(detail)),
    });
    lock.check();
    assert.equal((JSON.parse(readFileSync(path, 'utf8')) as { token: string }).token, lock.token);
    return { lock, ms };
  }
});
