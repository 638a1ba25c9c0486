/**
 * Small files of which nobody has to be asked whether their contents are known: each is read and written in one go, from one
 * buffer, with no message in between, or linked to what another thread has just written.
 */
import type { BigIntStats } from 'node:fs';
import { linkSync } from 'node:fs';
import { isLinkRefused, storeError } from '../files/store-error.js';
import { contentNumber, type DirectlyStored, type FileFacts, type ReadFile } from '../words/contents.js';
import { fsPath, join } from '../words/names.js';
import { checkCandidate, type CandidateContext } from './candidate.js';
import type { Claims, Place } from './claims.js';
import type { Cloner } from './clone.js';
import type { ContentNumbers } from './content-numbers.js';
import { writeStored } from './file-transfer.js';
import { Kept } from './read-file.js';
import type { TransferSettings } from './requests.js';
import type { SmallReads } from './small-reads.js';

export class DirectTransfer {
  private readonly kept = new Kept();

  constructor(
    /** `device`: number of the source folder's */
    private readonly setup: TransferSettings & { device: bigint },
    private readonly claims: Claims,
    /** of what the snapshots hold */
    private readonly stored: ContentNumbers,
    private readonly cloner: Cloner,
    private readonly reads: SmallReads,
    private readonly checks: CandidateContext,
  ) {}

  /**
   * Stores a file whose content is in no snapshot. `known`: it may be in one; `repeated`: this run has met it, and it is
   * not known where it stands; `later`: the file is too large, or may be cloned.
   * @param read the file, if it was read
   * @throws what reading or writing throws
   */
  store(
    path: string,
    seen: BigIntStats,
    read?: ReadFile,
  ): DirectlyStored | 'later' | 'repeated' | { known: FileFacts } {
    if (this.cloner.mayClone(Number(seen.size), this.setup.device)) return 'later';
    read ??= this.reads.read(path, seen);
    if (!read) return 'later';
    const { facts } = read;
    const { sha256 } = facts;
    const bits = facts.mode & 0o555;
    const isKnown = !this.stored.isEmpty && this.stored.has(contentNumber(sha256, bits));
    const claim = isKnown ? this.claims.find(sha256, bits) : this.claims.take(sha256, bits, path);
    if (claim === undefined) return { known: facts };
    if (claim === 'elsewhere') return 'repeated';
    if (claim !== 'first') return this.link(path, facts, claim) ?? 'repeated';
    try {
      const mtime = writeStored(path, join(this.setup.tree, path), read, this.setup, this.kept);
      this.claims.placed(sha256, bits, { path, mtime });
      return { facts, mtime, linked: false };
    } catch (error) {
      this.claims.failed(sha256, bits);
      throw error;
    }
  }

  // To one of this run's own.
  private link(path: string, facts: FileFacts, place: Place): DirectlyStored | undefined {
    const { tree } = this.setup;
    const from = join(tree, place.path);
    const candidate = { path: from, storedMtime: place.mtime, snapshot: '', name: place.path };
    const state = checkCandidate(candidate, facts, this.checks);
    if (state === undefined) return undefined;
    try {
      linkSync(fsPath(from), fsPath(join(tree, path)));
      return { facts, mtime: state.mtime, linked: true };
    } catch (error) {
      if (isLinkRefused(error)) return undefined;
      throw storeError(error, path);
    }
  }
}
