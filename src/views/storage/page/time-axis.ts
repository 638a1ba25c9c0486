import type { StorageReport } from '../messages.js';

const DAY = 86_400;

/** Labels for points in time, as fine as their distance needs. @param splits seconds since the epoch */
export function timeLabel(
  splits: readonly number[],
  { language, locale, timeZone }: Pick<StorageReport, 'language' | 'locale' | 'timeZone'>,
): string[] {
  const span = (splits.at(-1) ?? 0) - (splits[0] ?? 0);
  const step = splits.length > 1 ? span / (splits.length - 1) : span;
  const format = formatFor(step, locale.split('-')[0] === language.split('-')[0] ? locale : language, timeZone);
  return splits.map(seconds => format.format(new Date(seconds * 1000)));
}

function formatFor(step: number, locale: string, timeZone: string): Intl.DateTimeFormat {
  const options: Intl.DateTimeFormatOptions =
    step >= 300 * DAY
      ? { year: 'numeric' }
      : step >= 27 * DAY
        ? { month: 'short', year: '2-digit' }
        : step >= DAY * 0.9
          ? { day: 'numeric', month: 'short' }
          : { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' };
  try {
    return new Intl.DateTimeFormat(locale, { ...options, timeZone });
  } catch {
    // A made-up language (a pseudo-locale), or a time zone that this browser does not know.
    return new Intl.DateTimeFormat('en', options);
  }
}
