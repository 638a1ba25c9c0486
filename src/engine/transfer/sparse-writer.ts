import { ftruncateSync, statfsSync, writeSync } from 'node:fs';
import { fsPath } from '../words/names.js';
import { noSpace } from '../files/store-error.js';

/** How long a run of zeros must be, and where it must begin, to become a hole. Bytes. */
const BLOCK = 64 << 10;
const ZEROS = Buffer.alloc(BLOCK);

/** Writes a new file from its start, chunk by chunk. Zeros are passed over: they take no room where there can be holes. */
export class SparseWriter {
  private position = 0;
  private endsInHole = false;

  /** @param folder on its disk; given: what does not fit is refused, not written in part */
  constructor(
    private readonly fd: number,
    private readonly folder?: string,
  ) {}

  write(chunk: Buffer): void {
    let from = 0;
    for (let at = 0; at < chunk.length; at += BLOCK) {
      const block = chunk.subarray(at, at + BLOCK);
      if (!isZero(block)) continue;
      this.put(chunk.subarray(from, at), this.position + from);
      from = at + block.length;
    }
    this.put(chunk.subarray(from), this.position + from);
    this.endsInHole = from === chunk.length;
    this.position += chunk.length;
  }

  /** Gives the file its length, should it end in a hole. */
  finish(): void {
    if (this.endsInHole) ftruncateSync(this.fd, this.position);
  }

  /** Begins anew. */
  restart(): void {
    ftruncateSync(this.fd, 0);
    this.position = 0;
  }

  private put(bytes: Buffer, position: number): void {
    if (bytes.length > 0 && bytes.length > freeAt(this.folder)) throw noSpace();
    for (let at = 0; at < bytes.length;) at += writeSync(this.fd, bytes, at, bytes.length - at, position + at);
  }
}

// With what is reserved for root: beyond it there is no room for anybody.
function freeAt(folder: string | undefined): number {
  if (folder === undefined) return Infinity;
  const { bsize, bfree, blocks } = statfsSync(fsPath(folder));
  // Some network file systems do not tell.
  return blocks === 0 ? Infinity : bfree * bsize;
}

function isZero(block: Buffer): boolean {
  // Nearly always the first byte tells.
  return block[0] === 0 && block.equals(block.length === BLOCK ? ZEROS : ZEROS.subarray(0, block.length));
}
