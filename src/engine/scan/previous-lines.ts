import { compareNames } from '../words/names.js';
import type { Range } from '../store/manifest-groups.js';
import { tryParseEntry } from '../store/manifest.js';
import { LineBytes } from './line-bytes.js';

const NEWLINE = 10;
const SPACE = 32;
const HASH = 35;
const BACKSLASH = 92;

/** The line of a manifest that begins there. */
export function lineAt(manifest: Buffer, position: number): string {
  return manifest.toString('latin1', position, manifest.indexOf(NEWLINE, position));
}

/** The previous manifest's lines of one directory, walked along with the names of today in the same order. */
export class PreviousLines {
  /** lines passed over: what they name is no longer there */
  gone = 0;
  /** stands behind the name of the line that was found */
  readonly reader: LineBytes;
  private at: number;
  private readonly end: number;

  constructor(
    private readonly bytes: Buffer,
    range: Range,
    private readonly path: string,
    private readonly escapedPath: string,
  ) {
    this.reader = new LineBytes(bytes);
    this.at = range.start;
    this.end = range.end;
  }

  /** Passes what comes before `name`; tells whether there is a line of that name. It stays until `take`. */
  find(name: string): boolean {
    while (this.at < this.end) {
      const order = this.compare(name);
      if (order === 0) return true;
      if (order > 0) return false;
      this.gone++;
      this.take();
    }
    return false;
  }

  /** Where the line that was found begins: what `line` takes. */
  get position(): number {
    return this.at;
  }

  line(position = this.at): string {
    return lineAt(this.bytes, position);
  }

  /** The line that was found stands for something that is still there. */
  take(): void {
    this.at = this.bytes.indexOf(NEWLINE, this.at) + 1;
  }

  /** Passes all that is left. */
  finish(): void {
    for (; this.at < this.end; this.take()) this.gone++;
  }

  // The line's name against this one, in the order of names. A line that makes no sense comes before all.
  private compare(name: string): number {
    const { bytes, reader } = this;
    // A socket's line begins with `# `.
    const start = this.at + (bytes[this.at] === HASH ? 2 : 0) + this.escapedPath.length + 1;
    for (let i = 0; ; i++) {
      const byte = bytes[start + i] ?? NEWLINE;
      if (byte === SPACE) {
        reader.at = start + i;
        return i === name.length ? 0 : -1;
      }
      if (byte === NEWLINE) return -1;
      if (byte === BACKSLASH) return this.compareEscaped(name, start);
      // What needs no escape is one byte and one code unit; behind the end of `name` there is none (NaN).
      if (byte !== name.charCodeAt(i)) return byte < name.charCodeAt(i) ? -1 : 1;
    }
  }

  private compareEscaped(name: string, start: number): number {
    const path = tryParseEntry(this.line())?.path;
    if (path === undefined) return -1;
    this.reader.at = this.bytes.indexOf(SPACE, start);
    return compareNames(this.path === '' ? path : path.slice(this.path.length + 1), name);
  }
}
