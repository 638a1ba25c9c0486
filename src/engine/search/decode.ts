/** The text in a file's bytes. */
import { isAscii } from 'node:buffer';
import type { TextFinder } from './text-finder.js';

// As far as git looks for a NUL (buffer_is_binary in its xdiff-interface.c), rounded up.
const LOOKED_AT = 8192;

/**
 * UTF-16 by its mark, everything else as UTF-8, in which what is none becomes U+FFFD. A mark is no part of the text.
 * @param required texts of which there must be one
 * @returns `binary` for what has a NUL near its beginning, `without` for a text without any of `required`
 */
export function decode(bytes: Buffer, required: TextFinder | undefined): { text: string } | 'binary' | 'without' {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return { text: bytes.toString('utf16le', 2) };
  if (first === 0xfe && second === 0xff) {
    const pairs = Buffer.from(bytes.subarray(2, bytes.length - (bytes.length % 2)));
    return { text: pairs.swap16().toString('utf16le') };
  }
  const nul = bytes.indexOf(0);
  if (nul >= 0 && nul < LOOKED_AT) return 'binary';
  let latin1: string | undefined;
  const asLatin1 = (): string => (latin1 ??= bytes.toString('latin1'));
  if (required && !required.mayBeIn(bytes, asLatin1)) return 'without';
  if (isAscii(bytes)) return { text: asLatin1() };
  const hasMark = first === 0xef && second === 0xbb && bytes[2] === 0xbf;
  return { text: bytes.toString('utf8', hasMark ? 3 : 0) };
}
