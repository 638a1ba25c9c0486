import * as assert from 'node:assert/strict';
import type { Memento } from 'vscode';
import { addressKey, CopyMemory } from '../../src/host/offsite/copy-memory.js';
import { Credentials, passwordSecret, splitAddress } from '../../src/host/offsite/credentials.js';
import { afterFailure, mustWarn, nextCopy, withPush, type CopyHistory } from '../../src/host/offsite/schedule.js';

const minute = 60_000;
const hour = 60 * minute;
const now = 10_000 * hour;

describe('The time of the next copy off this machine', () => {
  it('is never without a schedule, and at once where there was none yet', () => {
    assert.equal(nextCopy('off', {}, now), undefined);
    assert.equal(nextCopy('hourly', {}, now), now);
  });

  it('is a period after the last one that came to its end', () => {
    const history = { success: now - 20 * minute };
    assert.equal(nextCopy('hourly', history, now), now + 40 * minute);
    assert.equal(nextCopy('daily', history, now), now + 24 * hour - 20 * minute);
    assert.equal(nextCopy('hourly', { success: now - 3 * hour }, now), now);
  });

  it('is a quarter of a period after a failure, else a server that is away is asked all the time', () => {
    const history = { success: now - 30 * hour, failure: now - minute, failingSince: now - minute };
    assert.equal(nextCopy('hourly', history, now), now + 14 * minute);
    assert.equal(nextCopy('daily', history, now), now + 6 * hour - minute);
    assert.equal(nextCopy('hourly', { ...history, failure: now - 16 * minute }, now), now);
  });

  it('is not put off by a clock that was set back', () => {
    assert.equal(nextCopy('daily', { success: now + 100 * hour, failure: now + 99 * hour }, now), now);
  });
});

describe('Copies off this machine that fail', () => {
  const fail = (history: CopyHistory, times: readonly number[]): CopyHistory => times.reduce(afterFailure, history);

  it('are warned of after three periods, once until a success, else nobody knows or everybody is tired of it', () => {
    const history = fail({ success: now - hour }, [now, now + 15 * minute, now + 2 * hour]);
    assert.equal(history.failingSince, now);
    assert.equal(mustWarn('hourly', history, now + 2 * hour), false);
    assert.equal(mustWarn('hourly', history, now + 3 * hour), true);
    assert.equal(mustWarn('daily', history, now + 3 * hour), false);
    assert.equal(mustWarn('daily', history, now + 72 * hour), true);
    const told: CopyHistory = { ...history, told: true };
    assert.equal(mustWarn('hourly', fail(told, [now + 9 * hour]), now + 9 * hour), false);
    const later = fail({ success: now + 10 * hour }, [now + 20 * hour]);
    assert.equal(mustWarn('hourly', later, now + 23 * hour), true);
    assert.equal(mustWarn('off', later, now + 23 * hour), false);
  });

  it('are no news where another window or the command line has copied meanwhile', () => {
    const history = fail({}, [now, now + hour]);
    assert.deepEqual(withPush(history, now + 2 * hour), { success: now + 2 * hour });
    const between = withPush(history, now + minute);
    assert.deepEqual(between, { success: now + minute, failure: now + hour, failingSince: now + minute });
    assert.deepEqual(withPush(history, NaN), history);
    assert.deepEqual(withPush({ success: now }, now - hour), { success: now });
  });

  it('are remembered without the address, in which there may be a password', async () => {
    const values = new Map<string, unknown>();
    const memory = new CopyMemory(memento(values));
    const address = 'rest:https://anna:geheim@nas/r';
    await memory.remember(address, { success: now });
    assert.deepEqual(memory.of(address), { success: now });
    assert.deepEqual(memory.of('rest:https://nas/r'), {});
    assert.doesNotMatch(JSON.stringify([...values]), /geheim|anna|nas/);
  });
});

describe('The secrets of a repository', () => {
  const address = '/mnt/usb/phlb';

  it('go before what the environment says, which restic would take first', async () => {
    const storage = secretStorage();
    const credentials = new Credentials(storage, { RESTIC_PASSWORD_FILE: '/file' });
    assert.equal((await credentials.of(address))?.['RESTIC_PASSWORD_FILE'], '/file');
    await credentials.keep(address, passwordSecret('typed'));
    assert.deepEqual(await credentials.of(address), {
      ...{ RESTIC_PASSWORD: 'typed', RESTIC_PASSWORD_FILE: '', RESTIC_PASSWORD_COMMAND: '' },
    });
    assert.equal((await credentials.of('/other'))?.['RESTIC_PASSWORD'], '', 'one is of one repository');
    assert.deepEqual([...storage.kept.keys()], [`offsite.secrets:${addressKey(address)}`]);
  });

  it('are forgotten when they are wrong, else the same wrong one is tried for ever', async () => {
    const storage = secretStorage();
    const credentials = new Credentials(storage, {});
    assert.equal(await credentials.of(address), undefined);
    await credentials.keep(address, { RESTIC_REST_USERNAME: 'anna', RESTIC_REST_PASSWORD: 'geheim' });
    assert.equal(await credentials.of(address), undefined);
    await credentials.keep(address, passwordSecret('wrong'));
    await credentials.forgetPassword(address);
    assert.equal(await credentials.of(address), undefined);
    await credentials.keep(address, passwordSecret('right'));
    const { RESTIC_PASSWORD, RESTIC_REST_PASSWORD } = (await credentials.of(address)) ?? {};
    assert.deepEqual([RESTIC_PASSWORD, RESTIC_REST_PASSWORD], ['right', 'geheim']);
    const other = new Credentials(storage, {});
    await other.keep('/b', passwordSecret('wrong'));
    await other.forgetPassword('/b');
    assert.equal(storage.kept.size, 1);
  });

  it('are nonsense where something else has written there, and then asked for', async () => {
    const storage = secretStorage();
    for (const nonsense of ['{', '7', 'null', '{"RESTIC_PASSWORD":7}']) {
      storage.kept.set(`offsite.secrets:${addressKey(address)}`, nonsense);
      assert.equal(await new Credentials(storage, {}).of(address), undefined);
    }
  });

  it('are taken out of an address before it goes into the settings', () => {
    assert.deepEqual(splitAddress('rest:https://an%40na:ge:h%2Feim@nas:8000/r/'), {
      address: 'rest:https://nas:8000/r/',
      secrets: { RESTIC_REST_USERNAME: 'an@na', RESTIC_REST_PASSWORD: 'ge:h/eim' },
    });
    assert.deepEqual(splitAddress('rest:http://a:%zz@nas/').secrets['RESTIC_REST_PASSWORD'], '%zz');
    for (const plain of ['rest:https://nas/r', 'sftp:anna@nas:/r', '/mnt/a:b@c', 's3:https://s3.example.org/b/c@d']) {
      assert.deepEqual(splitAddress(plain), { address: plain, secrets: {} });
    }
  });
});

function memento(values: Map<string, unknown>): Memento {
  return {
    keys: () => [...values.keys()],
    get: <T>(key: string, preset?: T) => (values.has(key) ? (values.get(key) as T) : preset),
    update: async (key, value) => void values.set(key, value),
  };
}

function secretStorage(): ConstructorParameters<typeof Credentials>[0] & { kept: Map<string, string> } {
  const kept = new Map<string, string>();
  return {
    kept,
    get: async key => kept.get(key),
    store: async (key, value) => void kept.set(key, value),
    delete: async key => void kept.delete(key),
  };
}
