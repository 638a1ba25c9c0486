import { tryParseEntry, type Entry } from '../store/manifest.js';

const NEWLINE = 10;
// A file's line has 150 at least: a hash, two times, the keywords. So half of the slots stay empty.
const BYTES_A_SLOT = 75;
// Whoever makes inode numbers up can make them meet. Then a file is not found, and so it is read.
const MAX_PROBES = 64;

/**
 * Finds what the previous manifest says of a file that has another name by now. The table is made when it is first asked: it
 * costs about half a second for a million entries, less than to load the index, which is the other way to find a content.
 */
export class EntriesByInode {
  /** where the tags of a line name its inode; 0: nothing */
  private slots: Uint32Array | undefined;

  constructor(private readonly bytes: Buffer) {}

  find(inode: bigint): Entry | undefined {
    if (inode < 0n || inode > Number.MAX_SAFE_INTEGER) return undefined;
    const slots = (this.slots ??= this.table());
    const at = slots[this.slotOf(slots, Number(inode))] ?? 0;
    if (at === 0) return undefined;
    const start = this.bytes.lastIndexOf(NEWLINE, at) + 1;
    const entry = tryParseEntry(this.bytes.toString('latin1', start, this.bytes.indexOf(NEWLINE, at)));
    return entry?.type === 'file' && entry.inode === inode ? entry : undefined;
  }

  private table(): Uint32Array {
    const { bytes } = this;
    const slots = new Uint32Array(2 ** Math.ceil(Math.log2(bytes.length / BYTES_A_SLOT + 2)));
    // In a name a comma would be escaped.
    for (let at = bytes.indexOf(',i'); at >= 0; at = bytes.indexOf(',i', at + 2)) {
      const slot = this.slotOf(slots, this.inodeAt(at));
      if (slot >= 0 && slots[slot] === 0) slots[slot] = at;
    }
    return slots;
  }

  // Where this inode stands, or may be put; -1 where too many others are in its way.
  private slotOf(slots: Uint32Array, inode: number): number {
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const slot = (inode + probe) % slots.length;
      const at = slots[slot] ?? 0;
      if (at === 0 || this.inodeAt(at) === inode) return slot;
    }
    return -1;
  }

  private inodeAt(at: number): number {
    const { bytes } = this;
    let inode = 0;
    for (let i = at + 2; ; i++) {
      const digit = (bytes[i] ?? 0) - 0x30;
      if (digit < 0 || digit > 9) return inode;
      inode = inode * 10 + digit;
    }
  }
}
