/**
 * Names as SQLite's text, which is UTF-8. A byte that is no part of it goes as a private character U+10FF80…U+10FFFF,
 * and so do the bytes of such a character itself, so that no two names meet, and those of U+FEFF, which the decoder of
 * sql.js drops at the start of a text.
 */
import { nameFromBuffer, nameToBuffer } from '../words/names.js';

const PACKED = 0x10ff00;

export function packName(name: string): string {
  // Nearly all names; by code units, which is sooner done than by characters.
  if (!/[\ud800-\udfff\ufeff]/.test(name)) return name;
  return name.replace(/[\udc80-\udcff\ufeff\u{10ff80}-\u{10ffff}]/gu, char =>
    [...nameToBuffer(char)].map(byte => String.fromCodePoint(PACKED + byte)).join(''),
  );
}

export function unpackName(value: unknown): string {
  const text = String(value);
  if (!/[\u{10ff80}-\u{10ffff}]/u.test(text)) return text;
  const escaped = text.replace(/[\u{10ff80}-\u{10ffff}]/gu, char =>
    String.fromCharCode((char.codePointAt(0) ?? 0) - PACKED + 0xdc00),
  );
  return nameFromBuffer(nameToBuffer(escaped));
}
