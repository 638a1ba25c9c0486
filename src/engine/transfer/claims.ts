/**
 * Which contents have been met in this run, told to all threads without a message: a hash table in shared memory. A run
 * that has no snapshots to look in needs to know no more to write a file at once.
 */
export class Claims {
  private readonly slots: BigInt64Array;

  constructor(shared: SharedArrayBuffer) {
    this.slots = new BigInt64Array(shared);
  }

  /** Memory for about so many contents, 16 bytes each. */
  static share(contents = 1_000_000): SharedArrayBuffer {
    return new SharedArrayBuffer(8 * 2 ** Math.ceil(Math.log2(contents * 2)));
  }

  /**
   * `true`: this is the first file of that content, and no other thread will be told so. `false`: another one may have
   * come before, or the table is full.
   * @param bits what tells contents apart as well, less than 512
   */
  take(sha256: string, bits: number): boolean {
    const { slots } = this;
    // 60 bits of the hash: who shares them with another content is only sent the longer way. Zero is an empty slot.
    const value = BigInt.asIntN(64, BigInt(`0x${sha256.slice(0, 15)}`) * 512n + BigInt(bits)) || 1n;
    const first = parseInt(sha256.slice(15, 27), 16) % slots.length;
    for (let i = 0; i < MAX_PROBES; i++) {
      const at = (first + i) % slots.length;
      const was = Atomics.compareExchange(slots, at, 0n, value);
      if (was === 0n) return true;
      if (was === value) return false;
    }
    return false;
  }
}

const MAX_PROBES = 64;
