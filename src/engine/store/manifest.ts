/**
 * One line of a manifest: an entry of a snapshot in mtree(5) syntax, full path first.
 *
 *     ./a%20b type=file mode=0644 uid=0 gid=0 size=3 time=1700000000.123456789 sha256=… tags=c1700000000.5,i77
 *
 * (with octal escapes, `\040`, in place of `%20`). The keywords always stand in this order, so that two lines of the
 * same file can be compared as text. Sockets stand in comments, since bsdtar stops at their type.
 *
 * Format: mtree(5) of NetBSD and libarchive. `tags` holds what mtree has no keyword for, separated by commas:
 * `c` ctime, `i` inode, `d` device number where it is not the source folder's, `h` one of several names of an inode,
 * `s` stored mtime in microseconds where it is not the source's.
 */
import type { EntryType } from '../words/model.js';
import { hasOnlyNames, nameFromBuffer, nameToBuffer } from '../words/names.js';
import { unsigned } from '../words/numbers.js';
import { microsToText, nsToMicros, nsToText, textToMicros, textToNs } from '../words/times.js';

/** What a manifest says of one entry. Times in nanoseconds; `mode` is the low twelve bits. */
export interface Entry {
  path: string;
  type: EntryType;
  mode: number;
  uid: number;
  gid: number;
  /** bytes of a file, 0 for all else */
  size: number;
  mtime: bigint;
  sha256?: string;
  /** a symlink's target */
  target?: string;
  /** `linux,major,minor` and block or character */
  device?: { kind: 'char' | 'block'; number: string };
  ctime?: bigint;
  inode?: bigint;
  dev?: bigint;
  hardlinked?: boolean;
  /** microseconds */
  storedMtime?: number;
}

export const MANIFEST_HEADER = '#mtree\n# phlb 1\n';

/** Longer ones are nonsense, whoever wrote them. Three of them fit into what is unpacked at a time. */
const MAX_LINE = 256 * 1024;
/** Twice as many folders, one below the other, as a path of Linux can name. */
export const MAX_DEPTH = 4096;
// Each character takes up to twelve in a line: three bytes, four digits each.
const MAX_PATH = 20_000;

/** @throws an error `ENAMETOOLONG` for a path that no line can hold */
export function checkPath(path: string): void {
  if (path.length <= MAX_DEPTH * 2) return;
  if (path.length > MAX_PATH || path.split('/').length > MAX_DEPTH) throw tooLong();
}

/** One line, without its newline, which `parseEntry` understands. @throws an error `ENAMETOOLONG` for one that is too long */
export function formatEntry(entry: Entry): string {
  const line = lineOf(entry);
  if (line.length > MAX_LINE) throw tooLong();
  return line;
}

function tooLong(): Error {
  return Object.assign(new Error('ENAMETOOLONG: too long for a manifest'), { code: 'ENAMETOOLONG' });
}

function lineOf(entry: Entry): string {
  const head = formatHead(escapePath(entry.path), entry);
  switch (entry.type) {
    case 'file':
      return `${head} sha256=${entry.sha256 ?? ''}${formatTags(entry)}`;
    case 'dir':
      return head;
    case 'link':
      return `${head} link=${escapeText(entry.target ?? '')}`;
    case 'fifo':
    case 'device':
      return `${head} optional`;
    case 'socket':
      return `# ${head}`;
  }
}

/** The mtime that an entry's stored file must have, microseconds. */
export function storedMtimeOf({ storedMtime, mtime }: Pick<Entry, 'storedMtime' | 'mtime'>): number {
  return storedMtime ?? nsToMicros(mtime);
}

/** Lines as they stand in a manifest; an empty one is of an entry that has none. */
export function textOf(lines: readonly string[]): string {
  const text = lines.filter(line => line !== '').join('\n');
  return text === '' ? '' : `${text}\n`;
}

/** The part of a line up to and including the time. `escaped` is the path as `escapePath` gives it. */
export function formatHead(
  escaped: string,
  entry: Pick<Entry, 'type' | 'mode' | 'uid' | 'gid' | 'size' | 'mtime' | 'device'>,
): string {
  const type =
    entry.type === 'device' ? `${entry.device?.kind ?? 'char'} device=${entry.device?.number ?? '0'}` : entry.type;
  const size = entry.type === 'file' ? ` size=${entry.size}` : '';
  const mode = entry.mode.toString(8).padStart(4, '0');
  return `${escaped} type=${type} mode=${mode} uid=${entry.uid} gid=${entry.gid}${size} time=${nsToText(entry.mtime)}`;
}

/** The tags of a file as they end its line, with the blank before them. */
export function formatTags(entry: Pick<Entry, 'ctime' | 'inode' | 'dev' | 'hardlinked' | 'storedMtime'>): string {
  let tags = '';
  if (entry.ctime !== undefined) tags += `,c${nsToText(entry.ctime)}`;
  if (entry.inode !== undefined) tags += `,i${unsigned(entry.inode)}`;
  if (entry.dev !== undefined) tags += `,d${unsigned(entry.dev)}`;
  if (entry.hardlinked) tags += ',h';
  if (entry.storedMtime !== undefined) tags += `,s${microsToText(entry.storedMtime)}`;
  return tags === '' ? '' : ` tags=${tags.slice(1)}`;
}

/** Reads one line; `undefined` for a comment that is no entry. @throws SyntaxError for anything that PHLB does not write */
export function parseEntry(line: string): Entry | undefined {
  if (line.length > MAX_LINE) throw new SyntaxError('a line of more than 256 KiB');
  let text = line;
  if (text.startsWith('#')) {
    if (!text.startsWith('# ./')) return undefined;
    text = text.slice(2);
  }
  const words = text.split(' ');
  const entry: Entry = {
    path: unescapePath(words[0] ?? ''),
    type: 'file',
    mode: -1,
    uid: 0,
    gid: 0,
    size: 0,
    mtime: 0n,
  };
  let typed = false;
  for (let i = 1; i < words.length; i++) {
    const word = words[i] ?? '';
    const cut = word.indexOf('=');
    const key = cut < 0 ? word : word.slice(0, cut);
    const value = cut < 0 ? '' : word.slice(cut + 1);
    switch (key) {
      case 'type':
        setType(entry, value);
        typed = true;
        break;
      case 'mode':
        entry.mode = integer(value, 8, 0o7777);
        break;
      case 'uid':
        entry.uid = integer(value, 10, 2 ** 32);
        break;
      case 'gid':
        entry.gid = integer(value, 10, 2 ** 32);
        break;
      case 'size':
        entry.size = integer(value, 10, Number.MAX_SAFE_INTEGER);
        break;
      case 'time':
        entry.mtime = textToNs(value);
        break;
      case 'sha256':
        if (!/^[0-9a-f]{64}$/.test(value)) throw new SyntaxError('not a SHA-256');
        entry.sha256 = value;
        break;
      case 'link':
        entry.target = unescapeText(value);
        break;
      case 'device':
        if (entry.device) entry.device.number = value.slice(0, 80);
        break;
      case 'tags':
        parseTags(entry, value);
        break;
      case 'optional':
        break;
      default:
        throw new SyntaxError(`unknown keyword ${key.slice(0, 40)}`);
    }
  }
  if (!typed || entry.mode < 0) throw new SyntaxError('an entry without type or mode');
  if (entry.type === 'file' && entry.sha256 === undefined) throw new SyntaxError('a file without sha256');
  return entry;
}

/** As `parseEntry`, `undefined` also for a line that makes no sense: a damaged manifest must cost no more than a reading. */
export function tryParseEntry(line: string): Entry | undefined {
  try {
    return parseEntry(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** `a b` → `./a\040b`; `''`, the source folder itself, → `.` */
export function escapePath(path: string): string {
  return path === '' ? '.' : `./${escapeText(path)}`;
}

/** Escapes all bytes but `A-Z a-z 0-9 . _ / -` as three octal digits. */
function escapeText(text: string): string {
  if (!/[^A-Za-z0-9._/-]/.test(text)) return text;
  let escaped = '';
  for (const byte of nameToBuffer(text)) {
    const char = String.fromCharCode(byte);
    escaped += /[A-Za-z0-9._/-]/.test(char) ? char : `\\${byte.toString(8).padStart(3, '0')}`;
  }
  return escaped;
}

/** @throws SyntaxError for a path that does not stay below the source */
export function unescapePath(escaped: string): string {
  if (escaped === '.') return '';
  if (!escaped.startsWith('./')) throw new SyntaxError('a path that does not begin with ./');
  const path = unescapeText(escaped.slice(2));
  if (path.includes('\0') || !hasOnlyNames(path)) {
    throw new SyntaxError('a path that leaves the source');
  }
  return path;
}

function unescapeText(escaped: string): string {
  if (!escaped.includes('\\')) return escaped;
  const bytes: number[] = [];
  for (let i = 0; i < escaped.length; i++) {
    if (escaped[i] !== '\\') bytes.push(escaped.charCodeAt(i));
    else {
      bytes.push(integer(escaped.slice(i + 1, i + 4), 8, 255));
      i += 3;
    }
  }
  return nameFromBuffer(Buffer.from(bytes));
}

function setType(entry: Entry, value: string): void {
  if (value === 'char' || value === 'block') {
    entry.type = 'device';
    entry.device = { kind: value, number: '0' };
  } else if (value === 'file' || value === 'dir' || value === 'link' || value === 'fifo' || value === 'socket') {
    entry.type = value;
  } else throw new SyntaxError(`unknown type ${value.slice(0, 40)}`);
}

function parseTags(entry: Entry, value: string): void {
  for (const tag of value.split(',')) {
    const rest = tag.slice(1);
    if (tag[0] === 'c') entry.ctime = textToNs(rest);
    else if (tag[0] === 'i') entry.inode = natural(rest);
    else if (tag[0] === 'd') entry.dev = natural(rest);
    else if (tag === 'h') entry.hardlinked = true;
    else if (tag[0] === 's') entry.storedMtime = textToMicros(rest);
  }
}

function natural(text: string): bigint {
  if (!/^\d{1,20}$/.test(text)) throw new SyntaxError('not a number in tags');
  return BigInt(text);
}

function integer(text: string, radix: 8 | 10, max: number): number {
  const value = (radix === 8 ? /^[0-7]+$/ : /^\d+$/).test(text) ? parseInt(text, radix) : NaN;
  if (!(value <= max)) throw new SyntaxError(`not a number in range: ${text.slice(0, 40)}`);
  return value;
}
