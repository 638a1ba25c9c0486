import { closeSync } from 'node:fs';
import { inStore, isFull, removeEntry } from '../files/store-error.js';
import { createStored, HOLD_LIMIT } from './read-file.js';
import { SparseWriter } from './sparse-writer.js';

/**
 * Where a content is that was read: in memory; or at its place in the store; or nowhere, since there was no room: then it can
 * only be linked.
 */
export type WholeContent = { bytes: Buffer } | { isStored: true } | { unwritten: unknown };

/**
 * The bytes of one file while it is read: small contents wait in memory, and what grows beyond the limit goes to the disk as
 * it comes. Where there is no room for it, it is read to its end all the same: its content may be known.
 */
export class ContentInHand {
  private chunks: Buffer[] = [];
  private size = 0;
  private onDisk: { fd: number; file: SparseWriter } | undefined;
  private refusal: unknown;

  /**
   * @param path what to name it by
   * @param stored its place in the store, where nothing stands
   * @param tree on whose disk there must be room for all of it: a part would leave none for what the other threads write
   */
  constructor(
    private readonly path: string,
    private readonly stored: string,
    private readonly tree: string,
  ) {}

  /** @throws PhlbError `store` */
  add(chunk: Buffer): void {
    this.size += chunk.length;
    if (this.refusal !== undefined) return;
    if (!this.onDisk && this.size <= HOLD_LIMIT) {
      // The next chunk will be read into the same memory.
      this.chunks.push(Buffer.from(chunk));
      return;
    }
    if (!this.onDisk) this.moveToDisk();
    this.write(chunk);
  }

  /** Forgets all of it: the file is read from its start again. */
  restart(): void {
    this.chunks = [];
    this.size = 0;
    this.drop();
  }

  /** Lets go of what stands on the disk. */
  drop(): void {
    if (!this.onDisk) return;
    closeSync(this.onDisk.fd);
    this.onDisk = undefined;
    removeEntry(this.path, this.stored);
  }

  /**
   * All of it has been read.
   * @param settle gives the open file its mode and time
   * @throws PhlbError `store`
   */
  finish(settle: (fd: number) => void): WholeContent {
    if (this.refusal !== undefined) return { unwritten: this.refusal };
    if (!this.onDisk) return { bytes: Buffer.concat(this.chunks) };
    const { fd, file } = this.onDisk;
    inStore(this.path, this.stored, () => {
      file.finish();
      settle(fd);
    });
    closeSync(fd);
    this.onDisk = undefined;
    return { isStored: true };
  }

  private moveToDisk(): void {
    const fd = createStored(this.path, this.stored, 0o600);
    this.onDisk = { fd, file: new SparseWriter(fd, this.tree) };
    for (const chunk of this.chunks) this.write(chunk);
    this.chunks = [];
  }

  private write(chunk: Buffer): void {
    const { onDisk } = this;
    if (!onDisk) return;
    try {
      inStore(this.path, this.stored, () => onDisk.file.write(chunk));
    } catch (error) {
      this.drop();
      if (!isFull(error)) throw error;
      this.refusal = error;
    }
  }
}
