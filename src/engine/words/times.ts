/**
 * Times. A file time is nanoseconds since 1970 as `bigint`; in manifests it is `seconds.nanoseconds`, always with nine
 * digits after the point. Stored files keep their times to the microsecond: Node sets times as a double of seconds and
 * its versions round differently below that. File systems keep seconds in up to 64 bits: what is written here of any
 * of them can be read here.
 */
const BILLION = 1_000_000_000n;
/** ms since 1970, ECMA-262 */
const MAX_DATE = 8.64e15;

/** `1700000000.000000005`; before 1970 the seconds are negative and the fraction counts up (floor), as in `timespec`. */
export function nsToText(ns: bigint): string {
  if (ns >= BILLION) {
    const digits = ns.toString();
    return `${digits.slice(0, -9)}.${digits.slice(-9)}`;
  }
  const seconds = floorDiv(ns, BILLION);
  return `${seconds}.${(ns - seconds * BILLION).toString().padStart(9, '0')}`;
}

/** The reverse of `nsToText`. @throws SyntaxError for anything else */
export function textToNs(text: string): bigint {
  // Seconds of 64 bits have 19 digits.
  const match = /^(-?\d{1,19})\.(\d{9})$/.exec(text);
  if (!match) throw new SyntaxError(`not a time: ${text.slice(0, 40)}`);
  const [, seconds = '', fraction = ''] = match;
  // As one number it is sooner made, but before 1970 the two have different signs.
  return seconds.startsWith('-') ? BigInt(seconds) * BILLION + BigInt(fraction) : BigInt(seconds + fraction);
}

/**
 * Whole microseconds, rounded down. Before 1684 and after 2255 the nearest number that there is: one time always becomes
 * the same number, and so does its text.
 */
export function nsToMicros(ns: bigint): number {
  return Number(ns >= 0n ? ns / 1000n : floorDiv(ns, 1000n));
}

/** Microseconds in digits, however many. */
export function microsToText(micros: number): string {
  return Number.isSafeInteger(micros) ? String(micros) : String(BigInt(micros));
}

/** The reverse of `microsToText`. @throws SyntaxError for anything else */
export function textToMicros(text: string): number {
  if (!/^-?\d{1,25}$/.test(text)) throw new SyntaxError(`not microseconds: ${text.slice(0, 40)}`);
  return Number(text);
}

/** A time that no `Date` holds (beyond the year 275760) becomes the last or first one that it does. */
export function nsToIso(ns: bigint): string {
  const ms = Number(floorDiv(ns, 1_000_000n));
  return new Date(Math.max(-MAX_DATE, Math.min(MAX_DATE, ms))).toISOString();
}

/** `YYYY-MM-DD-HHMMSS` in local time: the name of a snapshot's folder. */
export function localStamp(date: Date): string {
  const two = (n: number): string => String(n).padStart(2, '0');
  // A clock that is far off makes a wrong name, but still one that is read as a snapshot's.
  const year = Math.max(0, Math.min(9999, date.getFullYear()));
  const day = `${String(year).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day}-${two(date.getHours())}${two(date.getMinutes())}${two(date.getSeconds())}`;
}

/** Splits `2016-01-07-085247-2` into its stamp and its number within that second (1 for the first). */
export function parseStamp(folder: string): { stamp: string; number: number } | undefined {
  const match = /^(\d{4}-\d{2}-\d{2}-\d{6})(?:-([2-9]|[1-9]\d{1,5}))?$/.exec(folder);
  return match ? { stamp: match[1] ?? '', number: match[2] === undefined ? 1 : Number(match[2]) } : undefined;
}

/** The local time that a snapshot's folder is named after; a second that it shares with others counts once. */
export function stampTime(folder: string): Date {
  const [, year, month, day, h, m, s] = /^(\d+)-(\d+)-(\d+)-(\d\d)(\d\d)(\d\d)/.exec(folder) ?? [];
  const time = new Date(2000, 0, 1, Number(h), Number(m), Number(s));
  // Of a year below 100 `new Date` would make one of the last century.
  time.setFullYear(Number(year), Number(month) - 1, Number(day));
  return time;
}

function floorDiv(a: bigint, b: bigint): bigint {
  const q = a / b;
  return a % b < 0n ? q - 1n : q;
}
