import * as assert from 'node:assert/strict';
import { isOverdue, nextRun, quietFrom, type ScheduleInput } from '../../src/host/auto-backup/schedule.js';
import { PendingMark } from '../../src/host/backup/pending-mark.js';
import { Throttle } from '../../src/host/editor/throttle.js';

const minute = 60_000;
const now = 1_000 * minute;
const input: ScheduleInput = {
  ...{ mode: 'onSave', intervalMinutes: 10, now },
  ...{ lastRun: undefined, pending: true, unseen: true },
};

describe('The time of the next automatic backup', () => {
  it('is 5 s after the first save, or an interval after the last run, whichever is later', () => {
    assert.equal(nextRun(input), now + 5000);
    assert.equal(nextRun({ ...input, lastRun: now - 2 * minute }), now + 8 * minute);
    assert.equal(nextRun({ ...input, lastRun: now - 60 * minute }), now + 5000);
  });

  it('comes no later than an interval after a save', () => {
    assert.equal(nextRun({ ...input, intervalMinutes: 0.02 }), now + 1200);
  });

  it('is never, with nothing saved or nothing wanted', () => {
    assert.equal(nextRun({ ...input, pending: false }), undefined);
    assert.equal(nextRun({ ...input, mode: 'off' }), undefined);
  });

  it('needs no save at intervals, so that changes from terminals are taken', () => {
    assert.equal(nextRun({ ...input, mode: 'interval', pending: false, lastRun: now - minute }), now + 9 * minute);
  });

  it('comes on change as soon as after a save, and looks after a start for what changed before', () => {
    const onChange: ScheduleInput = { ...input, mode: 'onChange' };
    assert.equal(nextRun(onChange), now + 5000);
    assert.equal(nextRun({ ...onChange, pending: false }), now + 30_000);
    assert.equal(nextRun({ ...onChange, pending: false, lastRun: now - 2 * minute }), now + 8 * minute);
  });

  it('comes every hour without any change that was told, else what a watcher loses is never backed up', () => {
    const idle: ScheduleInput = { ...input, mode: 'onChange', pending: false, unseen: false };
    assert.equal(nextRun({ ...idle, lastRun: now }), now + 60 * minute);
    assert.equal(nextRun({ ...idle, lastRun: now, intervalMinutes: 1 }), now + 6 * minute);
    assert.equal(nextRun({ ...idle, lastRun: now, intervalMinutes: 120 }), now + 120 * minute);
  });

  it('waits until other programs are done, but not for ever', () => {
    const due = now;
    assert.equal(quietFrom(due, undefined, 10), due);
    assert.equal(quietFrom(due, due - 4000, 10), due + 1000);
    assert.equal(quietFrom(due, due + 3 * minute, 10), due + 3 * minute + 5000);
    assert.equal(quietFrom(due, due + 30 * minute, 10), due + 10 * minute);
  });

  it('is not put off by a clock that was set back', () => {
    assert.equal(nextRun({ ...input, lastRun: now + 1000 * minute }), now + 5000);
  });

  it('is missed after three intervals, and the user should know', () => {
    assert.equal(isOverdue(undefined, 10, now), false);
    assert.equal(isOverdue(now - 29 * minute, 10, now), false);
    assert.equal(isOverdue(now - 31 * minute, 10, now), true);
  });
});

describe('The mark of a save that no backup has taken', () => {
  const memory = new Map<string, unknown>();
  // What the editor keeps with the workspace, also for the next window.
  const memento = {
    keys: () => [...memory.keys()],
    get: <T>(key: string): T | undefined => memory.get(key) as T | undefined,
    update: async (key: string, value: unknown) => void memory.set(key, value),
  };
  beforeEach(() => memory.clear());

  it('outlives a window that is closed in the middle of the run, else the change is never taken', async () => {
    const mark = new PendingMark(memento);
    await mark.saved(now);
    mark.runStarted();
    assert.equal(new PendingMark(memento).since, now);
  });

  it('is taken away by a run that went well, but not for what was saved during it', async () => {
    const mark = new PendingMark(memento);
    await mark.saved(now);
    assert.equal(mark.isRenewed, true);
    mark.runStarted();
    assert.equal(mark.isRenewed, false);
    await mark.taken();
    assert.equal(mark.since, undefined);
    await mark.saved(now + 1);
    mark.runStarted();
    await mark.saved(now + 2);
    await mark.saved(now + 3);
    await mark.taken();
    assert.equal(mark.since, now + 2);
  });
});

describe('A throttled run', () => {
  it('queues one more and no third, and each request is followed by a later start', async () => {
    const ends: (() => void)[] = [];
    const throttle = new Throttle(() => new Promise<number>(resolve => ends.push(() => resolve(ends.length))));
    const first = throttle.run();
    const second = throttle.run();
    const third = throttle.run();
    assert.equal(second, third);
    assert.equal(ends.length, 1);
    ends[0]?.();
    await first;
    await new Promise(resolve => setImmediate(resolve));
    assert.equal(ends.length, 2);
    ends[1]?.();
    await second;
  });

  it('goes on after a failure', async () => {
    let runs = 0;
    const throttle = new Throttle(() => Promise.reject(new Error(`run ${++runs}`)));
    const [first, second] = await Promise.allSettled([throttle.run(), throttle.run()]);
    assert.equal(first.status, 'rejected');
    assert.equal(second.status, 'rejected');
    assert.equal(runs, 2);
  });
});
