/**
 * Which contents this run has met, and where it has put them: told to all threads without a message, in memory that they
 * share. A hash table of numbers (`contentNumber`), and for each that stands a record of its place.
 */
import { contentNumber } from '../words/contents.js';

/** Fit for `postMessage`. */
export interface ClaimsMemory {
  /** a content's number each; 0: free */
  numbers: SharedArrayBuffer;
  /** where the record of each begins, in units; 0: nowhere yet, -1: it could not be placed */
  places: SharedArrayBuffer;
  /** the first unit tells how many are taken, and whether there were any that could not be noted */
  records: SharedArrayBuffer;
}

/** A stored file of the tree that is being made. */
export interface Place {
  /** in the tree */
  path: string;
  /** microseconds */
  mtime: number;
}

/** `first`: whoever is told so is to place it, and then to say so. `elsewhere`: whoever asks this way cannot know. */
export type Claim = 'first' | 'elsewhere' | Place;

const UNIT = 8;
// A record: number, time, hash, length of the path in bytes, path: a byte a character where that is enough, and then the length is
// negative; else in UTF-16, in which every name is exact (`nameFromBuffer`).
const HASH_AT = 16;
const LENGTH_AT = HASH_AT + 32;
const PATH_AT = LENGTH_AT + 4;
/** More than the long paths of a deep tree take: when it is full, each file costs messages between threads. */
const BYTES_A_CONTENT = 256;
const MAX_PROBES = 64;
/** In UTF-16 units. */
const LONGEST_PATH = 8192;
// As many threads as that may note a place at once.
const SPARE = 64 * (PATH_AT + LONGEST_PATH * 2);
const FAILED = -1;

export class Claims {
  private readonly numbers: BigInt64Array;
  private readonly places: Int32Array;
  private readonly records: Buffer;
  /** units, and whether something was left out */
  private readonly taken: Int32Array;
  /** the number that was asked for last, and its slot: mostly it is placed next */
  private last = { number: 0n, at: 0 };

  constructor(readonly memory: ClaimsMemory) {
    const { numbers, places, records } = memory;
    this.numbers = new BigInt64Array(numbers);
    this.places = new Int32Array(places);
    this.records = Buffer.from(records);
    this.taken = new Int32Array(records, 0, 2);
  }

  /** Memory for about so many contents; what is not used of it takes no room. */
  static share(contents: number): ClaimsMemory {
    const slots = 2 ** Math.ceil(Math.log2(contents * 2));
    return {
      numbers: new SharedArrayBuffer(slots * 8),
      places: new SharedArrayBuffer(slots * 4),
      records: new SharedArrayBuffer(contents * BYTES_A_CONTENT + SPARE),
    };
  }

  /** @param bits what tells contents apart as well, less than 512. @param path of the file that has it */
  take(sha256: string, bits: number, path: string): Claim {
    const number = contentNumber(sha256, bits);
    if (this.isFull(path)) return this.find(sha256, bits) ?? 'elsewhere';
    const at = this.slotOf(number, true);
    if (at === undefined) return 'elsewhere';
    if (at < 0) return 'first';
    // One that could not be placed is the next one's.
    if (Atomics.compareExchange(this.places, at, FAILED, 0) === FAILED) return 'first';
    return this.placeAt(at, sha256) ?? 'elsewhere';
  }

  /** Where a content stands, if this can be told. */
  find(sha256: string, bits: number): Place | undefined {
    const at = this.slotOf(contentNumber(sha256, bits), false);
    return at === undefined ? undefined : this.placeAt(at, sha256);
  }

  /** A content that was claimed stands there; also when it has come to stand elsewhere. */
  placed(sha256: string, bits: number, { path, mtime }: Place): void {
    const number = contentNumber(sha256, bits);
    const at = this.slotOf(number, false);
    if (at === undefined || this.isFull(path)) {
      Atomics.store(this.taken, 1, 1);
      return;
    }
    const { records } = this;
    const isShort = /^[\0-\xff]*$/.test(path);
    const bytes = isShort ? path.length : path.length * 2;
    const units = unitsOf(bytes);
    const start = (Atomics.add(this.taken, 0, units) + 1) * UNIT;
    records.writeBigInt64LE(number, start);
    records.writeDoubleLE(mtime, start + 8);
    records.write(sha256, start + HASH_AT, 'hex');
    records.writeInt32LE(isShort ? -bytes : bytes, start + LENGTH_AT);
    records.write(path, start + PATH_AT, isShort ? 'latin1' : 'utf16le');
    Atomics.store(this.places, at, start / UNIT);
  }

  /** A content that was claimed could not be placed. */
  failed(sha256: string, bits: number): void {
    const at = this.slotOf(contentNumber(sha256, bits), false);
    if (at !== undefined) Atomics.compareExchange(this.places, at, 0, FAILED);
  }

  /** The numbers of all that was placed; `null`: there were more than could be noted. */
  placedNumbers(): BigInt64Array | null {
    const { records } = this;
    if (Atomics.load(this.taken, 1) !== 0) return null;
    const units = new BigInt64Array(this.memory.records, 0, Atomics.load(this.taken, 0) + 1);
    const numbers = new BigInt64Array(units.length / unitsOf(0));
    let count = 0;
    for (let at = 1; at < units.length; at += unitsOf(Math.abs(records.readInt32LE(at * UNIT + LENGTH_AT)))) {
      numbers[count++] = units[at] ?? 0n;
    }
    return numbers.subarray(0, count);
  }

  private isFull(path: string): boolean {
    return path.length > LONGEST_PATH || Atomics.load(this.taken, 0) * UNIT > this.records.length - SPARE;
  }

  // The slot of a number. Where there is none: `undefined`, or, if it may be taken, -1 once it is.
  private slotOf(number: bigint, mayTake: boolean): number | undefined {
    const { numbers, last } = this;
    if (number === last.number) return last.at;
    const first = Number(BigInt.asUintN(53, number >> 9n)) % numbers.length;
    for (let i = 0; i < MAX_PROBES; i++) {
      const at = (first + i) % numbers.length;
      const was = mayTake ? Atomics.compareExchange(numbers, at, 0n, number) : Atomics.load(numbers, at);
      if (was === 0n && !mayTake) return undefined;
      if (was !== 0n && was !== number) continue;
      this.last = { number, at };
      return was === 0n ? -1 : at;
    }
    return undefined;
  }

  private placeAt(at: number, sha256: string): Place | undefined {
    const start = Atomics.load(this.places, at) * UNIT;
    if (start <= 0) return undefined;
    const { records } = this;
    // Of another content with the same number.
    if (records.toString('hex', start + HASH_AT, start + LENGTH_AT) !== sha256) return undefined;
    const length = records.readInt32LE(start + LENGTH_AT);
    const from = start + PATH_AT;
    const path = records.toString(length < 0 ? 'latin1' : 'utf16le', from, from + Math.abs(length));
    return { path, mtime: records.readDoubleLE(start + 8) };
  }
}

function unitsOf(pathBytes: number): number {
  return Math.ceil((PATH_AT + pathBytes) / UNIT);
}
