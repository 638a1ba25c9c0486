/**
 * Reads a manifest's lines as bytes, left to right: to make strings of them, and of what the file system says, is more
 * work than all the rest that a thread does for an unchanged file besides its system calls (docs/performance.md).
 */
export class LineBytes {
  /** the next byte to be read */
  at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  /** Whether `text` (ASCII) stands here; if so, passes it. */
  pass(text: string): boolean {
    const { bytes, at } = this;
    for (let i = 0; i < text.length; i++) if (bytes[at + i] !== text.charCodeAt(i)) return false;
    this.at = at + text.length;
    return true;
  }

  /** Whether this number stands here, filled up with zeros to `width` digits; if so, passes it. */
  passNumber(value: number, radix: 8 | 10, width = 1): boolean {
    const start = this.at;
    // Beyond 2^53 two numbers may look like one.
    if (this.number(radix) !== value || value > Number.MAX_SAFE_INTEGER) return false;
    return this.at - start === width || (this.at - start > width && this.bytes[start] !== ZERO);
  }

  /** Whether this time since 1970 stands here as `seconds.nanoseconds`; if so, passes it. */
  passTime(ns: bigint): boolean {
    const seconds = this.number(10);
    if (this.bytes[this.at++] !== POINT || seconds > Number.MAX_SAFE_INTEGER) return false;
    const start = this.at;
    const fraction = this.number(10);
    return this.at - start === 9 && BigInt(seconds) * BILLION + BigInt(fraction) === ns;
  }

  /** Whether so many hexadecimal digits stand here; if so, passes them. */
  passHex(digits: number): boolean {
    const { bytes, at } = this;
    for (let i = at; i < at + digits; i++) {
      const byte = bytes[i] ?? 0;
      if (!((byte >= ZERO && byte <= NINE) || (byte >= A && byte <= F))) return false;
    }
    this.at = at + digits;
    return true;
  }

  isAtEnd(): boolean {
    return this.bytes[this.at] === NEWLINE;
  }

  /** Passes digits; 0 where there are none. */
  number(radix: 8 | 10): number {
    const { bytes } = this;
    let { at } = this;
    let value = 0;
    for (;;) {
      const digit = (bytes[at] ?? 0) - ZERO;
      if (digit < 0 || digit >= radix) break;
      value = value * radix + digit;
      at++;
    }
    this.at = at;
    return value;
  }
}

const NEWLINE = 10;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;
const A = 0x61;
const F = 0x66;
const BILLION = 1_000_000_000n;
