/**
 * Small files of a run that finds no snapshots in the store: nobody has to be asked whether their contents are known, so
 * each is read and written in one go, from one buffer, with no message in between.
 */
import type { BigIntStats } from 'node:fs';
import type { DirectlyStored } from '../words/contents.js';
import { join } from '../words/names.js';
import { Claims } from './claims.js';
import type { Cloner } from './clone.js';
import { writeStored } from './file-transfer.js';
import type { TransferSettings } from './requests.js';
import { Kept } from './read-file.js';
import type { SmallReads } from './small-reads.js';

export class DirectTransfer {
  private readonly claims: Claims;
  private readonly kept = new Kept();

  constructor(
    /** `device`: number of the source folder's */
    private readonly setup: TransferSettings & { device: bigint },
    claims: SharedArrayBuffer,
    private readonly cloner: Cloner,
    private readonly reads: SmallReads,
  ) {
    this.claims = new Claims(claims);
  }

  /**
   * Stores a file that nobody has stored before. `repeated`: its content may have been met; `later`: it is too large, or may be cloned.
   * @throws what reading or writing throws
   */
  store(path: string, seen: BigIntStats): DirectlyStored | 'repeated' | 'later' {
    const { setup } = this;
    if (this.cloner.mayClone(Number(seen.size), setup.device)) return 'later';
    const read = this.reads.read(path, seen);
    if (!read) return 'later';
    const { facts } = read;
    if (!this.claims.take(facts.sha256, facts.mode & 0o555)) return 'repeated';
    return { facts, mtime: writeStored(path, join(setup.tree, path), read, setup, this.kept) };
  }
}
