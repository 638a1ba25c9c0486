/** What a regular expression needs, whatever else it lets through: so that most files need not be looked at line by line. */

/** More than these are no faster looked for than the pattern itself. */
const MAX_TEXTS = 8;
const MAX_DEPTH = 50;
const SHORTEST = 2;

export interface RequiredTexts {
  /** every text that matches has one of them in it */
  texts: string[];
  /** and whatever has one of them matches */
  isAll: boolean;
}

/**
 * Texts of which each match has one, for a pattern in the syntax of RE2 (https://github.com/google/re2/wiki/Syntax).
 * `undefined`: none are known. Where the syntax is unusual nothing is guessed.
 */
export function requiredTexts(pattern: string): RequiredTexts | undefined {
  const found = new Reader(pattern).all();
  if (!found) return undefined;
  const { texts, isAll } = found;
  return isAll || texts.every(text => text.length >= SHORTEST) ? { texts, isAll } : undefined;
}

/** Reads a pattern from left to right. What it is not sure of it gives up: `isLost`. */
class Reader {
  private at = 0;
  private depth = 0;
  private isLost = false;

  constructor(private readonly pattern: string) {}

  all(): RequiredTexts | undefined {
    const found = this.alternatives();
    // What is left is a `)` too many.
    return this.isLost || this.at < this.pattern.length ? undefined : found;
  }

  private alternatives(): RequiredTexts | undefined {
    let all: RequiredTexts | undefined = this.branch();
    while (!this.isLost && this.pattern[this.at] === '|') {
      this.at++;
      const other = this.branch();
      all = all && other && { texts: [...all.texts, ...other.texts], isAll: all.isAll && other.isAll };
      if (all && all.texts.length > MAX_TEXTS) all = undefined;
    }
    return all;
  }

  // The best of what stands one behind the other: all of it is needed, so one will do.
  private branch(): RequiredTexts | undefined {
    let best: RequiredTexts | undefined;
    let run = '';
    let isPlain = true;
    const offer = (found: RequiredTexts | undefined): void => {
      if (found && (!best || shortest(found) > shortest(best))) best = found;
    };
    const endRun = (): void => {
      if (run !== '') offer({ texts: [run], isAll: false });
      run = '';
    };
    while (!this.isLost && this.at < this.pattern.length && !/[|)]/.test(this.pattern[this.at] ?? '')) {
      const atom = this.atom();
      const repeat = this.repeat();
      if (typeof atom === 'string' && repeat === 'once') {
        run += atom;
        continue;
      }
      isPlain = false;
      if (typeof atom === 'string' && repeat === 'more') run += atom;
      endRun();
      if (typeof atom === 'object' && repeat !== 'maybe') offer({ texts: atom.texts, isAll: false });
    }
    if (isPlain) return run === '' ? undefined : { texts: [run], isAll: true };
    endRun();
    return best;
  }

  /** One character as itself; what a group needs; `undefined`: anything else. */
  private atom(): string | RequiredTexts | undefined {
    const char = String.fromCodePoint(this.pattern.codePointAt(this.at) ?? 0);
    this.at += char.length;
    if (char === '(') return this.group();
    if (char === '[') return this.characterClass();
    if (char === '\\') return this.escape();
    if (/[.^$]/.test(char)) return undefined;
    // Some take them for themselves here and there.
    if (/[*+?{}\]]/.test(char)) this.isLost = true;
    return char;
  }

  private group(): RequiredTexts | undefined {
    if (++this.depth > MAX_DEPTH) this.isLost = true;
    if (this.pattern.startsWith('?:', this.at)) this.at += 2;
    else if (this.pattern[this.at] === '?') this.isLost = true;
    const found = this.isLost ? undefined : this.alternatives();
    if (this.pattern[this.at] !== ')') this.isLost = true;
    this.at++;
    this.depth--;
    return found;
  }

  private characterClass(): undefined {
    if (this.pattern[this.at] === '^') this.at++;
    if (this.pattern[this.at] === ']') this.at++;
    while (this.at < this.pattern.length && this.pattern[this.at] !== ']') {
      if (this.pattern[this.at] === '\\') this.at++;
      else if (this.pattern.startsWith('[:', this.at)) this.at = Math.max(this.at, this.pattern.indexOf(':]', this.at));
      this.at++;
    }
    this.at++;
    return undefined;
  }

  private escape(): string | undefined {
    const char = this.pattern[this.at++] ?? '';
    if (/[!-/:-@[-`{-~]/.test(char)) return char;
    if (/[pP]/.test(char))
      this.at = this.pattern[this.at] === '{' ? this.pattern.indexOf('}', this.at) + 1 : this.at + 1;
    else if (!/[bBdDsSwWAz]/.test(char)) this.isLost = true;
    return undefined;
  }

  private repeat(): 'once' | 'more' | 'maybe' {
    const [repeat = ''] = /^([*+?]|\{\d+(,\d*)?\})\??/.exec(this.pattern.slice(this.at, this.at + 12)) ?? [];
    this.at += repeat.length;
    if (repeat === '') return 'once';
    return repeat.startsWith('+') ? 'more' : 'maybe';
  }
}

function shortest({ texts }: RequiredTexts): number {
  return Math.min(...texts.map(text => text.length));
}
