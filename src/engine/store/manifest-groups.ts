/** Where the directories stand in a manifest's text. */
import { MAX_DEPTH, unescapePath } from './manifest.js';

const NEWLINE = 10;
const SPACE = 32;
const HASH = 35;
const SLASH = 47;

/** The lines of one directory's entries: a range of bytes. */
export interface Range {
  start: number;
  end: number;
}

/** A manifest's text, and its directories in the text's order. */
export interface Grouped {
  readonly bytes: Buffer;
  readonly groups: ReadonlyMap<string, Range>;
}

/** The directory that is being read. */
interface Current {
  name: string;
  range: Range;
  /** where the path of its first line begins, and how many bytes of it are the directory's */
  path: number;
  length: number;
  isAlike: boolean;
}

/** Finds the directories of a text whose last byte is a newline. */
export class GroupFinder {
  readonly groups = new Map<string, Range>();
  /** those that the other manifest does not have with the same lines */
  readonly unlike: string[] = [];
  /** those of the other manifest that come next if both have the same ones */
  private readonly expected: Iterator<[string, Range], undefined> | undefined;
  private next: [string, Range] | undefined;
  private current: Current | undefined;

  /** @param like one of the same source, say: directories that have the same lines in it are passed as a whole */
  constructor(
    private readonly bytes: Buffer,
    private readonly like?: Grouped,
  ) {
    this.expected = like?.groups.entries();
    this.next = this.expected?.next().value;
  }

  /**
   * @param from where the first line begins
   * @throws SyntaxError where a line has no path, or a directory is listed twice
   */
  find(from: number): this {
    for (let at = from; at < this.bytes.length;) at = this.alikeEnd(at) ?? this.lineEnd(at);
    return this;
  }

  // Passes the directory that is expected here, if it has the same lines.
  private alikeEnd(at: number): number | undefined {
    if (!this.like || !this.next) return undefined;
    const [name, { start, end }] = this.next;
    const until = at + end - start;
    if (until > this.bytes.length || this.bytes.compare(this.like.bytes, start, end, at, until) !== 0) return undefined;
    const range = { start: at, end: until };
    this.groups.set(name, range);
    this.current = { name, range, path: this.pathAt(at), length: -1, isAlike: true };
    this.next = this.expected?.next().value;
    return until;
  }

  // Passes a line, with which a directory may begin.
  private lineEnd(at: number): number {
    const path = this.pathAt(at);
    const end = this.bytes.indexOf(NEWLINE, path) + 1;
    if (this.current && this.isIn(this.current, path)) this.extend(this.current, end);
    else this.begin(at, path, end);
    return end;
  }

  private extend(current: Current, end: number): void {
    current.range.end = end;
    if (!current.isAlike) return;
    current.isAlike = false;
    this.unlike.push(current.name);
  }

  private begin(at: number, path: number, end: number): void {
    const length = this.directoryLength(path, end);
    if (length <= 0) throw new SyntaxError('a line without a path');
    const text = this.bytes.toString('latin1', path, path + length);
    if (length > MAX_DEPTH && text.split('/').length > MAX_DEPTH) throw new SyntaxError('a path that is too deep');
    const name = unescapePath(text);
    if (this.groups.has(name)) throw new SyntaxError('a directory is listed twice');
    const range = { start: at, end };
    this.groups.set(name, range);
    this.unlike.push(name);
    this.current = { name, range, path, length, isAlike: false };
    if (this.like?.groups.has(name)) this.expectBehind(name);
  }

  private expectBehind(name: string): void {
    let passed = this.next;
    while (passed && passed[0] !== name) passed = this.expected?.next().value;
    this.next = this.expected?.next().value;
  }

  private isIn(current: Current, path: number): boolean {
    const { bytes } = this;
    if (current.length < 0) current.length = this.directoryLength(current.path, current.range.end);
    // Directories differ at their end.
    for (let i = current.length; i >= 0; i--) if (bytes[current.path + i] !== bytes[path + i]) return false;
    for (let i = path + current.length + 1; bytes[i] !== SPACE; i++) {
      if (bytes[i] === SLASH || bytes[i] === NEWLINE) return false;
    }
    return true;
  }

  private directoryLength(path: number, end: number): number {
    const space = this.bytes.indexOf(SPACE, path);
    return space < path || space > end ? 0 : this.bytes.lastIndexOf(SLASH, space) - path;
  }

  // Some lines are comments.
  private pathAt(at: number): number {
    return this.bytes[at] === HASH ? at + 2 : at;
  }
}
