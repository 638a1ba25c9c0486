import { tryParseEntry, type Entry } from '../store/manifest.js';

const NEWLINE = 10;
const MARK = ' sha256=';
const DIGITS = 64;
// A file's line has 150 at least: a hash, two times, the keywords. So half of the slots stay empty.
const BYTES_A_SLOT = 75;
// Whoever makes contents up can make their first digits meet. Then one is not found, and so the index is asked.
const MAX_PROBES = 64;

/** Finds a file of a content in the last manifest. The table is made when it is first asked. */
export class EntriesByContent {
  /** where a hash begins; 0: nothing */
  private slots: Uint32Array | undefined;

  constructor(private readonly bytes: Buffer) {}

  /** The last one of its files. @param bits mode bits that tell contents apart */
  find(sha256: string, bits: number): Entry | undefined {
    const { bytes } = this;
    const slots = (this.slots ??= this.table());
    const wanted = Buffer.from(sha256, 'latin1');
    let slot = parseInt(sha256.slice(0, 8), 16) % slots.length;
    for (let probe = 0; probe < MAX_PROBES; probe++, slot = (slot + 1) % slots.length) {
      const at = slots[slot] ?? 0;
      if (at === 0) return undefined;
      if (bytes.compare(wanted, 0, DIGITS, at, at + DIGITS) !== 0) continue;
      const start = bytes.lastIndexOf(NEWLINE, at) + 1;
      const entry = tryParseEntry(bytes.toString('latin1', start, bytes.indexOf(NEWLINE, at)));
      return entry?.type === 'file' && (entry.mode & 0o555) === bits ? entry : undefined;
    }
    return undefined;
  }

  // Of one content the last file: where an inode could get no more names, the first ones have those of the old one.
  private table(): Uint32Array {
    const { bytes } = this;
    const slots = new Uint32Array(2 ** Math.ceil(Math.log2(bytes.length / BYTES_A_SLOT + 2)));
    for (let found = bytes.indexOf(MARK); found >= 0; found = bytes.indexOf(MARK, found + MARK.length)) {
      const at = found + MARK.length;
      if (at + DIGITS > bytes.length) break;
      let slot = hexAt(bytes, at) % slots.length;
      for (let probe = 0; probe < MAX_PROBES; probe++, slot = (slot + 1) % slots.length) {
        const other = slots[slot] ?? 0;
        if (other === 0 || bytes.compare(bytes, at, at + DIGITS, other, other + DIGITS) === 0) {
          slots[slot] = at;
          break;
        }
      }
    }
    return slots;
  }
}

// The number that eight digits make. What is none of them makes another one, under which nobody looks.
function hexAt(bytes: Buffer, at: number): number {
  let number = 0;
  for (let i = at; i < at + 8; i++) {
    const byte = bytes[i] ?? 0;
    number = number * 16 + ((byte < 0x3a ? byte - 0x30 : byte - 0x57) & 15);
  }
  return number;
}
