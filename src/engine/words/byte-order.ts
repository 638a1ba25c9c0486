import { nameToBuffer } from './names.js';

/** Sorts in place by a path's bytes, as `LC_ALL=C sort` does; equal ones keep their order. */
export function sortByPath<T extends { path: string }>(items: T[]): T[] {
  // Nearly always all of them are in this order as strings, too: that is looked for once, not at each comparison.
  const compare = items.some(({ path }) => BEYOND_UTF16_ORDER.test(path)) ? compareBytes : compareText;
  return items.sort((a, b) => compare(a.path, b.path));
}

// Characters beyond the basic plane, those that sort behind them in UTF-16 only, and bytes that are not UTF-8.
const BEYOND_UTF16_ORDER = /[\ud800-\uffff]/;

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareBytes(a: string, b: string): number {
  if (BEYOND_UTF16_ORDER.test(a) || BEYOND_UTF16_ORDER.test(b)) {
    return Buffer.compare(nameToBuffer(a), nameToBuffer(b));
  }
  return compareText(a, b);
}
