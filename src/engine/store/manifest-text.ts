/** A manifest's text in memory, by directory. */
import { passUnforeseen, PhlbError, reason } from '../words/errors.js';
import { commandLineHint, phrase } from '../words/phrase.js';
import { MANIFEST_HEADER, MAX_DEPTH, parseEntry, unescapePath, type Entry } from './manifest.js';

const NEWLINE = 10;
const SPACE = 32;
const HASH = 35;
const SLASH = 47;

/** The lines of one directory's entries: a range of bytes. */
export interface Range {
  start: number;
  end: number;
}

/** A manifest in memory. The bytes are shared, so a thread can be given a range of them. */
export class ManifestText {
  /** by directory, in the file's order; directories without entries are missing */
  readonly groups: ReadonlyMap<string, Range>;
  /** the line of the source folder itself */
  readonly rootLine: string;

  /**
   * @param like one of the same source, say: where its directories are, those with the same lines are sooner found
   * @throws SyntaxError when the text is no manifest of this format
   */
  constructor(
    readonly bytes: Buffer,
    like?: ManifestText,
  ) {
    if (bytes.toString('latin1', 0, MANIFEST_HEADER.length) !== MANIFEST_HEADER) {
      throw new SyntaxError('not a PHLB manifest of format 1');
    }
    const rootEnd = bytes.indexOf(NEWLINE, MANIFEST_HEADER.length);
    this.rootLine = bytes.toString('latin1', MANIFEST_HEADER.length, rootEnd);
    if (rootEnd < 0 || !this.rootLine.startsWith('. type=dir '))
      throw new SyntaxError('a manifest without its root entry');
    if (bytes[bytes.length - 1] !== NEWLINE) throw new SyntaxError('the last line is cut off');
    this.groups = findGroups(bytes, rootEnd + 1, like);
  }

  lines(range: Range): string[] {
    return range.end <= range.start ? [] : this.bytes.toString('latin1', range.start, range.end - 1).split('\n');
  }

  /** The lines of a directory; none where it has no entries or is not there. */
  linesOf(directory: string): string[] {
    const range = this.groups.get(directory);
    return range ? this.lines(range) : [];
  }

  /**
   * All entries in the manifest's order, the source folder itself (`path: ''`) first.
   * @throws PhlbError `damaged` at a line that cannot be understood
   */
  *entries(): Generator<Entry> {
    const root = understood(this.rootLine);
    if (root) yield root;
    for (const directory of this.groups.keys()) yield* this.entriesOf(directory);
  }

  /** The entries of a directory. @throws PhlbError `damaged` likewise */
  *entriesOf(directory: string): Generator<Entry> {
    for (const line of this.linesOf(directory)) {
      const entry = understood(line);
      if (entry) yield entry;
    }
  }
}

function understood(line: string): Entry | undefined {
  try {
    return parseEntry(line);
  } catch (cause) {
    passUnforeseen(cause);
    throw new PhlbError('damaged', phrase`A manifest is not valid (${reason(cause)})`, {
      hint: commandLineHint('rehash'),
      cause,
    });
  }
}

function findGroups(bytes: Buffer, from: number, like: ManifestText | undefined): Map<string, Range> {
  const groups = new Map<string, Range>();
  let current: Range | undefined;
  let prefix = 0;
  let length = -1;
  for (let at = from; at < bytes.length;) {
    const path = bytes[at] === HASH ? at + 2 : at;
    const space = bytes.indexOf(SPACE, path);
    const slash = bytes.lastIndexOf(SLASH, space);
    let end = bytes.indexOf(NEWLINE, path) + 1;
    if (slash <= path || space < path || space > end) throw new SyntaxError('a line without a path');
    if (current && slash - path === length && isRepeated(bytes, prefix, path, length)) current.end = end;
    else {
      prefix = path;
      length = slash - path;
      const text = bytes.toString('latin1', path, slash);
      if (length > MAX_DEPTH && text.split('/').length > MAX_DEPTH) throw new SyntaxError('a path that is too deep');
      const dir = unescapePath(text);
      if (groups.has(dir)) throw new SyntaxError('a directory is listed twice');
      const alike = like?.groups.get(dir);
      if (like && alike && standsAt(like.bytes, alike, bytes, at)) end = at + alike.end - alike.start;
      current = { start: at, end };
      groups.set(dir, current);
    }
    at = end;
  }
  return groups;
}

function standsAt(other: Buffer, { start, end }: Range, bytes: Buffer, at: number): boolean {
  const until = at + end - start;
  return until <= bytes.length && bytes.compare(other, start, end, at, until) === 0;
}

function isRepeated(bytes: Buffer, a: number, b: number, length: number): boolean {
  // Directories differ at their end.
  for (let i = length - 1; i >= 0; i--) if (bytes[a + i] !== bytes[b + i]) return false;
  return true;
}
