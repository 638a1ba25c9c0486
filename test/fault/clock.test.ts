import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assertSameTrees, installed } from '../support/judges.js';
import { CLI, Sandbox, type SnapshotJson } from '../support/sandbox.js';
import { start } from './support/processes.js';

const NOON = Date.UTC(2025, 5, 15, 12) / 1000;
const DAY = 86_400;
const HOUR = 3_600;

describe('A clock that cannot be trusted', () => {
  let box: Sandbox;
  let source: string;

  before(function () {
    if (!installed('faketime')) this.skip();
  });
  beforeEach(() => {
    box = new Sandbox();
    source = box.path('documents');
    box.write({ 'documents/a.txt': 'first' });
  });
  afterEach(() => box.dispose());

  it('set back by a day: the newest snapshot is the one made last, to list, restore, compare with and prune', () => {
    const ahead = backupAt(NOON);
    writeFileSync(join(source, 'a.txt'), 'FIRST');
    const right = backupAt(NOON - DAY);
    assert.deepEqual([ahead, right], ['documents/2025-06-15-120000', 'documents/2025-06-14-120000']);
    assert.deepEqual(box.ids(), [ahead, right]);
    assertSameTrees(source, join(box.root, right));
    const skipped = box.backupWith(0, 'documents', '--skip-unchanged');
    assert.equal(skipped.published, false, 'compared with the last one made');
    writeFileSync(join(source, 'a.txt'), 'lost');
    box.json(0, 'restore', 'documents/latest', 'a.txt');
    assertSameTrees(join(box.root, right), source);
    assert.deepEqual(box.json<{ deleted: string[] }>(0, 'prune', '--keep-last', '1').deleted, [ahead]);
    assertSameTrees(source, join(box.root, right));
  });

  it('standing still: the name of a deleted snapshot is not given to a new one while later ones stand', () => {
    const [first = '', second] = [backupAt(NOON), backupAt(NOON)];
    box.json(0, 'delete', first);
    const third = backupAt(NOON);
    assert.deepEqual(
      [first, second, third],
      ['', '-2', '-3'].map(number => `documents/2025-06-15-120000${number}`),
    );
    assert.deepEqual(box.ids(), [second, third]);
  });

  it('in the hour that is there twice: both snapshots have names of their own, in their order', () => {
    // Berlin, 26 October 2025: 02:30 summer time, then, an hour later, 02:30 winter time.
    const summer = Date.UTC(2025, 9, 26, 0, 30) / 1000;
    const made = [summer, summer + HOUR, summer + 2 * HOUR].map(at => {
      appendFileSync(join(source, 'a.txt'), 'more');
      return backupAt(at, 'Europe/Berlin');
    });
    const stamps = ['2025-10-26-023000', '2025-10-26-023000-2', '2025-10-26-033000'];
    assert.deepEqual(
      made,
      stamps.map(stamp => `documents/${stamp}`),
    );
    assert.deepEqual(box.ids(), made);
    // Hour by hour, as they were lived through.
    const { kept } = box.json<{ kept: { id: string }[] }>(0, 'prune', '--keep-hourly', '2', '--dry-run');
    assert.deepEqual(
      kept.map(({ id }) => id),
      made.slice(1),
    );
  });

  it('on a journey: a time zone that goes back does not make an older snapshot the latest', () => {
    const tokyo = backupAt(NOON, 'Asia/Tokyo');
    writeFileSync(join(source, 'a.txt'), 'on the way');
    const honolulu = backupAt(NOON + HOUR, 'Pacific/Honolulu');
    assert.ok(honolulu < tokyo, 'its name is that of an earlier hour');
    assert.deepEqual(box.ids(), [tokyo, honolulu]);
    const { entries } = box.json<{ entries: { path: string; size: number }[] }>(0, 'ls', 'documents/latest');
    assert.equal(entries.find(({ path }) => path === 'a.txt')?.size, 'on the way'.length);
  });

  it('standing still: runs in one second, one after another and at once, all have their snapshots, none replaces another', async () => {
    const made = [backupAt(NOON)];
    writeFileSync(join(source, 'a.txt'), 'second');
    made.push(backupAt(NOON));
    const before = box.ids();
    const runs = Array.from({ length: 4 }, () => {
      const command = ['faketime', '-f', String(NOON), process.execPath, CLI, 'backup', 'documents', '--json'];
      return start(box, command, clock('UTC'));
    });
    for (const run of runs) {
      const { code, said } = await run.ended;
      assert.equal(code, 0, said);
    }
    assert.deepEqual(made, ['documents/2025-06-15-120000', 'documents/2025-06-15-120000-2']);
    const ids = box.ids();
    assert.deepEqual(ids.slice(0, 2), before);
    assert.deepEqual(
      ids.slice(2),
      [3, 4, 5, 6].map(n => `documents/2025-06-15-120000-${n}`),
    );
    for (const id of ids.slice(1)) assertSameTrees(source, join(box.root, id));
    assert.equal(box.run(['cat', join(box.root, ids[0] ?? '', 'a.txt')]).stdout, 'first');
  });

  // Seconds since 1970; the clock stands there for the whole run. Times that stat tells stay real.
  function backupAt(time: number, zone = 'UTC'): string {
    const command = ['faketime', '-f', String(time), process.execPath, CLI, 'backup', 'documents', '--json'];
    const { status, stdout, stderr } = box.run(command, clock(zone));
    assert.equal(status, 0, stderr);
    const [snapshot] = (JSON.parse(stdout) as { snapshots: SnapshotJson[] }).snapshots;
    assert.equal(snapshot?.startedAt, new Date(time * 1000).toISOString(), 'the clock is set');
    return snapshot.id ?? '';
  }

  function clock(zone: string): NodeJS.ProcessEnv {
    // Timers must go on.
    return { TZ: zone, FAKETIME_FMT: '%s', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
  }
});
