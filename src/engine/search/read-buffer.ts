import { readSync } from 'node:fs';

const USUAL = 4 << 20;

/** Reads whole files into the same memory, one after the other: what one is read into is good until the next one is. */
export class ReadBuffer {
  private bytes = Buffer.allocUnsafeSlow(USUAL);

  /**
   * All of an open file; `undefined` where that is more than `maxSize` bytes.
   * @param expected its size, as far as it is known: one call less, where that is right
   * @throws the system's error
   */
  read(fd: number, maxSize: number, expected?: number): Buffer | undefined {
    // Nothing that was large is kept for long.
    if (this.bytes.length > USUAL) this.bytes = Buffer.allocUnsafeSlow(USUAL);
    for (let size = 0; ;) {
      if (size === this.bytes.length) this.grow(maxSize);
      const n = readSync(fd, this.bytes, size, this.bytes.length - size, size);
      size += n;
      if (size > maxSize) return undefined;
      if (n === 0 || (size === expected && size < this.bytes.length)) return this.bytes.subarray(0, size);
    }
  }

  private grow(maxSize: number): void {
    const larger = Buffer.allocUnsafeSlow(Math.min(this.bytes.length * 2, maxSize + 1));
    this.bytes.copy(larger);
    this.bytes = larger;
  }
}
