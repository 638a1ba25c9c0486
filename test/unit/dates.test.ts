import * as assert from 'node:assert/strict';
import { dayKey, DateFormat } from '../../src/host/editor/dates.js';

const now = new Date(2016, 0, 8, 0, 10);
const english = new DateFormat(
  'en',
  () => 'en-US',
  () => now,
);
const german = new DateFormat(
  'de',
  () => 'en-US',
  () => now,
);

describe('Dates as people say them', () => {
  it('name the last two days by the calendar, not by 24 hours', () => {
    assert.equal(english.short(new Date(2016, 0, 8, 0, 5)), 'Today 00:05');
    assert.equal(english.short(new Date(2016, 0, 7, 21, 40)), 'Yesterday 21:40');
    assert.equal(english.day(new Date(2016, 0, 6)), 'Wednesday, January 6');
    assert.equal(english.day(new Date(2015, 0, 6)), 'Tuesday, January 6, 2015');
    assert.equal(german.day(new Date(2016, 0, 7, 21, 40)), 'Gestern');
  });

  it('keep ages short enough for the status bar', () => {
    assert.equal(english.age(now), 'now');
    assert.equal(english.age(new Date(now.getTime() - 125_000)), '2 min');
    assert.equal(english.age(new Date(now.getTime() - 3 * 3_600_000)), '3 hr');
    assert.equal(german.age(new Date(now.getTime() - 72 * 3_600_000)), '3 Tage');
  });

  it('say in a sentence how long ago something was', () => {
    const ago = (minutes: number): string => english.ago(new Date(now.getTime() - minutes * 60_000));
    assert.deepEqual([0, 1, 59, 60, 47 * 60, 48 * 60].map(ago), [
      ...['now', '1 minute ago', '59 minutes ago', '1 hour ago', '47 hours ago', '2 days ago'],
    ]);
    assert.equal(ago(-5), 'now', 'a clock that was set back');
    assert.equal(german.ago(new Date(now.getTime() - 120 * 60_000)), 'vor 2 Stunden');
  });

  it('give sizes as file managers do', () => {
    assert.equal(english.size(0), '0 bytes');
    assert.equal(english.size(999), '999 bytes');
    assert.equal(english.size(1_234_567), '1.2 MB');
    assert.equal(german.size(123_456), '123 kB');
  });

  it('group by local days', () => {
    assert.equal(dayKey(new Date(2016, 0, 7, 0, 0)), dayKey(new Date(2016, 0, 7, 23, 59)));
    assert.notEqual(dayKey(new Date(2016, 0, 7)), dayKey(new Date(2016, 0, 8)));
  });

  it('survive a language that does not exist', () => {
    assert.doesNotThrow(() =>
      new DateFormat(
        'qps-ploc',
        () => 'x',
        () => now,
      ).day(now),
    );
  });

  it('survive what systems call their locales, of which Intl refuses some', () => {
    for (const system of ['en-US@posix', 'en_US.UTF-8', 'C', '', 'en-']) {
      const format = new DateFormat(
        'en',
        () => system,
        () => now,
      );
      assert.equal(format.short(new Date(2016, 0, 7, 21, 40)), 'Yesterday 21:40', system);
      assert.equal(format.number(1200), '1,200', system);
    }
  });
});
