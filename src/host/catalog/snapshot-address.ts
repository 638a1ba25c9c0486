/**
 * How a past file is addressed: `phlb://<key>/<the absolute path that the file has in its source>`. The key is
 * lower-case hex, because the editor lower-cases authorities. Paths in addresses must be well-formed Unicode, so a byte
 * that is not part of valid UTF-8 (U+DC80…U+DCFF in the engine's names) stands there as U+10FF80…U+10FFFF; a true
 * character of that range has its four UTF-8 bytes written the same way.
 */
import { fsPath, nameFromBuffer } from '../../engine/words/names.js';

const ESCAPE_BASE = 0x10ff00;
const SURROGATE_BASE = 0xdc00;
/** nearly every name: nothing in it can need an escape */
const PLAIN = /^[\x20-\x7e]*$/;

/** A snapshot, wherever its store may be. */
export interface SnapshotKey {
  storeId: string;
  /** `<source name>/<stamp>` */
  snapshotId: string;
}

export function encodeKey({ storeId, snapshotId }: SnapshotKey): string {
  return Buffer.from(`${storeId}/${escapeName(snapshotId)}`, 'utf8').toString('hex');
}

/** `undefined` for what `encodeKey` cannot have made. */
export function decodeKey(authority: string): SnapshotKey | undefined {
  if (!/^([0-9a-f]{2})+$/i.test(authority)) return undefined;
  const text = Buffer.from(authority, 'hex').toString('utf8');
  const cut = text.indexOf('/');
  if (cut <= 0 || cut === text.length - 1) return undefined;
  return { storeId: text.slice(0, cut), snapshotId: unescapeName(text.slice(cut + 1)) };
}

/** Makes an engine name or path fit for an address. */
export function escapeName(name: string): string {
  if (PLAIN.test(name)) return name;
  let escaped = '';
  for (const char of name) {
    const code = char.codePointAt(0) ?? 0;
    if (code >= SURROGATE_BASE + 0x80 && code <= SURROGATE_BASE + 0xff) {
      escaped += String.fromCodePoint(ESCAPE_BASE + code - SURROGATE_BASE);
    } else if (code >= ESCAPE_BASE + 0x80) {
      for (const byte of Buffer.from(char, 'utf8')) escaped += String.fromCodePoint(ESCAPE_BASE + byte);
    } else {
      escaped += char;
    }
  }
  return escaped;
}

/** The reverse of `escapeName`. */
export function unescapeName(escaped: string): string {
  if (PLAIN.test(escaped)) return escaped;
  let name = '';
  let found = false;
  for (const char of escaped) {
    const code = char.codePointAt(0) ?? 0;
    const isEscape = code >= ESCAPE_BASE + 0x80;
    found ||= isEscape;
    name += isEscape ? String.fromCharCode(SURROGATE_BASE + code - ESCAPE_BASE) : char;
  }
  if (!found) return name;
  // Once through the bytes: escapes that together are a true character become it again.
  const bytes = fsPath(name);
  return typeof bytes === 'string' ? bytes : nameFromBuffer(bytes);
}
