import { localeFor, usableTimeZone } from '../../../host/editor/dates.js';
import type { StorageReport } from '../messages.js';

const DAY = 86_400;

/**
 * Labels for points in time, as fine as their distance needs. What a fine one leaves out (the day of a time, the year of a
 * day) stands in a second line below the first of them, and below each where it is another one.
 * @param splits seconds since the epoch
 */
export function timeLabel(
  splits: readonly number[],
  { language, locale, timeZone }: Pick<StorageReport, 'language' | 'locale' | 'timeZone'>,
): string[] {
  const span = (splits.at(-1) ?? 0) - (splits[0] ?? 0);
  const step = splits.length > 1 ? span / (splits.length - 1) : span;
  const [fine, coarse] = optionsFor(step).map(
    options => new Intl.DateTimeFormat(localeFor(language, locale), { ...options, timeZone: usableTimeZone(timeZone) }),
  );
  let told = '';
  return splits.map(seconds => {
    const at = new Date(seconds * 1000);
    const label = fine?.format(at) ?? '';
    const context = coarse?.format(at) ?? '';
    if (context === told) return label;
    told = context;
    return `${label}\n${context}`;
  });
}

function optionsFor(step: number): Intl.DateTimeFormatOptions[] {
  if (step >= 300 * DAY) return [{ year: 'numeric' }];
  if (step >= 27 * DAY) return [{ month: 'short' }, { year: 'numeric' }];
  if (step >= DAY * 0.9) return [{ day: 'numeric', month: 'short' }, { year: 'numeric' }];
  return [
    { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
    { day: 'numeric', month: 'short' },
  ];
}
