import { compareNames } from '../names.js';
import { tryParseEntry } from '../store/manifest.js';

/** The previous manifest's lines of one directory, walked along with the names of today in the same order. */
export class PreviousLines {
  /** lines passed over: what they name is no longer there */
  gone = 0;
  private at = 0;

  constructor(
    private readonly lines: readonly string[],
    private readonly path: string,
    private readonly escapedPath: string,
  ) {}

  /** Passes what comes before `name`; returns the line of that name, if there is one. It stays until `take`. */
  find(name: string): string | undefined {
    for (; this.at < this.lines.length; this.at++) {
      const line = this.lines[this.at] ?? '';
      const there = this.nameIn(line);
      const order = there === undefined ? -1 : compareNames(there, name);
      if (order === 0) return line;
      if (order > 0) return undefined;
      this.gone++;
    }
    return undefined;
  }

  /** The line that was found stands for something that is still there. */
  take(): void {
    this.at++;
  }

  /** Passes all that is left. */
  finish(): void {
    this.gone += this.lines.length - this.at;
    this.at = this.lines.length;
  }

  // `undefined`: the line makes no sense.
  private nameIn(line: string): string | undefined {
    const start = (line.startsWith('# ') ? 2 : 0) + this.escapedPath.length + 1;
    const escaped = line.slice(start, line.indexOf(' ', start));
    if (!escaped.includes('\\')) return escaped;
    const path = tryParseEntry(line)?.path;
    if (path === undefined) return undefined;
    return this.path === '' ? path : path.slice(this.path.length + 1);
  }
}
