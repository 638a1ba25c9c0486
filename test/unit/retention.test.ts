import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  applyRetention,
  parseDuration,
  type RetentionRules,
  type RetentionSnapshot,
} from '../../src/engine/words/retention.js';

const NOW = '2026-11-23T12:00:00';

describe('A rule of retention that is no number', () => {
  it('deletes nothing: a setting of -2 would else keep all but the last two', () => {
    const snapshots = Array.from({ length: 5 }, (_, n) => ({
      ...{
        id: `documents/${n}`,
        startedAt: new Date(2020, 1, n + 1).toISOString(),
        sequence: n,
        kind: 'snapshot' as const,
      },
      ...{ files: 1, errors: 0, pinned: false, adopted: false, turns: [], readable: true },
    }));
    for (const keepLast of [-2, 1.5, NaN, Infinity, '3', null, [1]]) {
      const rules = { keepLast: keepLast as number, keepDaily: 1 };
      assert.throws(() => applyRetention(snapshots, rules, new Date()), /Not a number of snapshots to keep/);
    }
    assert.equal(applyRetention(snapshots, { keepLast: 2 }, new Date()).filter(({ goes }) => goes).length, 3);
  });
});

describe('Retention', () => {
  const zone = process.env['TZ'];
  before(() => {
    process.env['TZ'] = 'Europe/Berlin';
  });
  after(() => {
    if (zone === undefined) delete process.env['TZ'];
    else process.env['TZ'] = zone;
  });

  it('without any rule deletes nothing', () => {
    const snapshots = taken('2026-01-01T10:00', '2026-01-01T11:00', '2026-11-22T10:00');
    for (const rules of [{}, { keepLast: 0, keepDaily: 0 }, { keepWithin: parseDuration('0d') }]) {
      assert.deepEqual(
        applyRetention(snapshots, rules, local(NOW)).map(({ goes, reasons }) => [goes, reasons]),
        snapshots.map(() => [false, []]),
      );
    }
  });

  it('keeps the newest of each of the last hours, days, weeks, months and years that have one', () => {
    const days = taken(
      '2024-12-31T23:59:59',
      '2025-12-31T10:00',
      '2026-11-15T10:00', // a Sunday
      '2026-11-16T00:00', // a Monday
      '2026-11-20T09:00',
      '2026-11-20T09:30',
      '2026-11-20T10:00',
      '2026-11-22T10:00', // a Sunday
      '2026-11-23T00:00', // a Monday
    );
    assert.deepEqual(kept(days, { keepLast: 2 }), { '2026-11-22T10:00': 'last', '2026-11-23T00:00': 'last' });
    assert.deepEqual(kept(days, { keepHourly: 4 }), {
      '2026-11-20T09:30': 'hourly',
      '2026-11-20T10:00': 'hourly',
      '2026-11-22T10:00': 'hourly',
      '2026-11-23T00:00': 'hourly',
    });
    assert.deepEqual(kept(days, { keepDaily: 3 }), {
      '2026-11-20T10:00': 'daily',
      '2026-11-22T10:00': 'daily',
      '2026-11-23T00:00': 'daily',
    });
    assert.deepEqual(kept(days, { keepWeekly: 3 }), {
      '2026-11-15T10:00': 'weekly',
      '2026-11-22T10:00': 'weekly',
      '2026-11-23T00:00': 'weekly',
    });
    assert.deepEqual(kept(days, { keepMonthly: 2 }), { '2025-12-31T10:00': 'monthly', '2026-11-23T00:00': 'monthly' });
    assert.deepEqual(kept(days, { keepYearly: 2, keepLast: 1 }), {
      '2025-12-31T10:00': 'yearly',
      '2026-11-23T00:00': 'last yearly',
    });
  });

  it('keeps the oldest as well while a rule has counts left', () => {
    const days = taken('2026-11-20T08:00', '2026-11-20T09:00', '2026-11-20T10:00', '2026-11-22T10:00');
    assert.deepEqual(kept(days, { keepDaily: 2 }), { '2026-11-20T10:00': 'daily', '2026-11-22T10:00': 'daily' });
    assert.deepEqual(kept(days, { keepDaily: 3 }), {
      '2026-11-20T08:00': 'oldest',
      '2026-11-20T10:00': 'daily',
      '2026-11-22T10:00': 'daily',
    });
    assert.deepEqual(kept(days.slice(2), { keepDaily: 7 }), {
      '2026-11-20T10:00': 'daily',
      '2026-11-22T10:00': 'daily',
    });
  });

  it('keeps, of 12 Sundays, what the documentation of restic says', () => {
    const sundays = Array.from({ length: 12 }, (_, week) => local('2019-09-01T11:00', week * 7));
    const snapshots = sundays.map((time, at) => snapshot(String(at), time, { sequence: at }));
    const left = (rules: RetentionRules): string =>
      applyRetention(snapshots, rules, local(NOW))
        .filter(({ goes }) => !goes)
        .map(({ snapshot: { id } }) => id)
        .join(' ');
    assert.equal(left({ keepDaily: 4 }), '8 9 10 11');
    assert.equal(left({ keepMonthly: 3 }), '4 8 11'); // the last Sundays of September and October, the newest of November
    assert.equal(left({ keepWithin: parseDuration('14d1h') }), '9 10 11');
  });

  it('takes the days of both changes of the clocks for one day each, and the hour that is there twice for two', () => {
    // Clocks go from 02:00 to 03:00, and from 03:00 CEST back to 02:00 CET.
    const spring = instants(
      '2026-03-28T22:59Z',
      '2026-03-28T23:00Z',
      '2026-03-29T00:59Z',
      '2026-03-29T01:00Z',
      '2026-03-29T21:59Z',
      '2026-03-29T22:00Z',
    );
    assert.deepEqual(Object.keys(kept(spring, { keepDaily: 3 })), [
      '2026-03-28T22:59Z',
      '2026-03-29T21:59Z',
      '2026-03-29T22:00Z',
    ]);
    assert.deepEqual(Object.keys(kept(spring, { keepHourly: 4 })), [
      '2026-03-29T00:59Z',
      '2026-03-29T01:00Z',
      '2026-03-29T21:59Z',
      '2026-03-29T22:00Z',
    ]);
    const autumn = instants(
      '2026-10-24T21:59Z',
      '2026-10-24T22:00Z',
      '2026-10-25T00:10Z',
      '2026-10-25T00:50Z',
      '2026-10-25T01:10Z',
      '2026-10-25T22:59Z',
      '2026-10-25T23:00Z',
    );
    assert.deepEqual(Object.keys(kept(autumn, { keepDaily: 3 })), [
      '2026-10-24T21:59Z',
      '2026-10-25T22:59Z',
      '2026-10-25T23:00Z',
    ]);
    assert.deepEqual(Object.keys(kept(autumn, { keepHourly: 4 })), [
      '2026-10-25T00:50Z',
      '2026-10-25T01:10Z',
      '2026-10-25T22:59Z',
      '2026-10-25T23:00Z',
    ]);
    const night = autumn.slice(0, 5);
    assert.deepEqual(
      Object.keys(kept(night, { keepWithin: parseDuration('1h') })),
      ['2026-10-25T00:50Z', '2026-10-25T01:10Z'],
      'an hour is an hour',
    );
    assert.deepEqual(Object.keys(kept(autumn, { keepWithin: parseDuration('1d') })).length, 5, 'a day of 25 hours');
  });

  it('prefers one without errors within a period; if all have some, the newest counts', () => {
    const day = taken('2026-11-20T08:00', '2026-11-20T09:00', '2026-11-20T10:00');
    const withErrors = (...errors: number[]): RetentionSnapshot[] =>
      day.map((s, at) => ({ ...s, errors: errors[at] ?? 0 }));
    assert.deepEqual(kept(withErrors(0, 0, 2), { keepDaily: 1 }), { '2026-11-20T09:00': 'daily' });
    assert.deepEqual(kept(withErrors(1, 2, 3), { keepDaily: 1 }), { '2026-11-20T10:00': 'daily' });
    assert.deepEqual(kept(withErrors(0, 0, 2), { keepLast: 1 }), { '2026-11-20T10:00': 'last' });
    assert.deepEqual(kept(withErrors(3, 0, 0), { keepDaily: 2 }), {
      '2026-11-20T08:00': 'oldest',
      '2026-11-20T10:00': 'daily',
    });
  });

  it('orders several of one second, and those of a clock that was set back, by their sequence', () => {
    const second = ['a-2', 'a', 'a-10'].map((id, at) =>
      snapshot(id, local('2026-11-20T08:00'), { sequence: [2, 1, 10][at] ?? 0 }),
    );
    assert.deepEqual(kept(second, { keepLast: 1 }), { 'a-10': 'last' });
    assert.deepEqual(kept(second, { keepDaily: 1 }), { 'a-10': 'daily' });
    assert.deepEqual(kept(second, { keepDaily: 2 }), { a: 'oldest', 'a-10': 'daily' });
    const clock = [
      snapshot('right', local('2026-11-20T08:00'), { sequence: 1 }),
      snapshot('ahead', local('2026-11-22T08:00'), { sequence: 2 }),
      snapshot('right again', local('2026-11-20T09:00'), { sequence: 3 }),
    ];
    assert.deepEqual(kept(clock, { keepLast: 1 }), { 'right again': 'last' });
    assert.deepEqual(kept(clock, { keepDaily: 2 }), { ahead: 'daily', 'right again': 'daily' });
  });

  it('keeps what is pinned, dated in the future, of unknown record or adopted, whatever the rules say', () => {
    const snapshots = [
      snapshot('adopted', local('2016-01-01T08:00'), { sequence: 1, adopted: true }),
      snapshot('pinned', local('2026-01-01T08:00'), { sequence: 2, pinned: true }),
      snapshot('old', local('2026-01-02T08:00'), { sequence: 3 }),
      snapshot('unknown', local('2026-01-03T08:00'), { readable: false }),
      snapshot('new', local('2026-11-23T11:59'), { sequence: 4 }),
      snapshot('future', local('2026-11-23T12:01'), { sequence: 5 }),
    ];
    const always = { adopted: 'adopted', pinned: 'pinned', unknown: 'unreadable', future: 'future' };
    assert.deepEqual(kept(snapshots, { keepLast: 1 }), { ...always, new: 'last' }, 'the future one takes no count');
    assert.deepEqual(kept(snapshots, { keepDaily: 9 }), {
      ...always,
      pinned: 'pinned daily',
      old: 'daily',
      new: 'daily',
    });
    assert.deepEqual(kept(snapshots, { keepWithin: parseDuration('2h') }), { ...always, new: 'within' });
  });

  it('counts --keep-within back from the newest, by the calendar', () => {
    const snapshots = taken(
      '2025-02-28T10:00',
      '2026-02-28T09:59',
      '2026-02-28T10:00',
      '2026-02-28T10:01',
      '2026-03-30T10:00',
      '2026-03-31T10:00',
    );
    const within = (duration: string): string[] =>
      Object.keys(kept(snapshots, { keepWithin: parseDuration(duration) }));
    assert.deepEqual(within('1h'), ['2026-03-31T10:00']);
    assert.deepEqual(within('1d1h'), ['2026-03-30T10:00', '2026-03-31T10:00']);
    assert.deepEqual(
      within('1m'),
      ['2026-02-28T10:01', '2026-03-30T10:00', '2026-03-31T10:00'],
      'there is no 31 February',
    );
    assert.equal(within('1h1m').length, 5);
    assert.equal(within('1y1m1h').length, 6);
    assert.equal(within('999999999y').length, 6);
  });

  it('takes a duration of years, months, days and hours, and nothing else', () => {
    assert.deepEqual(parseDuration('1y2m15d3h'), { years: 1, months: 2, days: 15, hours: 3 });
    assert.deepEqual(parseDuration('3h1y'), { years: 1, months: 0, days: 0, hours: 3 });
    for (const wrong of ['', '5', 'd', '1w', '-1d', '1.5d', '1d ', '1d1d', '1D', '1y-2m', '1234567890d']) {
      assert.throws(() => parseDuration(wrong), { code: 'usage' }, wrong);
    }
  });

  it('lets safety snapshots go that are older than 30 days and not among the newest 10', () => {
    const safety = Array.from({ length: 14 }, (_, at) =>
      snapshot(String(at), local('2026-10-11T12:00', at), { sequence: at, kind: 'safety', pinned: at === 1 }),
    );
    const gone = (list: RetentionSnapshot[], rules: RetentionRules = { keepLast: 1 }): string =>
      applyRetention(list, rules, local(NOW))
        .filter(({ goes }) => goes)
        .map(({ snapshot: { id } }) => id)
        .join(' ');
    assert.equal(gone(safety), '0 2 3');
    assert.equal(gone(safety, {}), '');
    assert.equal(
      gone(safety.map(s => ({ ...s, startedAt: local('2026-10-24T13:00').toISOString() }))),
      '',
      'young enough',
    );
    assert.equal(gone(safety.slice(4)), '', 'only ten');
    const [newest] = taken('2026-11-01T10:00');
    assert.equal(gone([...safety, ...(newest ? [newest] : [])]), '0 2 3', 'no rule counts them');
  });

  it('keeps the newest with files while only ones without any follow it: a disk was not mounted', () => {
    const days = taken(
      '2026-11-18T10:00',
      '2026-11-19T10:00',
      '2026-11-20T10:00',
      '2026-11-21T10:00',
      '2026-11-22T10:00',
    );
    const empty = (...at: number[]): RetentionSnapshot[] =>
      days.map((day, n) => (at.includes(n) ? { ...day, files: 0 } : day));
    const rules = { keepLast: 1 };
    const last = { '2026-11-22T10:00': 'last' };
    assert.deepEqual(kept(empty(3, 4), rules), { '2026-11-20T10:00': 'files', ...last });
    assert.deepEqual(kept(empty(2, 3), rules), last, 'there are files again');
    assert.deepEqual(kept(empty(0, 1, 2, 3, 4), rules), last, 'there never were');
    const unread = empty(2, 3, 4).map((day, n) => (n === 2 ? { ...day, readable: false } : day));
    assert.deepEqual(kept(unread, rules), { '2026-11-19T10:00': 'files', '2026-11-20T10:00': 'unreadable', ...last });
    const saved = empty(3, 4).map((day, n) => (n === 4 ? { ...day, files: 9, kind: 'safety' as const } : day));
    assert.equal(
      kept(saved, rules)['2026-11-20T10:00'],
      'files',
      'what a restore replaced is no snapshot of the source',
    );
    const behind = empty(3, 4).map((day, n) => ({ ...day, startedAt: local('2026-11-10T10:00', -n).toISOString() }));
    assert.deepEqual(Object.values(kept(behind, rules)), ['files', 'last'], 'whatever the clock said');
  });

  describe('whatever the history and the rules', () => {
    const history = fc
      .array(
        fc.record({
          hours: fc.oneof(fc.integer({ min: -50, max: 100 }), fc.integer({ min: -50, max: 30_000 })),
          errors: fc.integer({ min: -2, max: 2 }).map(n => Math.max(0, n)),
          files: fc.nat(2),
          odd: fc.constantFrom<Partial<RetentionSnapshot>[]>(
            {},
            {},
            {},
            { pinned: true },
            { readable: false },
            { kind: 'safety' },
            { adopted: true },
          ),
        }),
        { maxLength: 40 },
      )
      .map(list =>
        list.map(({ hours, errors, files, odd }, at) =>
          snapshot(String(at), new Date(local(NOW).getTime() - hours * 3_600_000), {
            sequence: at,
            errors,
            files,
            ...odd,
          }),
        ),
      );
    const count = fc.integer({ min: 0, max: 8 });
    const counts = {
      keepLast: count,
      keepHourly: count,
      keepDaily: count,
      keepWeekly: count,
      keepMonthly: count,
      keepYearly: count,
    };
    const duration = fc.record({ years: fc.nat(2), months: fc.nat(14), days: fc.nat(40), hours: fc.nat(50) });
    const rules = fc.record({ ...counts, keepWithin: duration });
    const staying = (list: RetentionSnapshot[], given: RetentionRules): Set<string> =>
      new Set(applyRetention(list, given, local(NOW)).flatMap(({ goes, snapshot: { id } }) => (goes ? [] : [id])));
    const runs = { seed: Number(process.env['PHLB_TEST_SEED'] ?? 20160107), numRuns: 400 };

    it('the newest stays, unless it has errors and another one of its period has none', () => {
      fc.assert(
        fc.property(history, rules, (list, given) => {
          const newest = list.findLast(isJudged);
          if (!newest) return;
          const stays = staying(list, given).has(newest.id);
          if (newest.errors === 0 || (given.keepLast ?? 0) > 0) assert.ok(stays);
        }),
        runs,
      );
    });

    it('never do all go that the rules judge', () => {
      fc.assert(
        fc.property(history, rules, (list, given) => {
          const judged = list.filter(isJudged);
          const stays = staying(list, given);
          assert.ok(judged.length === 0 || judged.some(s => stays.has(s.id)));
        }),
        runs,
      );
    });

    it('the newest that holds files stays while only ones without any follow it', () => {
      fc.assert(
        fc.property(history, rules, (list, given) => {
          const own = list.filter(({ kind, readable }) => kind === 'snapshot' && readable);
          const at = own.findLastIndex(({ files }) => files > 0);
          const newest = own[at];
          if (newest && at < own.length - 1) assert.ok(staying(list, given).has(newest.id));
        }),
        runs,
      );
    });

    it('rules that are more generous never keep fewer', () => {
      fc.assert(
        fc.property(history, rules, rules, (list, given, more) => {
          if (staying(list, given).size === list.length) return;
          const generous = Object.fromEntries(
            Object.entries(given).map(([rule, n]) => [
              rule,
              typeof n === 'number' ? n + (more[rule as 'keepLast'] ?? 0) : add(n, more.keepWithin),
            ]),
          );
          const kept = staying(list, generous);
          for (const id of staying(list, given)) assert.ok(kept.has(id), id);
        }),
        runs,
      );
    });

    it('the order in which the snapshots are given is of no matter', () => {
      fc.assert(
        fc.property(
          history.chain(list => fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length }))),
          rules,
          ([list, shuffled], given) => {
            const reasons = (of: RetentionSnapshot[]): [string, string[]][] =>
              applyRetention(of, given, local(NOW))
                .map(({ snapshot: { id }, reasons: why }): [string, string[]] => [id, why])
                .sort();
            assert.deepEqual(reasons(shuffled), reasons(list));
          },
        ),
        runs,
      );
    });
  });
});

/** Neither kept whatever the rules say, nor a safety snapshot. */
function isJudged({ kind, readable, adopted, startedAt }: RetentionSnapshot): boolean {
  return kind === 'snapshot' && readable && !adopted && startedAt <= local(NOW).toISOString();
}

type Duration = ReturnType<typeof parseDuration>;

function add(a: Duration, b: Duration): Duration {
  return { years: a.years + b.years, months: a.months + b.months, days: a.days + b.days, hours: a.hours + b.hours };
}

/** What stays, with its reasons, by id. */
function kept(snapshots: RetentionSnapshot[], rules: RetentionRules): Record<string, string> {
  const verdicts = applyRetention(snapshots, rules, local(NOW)).filter(({ goes }) => !goes);
  return Object.fromEntries(verdicts.map(({ snapshot: { id }, reasons }): [string, string] => [id, reasons.join(' ')]));
}

/** Snapshots at these local times, named after them. */
describe('retention of turns', () => {
  const now = local('2026-11-20T12:00');
  const hoursAgo = (hours: number): Date => new Date(now.getTime() - hours * 3_600_000);
  const kept = (snapshots: RetentionSnapshot[]): string[] =>
    applyRetention(snapshots, { keepLast: 1 }, now)
      .filter(({ goes }) => !goes)
      .map(({ snapshot: { id }, reasons }) => `${id} ${reasons.join()}`);

  it('keeps all steps of a day, and what was before and after a turn for a week', () => {
    const at = (id: string, hours: number, sequence: number, ...turns: string[]): RetentionSnapshot =>
      snapshot(id, hoursAgo(hours), { sequence, turns });
    const snapshots = [
      at('long ago', 200, 0, 'A'),
      at('long ago, too', 199, 1, 'A'),
      at('first', 100, 2, 'B'),
      at('in between', 99, 3, 'B'),
      at('last', 98, 4, 'B', 'C'),
      at('today 1', 3, 5, 'D'),
      at('nobody', 2.5, 6),
      at('today 2', 2, 7, 'D'),
      at('today 3', 1, 8, 'D'),
      at('now', 0, 9),
    ];
    assert.deepEqual(kept(snapshots), [
      'first turn',
      'last turn',
      'today 1 turn',
      'today 2 turn',
      'today 3 turn',
      'now last',
    ]);
  });

  it('keeps twenty turns that are older than a day', () => {
    const snapshots = Array.from({ length: 60 }, (_, n) =>
      snapshot(String(n), hoursAgo(120 - n), { sequence: n, turns: [`turn ${Math.floor(n / 2)}`] }),
    );
    assert.deepEqual(
      kept(snapshots).map(text => Number(text.split(' ')[0])),
      snapshots.map((_, n) => n).slice(20),
    );
  });
});

function taken(...times: string[]): RetentionSnapshot[] {
  return times.map((time, at) => snapshot(time, local(time), { sequence: at }));
}

function instants(...times: string[]): RetentionSnapshot[] {
  return times.map((time, at) => snapshot(time, new Date(time), { sequence: at }));
}

function snapshot(id: string, time: Date, more: Partial<RetentionSnapshot>): RetentionSnapshot {
  const plain = {
    sequence: 0,
    kind: 'snapshot' as const,
    files: 1,
    errors: 0,
    pinned: false,
    adopted: false,
    turns: [],
    readable: true,
  };
  return { id, startedAt: time.toISOString(), ...plain, ...more };
}

function local(time: string, daysLater = 0): Date {
  const date = new Date(time);
  date.setDate(date.getDate() + daysLater);
  return date;
}
