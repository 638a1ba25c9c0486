import { nameToBuffer } from './names.js';

/** Orders paths by their bytes, as `LC_ALL=C sort` does. */
export function compareBytes(a: string, b: string): number {
  // UTF-16 order is the same but for characters beyond the basic plane and bytes that are not UTF-8.
  if (BEYOND_UTF16_ORDER.test(a) || BEYOND_UTF16_ORDER.test(b)) {
    return Buffer.compare(nameToBuffer(a), nameToBuffer(b));
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

const BEYOND_UTF16_ORDER = /[\ud800-\uffff]/;
