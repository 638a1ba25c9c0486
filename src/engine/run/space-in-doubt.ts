import type { ComparedDirectory } from '../scan/compared-directory.js';
import type { Progress } from '../words/model.js';

const BLOCK = 4096;
// What waits is kept in memory, and so are the lines of all that comes after it.
const KEPT_BYTES = 32 << 20;
/** Of a file that waits or a directory whose lines do, besides lines, about. */
const KEPT_PER_ITEM = 512;

/**
 * For a run whose disk may have too little space: how much the files that wait to be read may need. While this is being found
 * out none of them is read; so it is told before anything is stored, and costs no walk of its own.
 */
export class SpaceInDoubt {
  private needed = 0;
  private kept = 0;

  /** @param free bytes */
  constructor(private readonly free: number) {}

  /** Its pending files wait. */
  add({ pending, lines }: ComparedDirectory): void {
    for (const { size } of pending) this.needed += bytesOnDisk(size);
    // Before the first one that waits all lines are written at once.
    if (this.kept > 0 || pending.length > 0) this.kept += (1 + pending.length) * KEPT_PER_ITEM + lengthOf(lines);
  }

  /** So much waits that it has to be read, whatever it needs. */
  get isTooMuchToKeep(): boolean {
    return this.kept > KEPT_BYTES;
  }

  /** `undefined`: what was added has space. */
  get shortage(): Progress['shortage'] {
    const { needed, free } = this;
    return needed > free ? { needed, free } : undefined;
  }
}

/** What a file of this size takes, in blocks as most file systems have them; all bytes. */
export function bytesOnDisk(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

function lengthOf(lines: ComparedDirectory['lines']): number {
  return Array.isArray(lines) ? lines.reduce((sum, line) => sum + line.length, 0) : (lines?.length ?? 0);
}
