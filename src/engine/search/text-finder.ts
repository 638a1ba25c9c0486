/** Looking for plain texts, in text and in bytes that are not decoded yet. */

/** A place in a text, UTF-16 code units. */
export interface Stretch {
  from: number;
  to: number;
}

/** Finds any of a few texts. */
export class TextFinder {
  /** the one text, where it can be looked for as it is */
  private readonly only: string | undefined;
  private readonly expression: RegExp;
  private readonly bytes: Buffer[];
  private readonly anyCase: RegExp | undefined;
  private readonly tellsBytes: boolean;

  constructor(
    texts: readonly string[],
    private readonly ignoresCase: boolean,
  ) {
    this.only = texts.length === 1 && !ignoresCase ? texts[0] : undefined;
    // Plain texts: nothing in it backtracks.
    this.expression = new RegExp(texts.map(quote).join('|'), ignoresCase ? 'giu' : 'gu');
    this.bytes = texts.map(text => Buffer.from(text, 'utf8'));
    this.tellsBytes = !ignoresCase || texts.every(text => /^[\x20-\x7e]+$/.test(text));
    this.anyCase = ignoresCase && this.tellsBytes ? new RegExp(texts.map(inAnyCase).join('|')) : undefined;
  }

  /** The first of them in a text from there on. */
  find(text: string, from: number): Stretch | undefined {
    if (this.only !== undefined) {
      const at = text.indexOf(this.only, from);
      return at < 0 ? undefined : { from: at, to: at + this.only.length };
    }
    this.expression.lastIndex = from;
    const match = this.expression.exec(text);
    return match ? { from: match.index, to: match.index + match[0].length } : undefined;
  }

  /**
   * Whether any of them may be in these bytes of UTF-8.
   * @param latin1 the bytes with a character for each, made when it is needed
   */
  mayBeIn(bytes: Buffer, latin1: () => string): boolean {
    if (!this.tellsBytes) return true;
    if (!this.ignoresCase) return this.bytes.some(one => bytes.includes(one));
    return this.anyCase?.test(latin1()) ?? true;
  }
}

function quote(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

// Two letters are also the small ones of signs beyond ASCII: U+212A (Kelvin) and U+017F (long s), in UTF-8.
function inAnyCase(text: string): string {
  return quote(text)
    .replace(/[A-Za-z]/g, letter => `[${letter.toLowerCase()}${letter.toUpperCase()}]`)
    .replaceAll('[kK]', '(?:[kK]|\\xe2\\x84\\xaa)')
    .replaceAll('[sS]', '(?:[sS]|\\xc5\\xbf)');
}
