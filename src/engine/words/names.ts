/**
 * File names, exactly. POSIX names are bytes; JavaScript strings are not. Inside PHLB a name is a string in which each
 * byte that is not part of valid UTF-8 stands as a lone surrogate U+DC80…U+DCFF (the "surrogateescape" of PEP 383), so
 * that nearly every name is a plain string and none is lossy. Paths relative to a source use `/` on every platform.
 *
 * Absolute paths stand as their host writes them. What is Windows' is told by how it begins, not by where PHLB runs: a
 * store may be read on another system than it was written on.
 */
import { posix, win32 } from 'node:path';

const ESCAPE_BASE = 0xdc00;

/** What to hand to `fs`: the string itself, or the exact bytes of a name that is not valid UTF-8. */
export function fsPath(path: string): string | Buffer {
  // Windows names are UTF-16 and pass unchanged, lone surrogates included.
  if (path.isWellFormed() || process.platform === 'win32') return path;
  return nameToBuffer(path);
}

/** The bytes of a name, the reverse of `nameFromBuffer`. */
export function nameToBuffer(name: string): Buffer {
  const parts: Buffer[] = [];
  let plain = '';
  for (const char of name) {
    const code = char.charCodeAt(0);
    if (char.length === 1 && code >= ESCAPE_BASE + 0x80 && code <= ESCAPE_BASE + 0xff) {
      parts.push(Buffer.from(plain, 'utf8'), Buffer.from([code - ESCAPE_BASE]));
      plain = '';
    } else plain += char;
  }
  parts.push(Buffer.from(plain, 'utf8'));
  return Buffer.concat(parts);
}

/** Decodes a name as the file system gave it. Never fails, never loses a byte. */
export function nameFromBuffer(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes('\ufffd')) return text;
  let name = '';
  for (let at = 0; at < bytes.length;) {
    const length = validSequence(bytes, at);
    if (length === 0) name += String.fromCharCode(ESCAPE_BASE + (bytes[at++] ?? 0));
    else {
      name += bytes.toString('utf8', at, at + length);
      at += length;
    }
  }
  return name;
}

/** Joins a directory (absolute or relative, `''` for none) and a relative path with `/` components. */
export function join(dir: string, relative: string): string {
  if (dir === '') return relative;
  if (relative === '') return dir;
  return dir.endsWith('/') ? dir + relative : `${dir}/${relative}`;
}

export function dirname(path: string): string {
  const cut = path.lastIndexOf('/');
  return cut < 0 ? '' : path.slice(0, cut);
}

export function basename(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** The last name of an absolute path; `''`: it is the top of a drive or file system. */
export function nameOfPath(path: string): string {
  return isWindowsPath(path) ? win32.basename(path) : posix.basename(path);
}

/** What is the same for two spellings of one absolute path: Windows takes `\\` and `/`, `C:` and `c:` for the same. */
export function pathKey(path: string): string {
  return isWindowsPath(path) ? withSlashes(win32.normalize(path)).toLowerCase() : posix.normalize(path);
}

/** A relative path as it was typed, with `/` between its components. */
export function portable(path: string, platform = process.platform): string {
  return platform === 'win32' ? withSlashes(path) : path;
}

/** `inner` relative to `outer` with `/` components (`''`: the same folder), or `undefined` when it is not inside. Absolute paths. */
export function relativeInside(outer: string, inner: string): string | undefined {
  if (isWindowsPath(outer)) return isWindowsPath(inner) ? relativeOnWindows(outer, inner) : undefined;
  const base = outer.replace(/\/+$/, '');
  const path = inner.replace(/\/+$/, '');
  if (path === base) return '';
  return path.startsWith(`${base}/`) ? path.slice(base.length + 1) : undefined;
}

// Component by component: lower case may be longer than what it was made of.
function relativeOnWindows(outer: string, inner: string): string | undefined {
  const [base, path] = [outer, inner].map(one => withSlashes(one).replace(/\/+$/, '').split('/'));
  if (!base || !path?.slice(0, base.length).every((name, i) => name.toLowerCase() === base[i]?.toLowerCase())) {
    return undefined;
  }
  return path.length < base.length ? undefined : path.slice(base.length).join('/');
}

function isWindowsPath(path: string): boolean {
  return /^([A-Za-z]:|\\\\)/.test(path);
}

function withSlashes(path: string): string {
  return path.replaceAll('\\', '/');
}

/** The one of `known` that a path names: on Windows in any case, where none is spelled just so. `path` itself if there is none. */
export function namedAmong(known: Iterable<string>, path: string, platform = process.platform): string {
  if (platform !== 'win32') return path;
  const folded = path.toLowerCase();
  let alike: string | undefined;
  for (const one of known) {
    if (one === path) return path;
    if (one.toLowerCase() === folded) alike ??= one;
  }
  return alike ?? path;
}

/** Whether a relative path from outside (a manifest, a request) stays below the folder that it is relative to. */
export function isSafeRelative(path: string, platform = process.platform): boolean {
  if (path === '' || path.includes('\0')) return false;
  // A `\` would be a step, a `:` another drive or a stream; the others no file of Windows can have in its name.
  if (platform === 'win32' && /[\\:<>"|?*]/.test(path)) return false;
  return hasOnlyNames(path);
}

/** Whether no part of a path is empty, `.` or `..`. */
export function hasOnlyNames(path: string): boolean {
  return !/(?:^|\/)\.{0,2}(?:\/|$)/.test(path);
}

/**
 * The order of manifests: directory by directory. All entries of one directory stand together, sorted by name (UTF-16
 * code units, invalid bytes as U+DC80…); after them come, in the same order, the directories among them, each with
 * everything below it. So parents come first, and any subtree is one contiguous run of lines.
 */
export function compareInManifest(a: string, b: string): number {
  return compareDirectories(dirname(a), dirname(b)) || compareNames(basename(a), basename(b));
}

/** Depth-first order of directories, a parent before what is below it. */
export function compareDirectories(a: string, b: string): number {
  if (a === b) return 0;
  const as = a === '' ? [] : a.split('/');
  const bs = b === '' ? [] : b.split('/');
  for (let i = 0; i < as.length && i < bs.length; i++) {
    const order = compareNames(as[i] ?? '', bs[i] ?? '');
    if (order !== 0) return order;
  }
  return as.length - bs.length;
}

export function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

// The length of the well-formed UTF-8 sequence at `at` (Unicode 15, table 3-7), 0 if there is none.
function validSequence(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length =
    first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const second = bytes[at + 1] ?? 0;
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let i = 2; i < length; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0;
  return length;
}
