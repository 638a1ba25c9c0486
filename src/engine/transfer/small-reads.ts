/** Small files that are read while they are walked over, each at once into memory. */
import type { BigIntStats } from 'node:fs';
import type { ReadFile } from '../words/contents.js';
import type { HeldFolder } from '../files/held-folder.js';
import { factsOf, HOLD_LIMIT, readFile } from './read-file.js';

// What one job may take on before it reports: the other threads want their share of a large folder.
const JOB_FILES = 4096;
const JOB_BYTES = 64 << 20;
const NOTHING: Buffer = Buffer.alloc(0);

export class SmallReads {
  private files = 0;
  /** its own: stored files may be read before what is in it is written */
  private readonly chunk = Buffer.allocUnsafeSlow(HOLD_LIMIT + 1);
  private bytes = 0;

  constructor(
    private readonly source: HeldFolder,
    private readonly cancelled: () => boolean,
  ) {}

  /** Call it at the start of each job. */
  renew(): void {
    this.files = 0;
    this.bytes = 0;
  }

  /**
   * Reads and hashes one file. `undefined`: it is too large, or the job's share is used up.
   * @throws what reading throws
   */
  read(path: string, seen: BigIntStats): ReadFile | undefined {
    const size = Number(seen.size);
    if (size > HOLD_LIMIT || this.files >= JOB_FILES || this.bytes >= JOB_BYTES) return undefined;
    this.files++;
    this.bytes += size;
    let bytes = NOTHING;
    let parts = 0;
    const read = readFile(
      this.source.open(path),
      this.cancelled,
      chunk => {
        bytes = chunk;
        parts++;
      },
      () => (parts = 0),
      seen,
      this.chunk,
    );
    // One that has grown under the reader.
    if (parts > 1) return undefined;
    return { facts: factsOf(read), bytes: parts === 0 ? NOTHING : bytes };
  }
}
