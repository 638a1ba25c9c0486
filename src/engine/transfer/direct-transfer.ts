/**
 * Small files of which nobody has to be asked whether their contents are known: each is read and written in one go, from one
 * buffer, with no message in between, or linked to what another thread has just written.
 */
import type { BigIntStats } from 'node:fs';
import { linkSync } from 'node:fs';
import { isLinkRefused, storeError } from '../files/store-error.js';
import type { DirectlyStored, FileFacts, ReadFile } from '../words/contents.js';
import { fsPath, join } from '../words/names.js';
import { checkCandidate, ownCandidate, type CandidateContext } from './candidate.js';
import type { Place } from './claims.js';
import type { Cloner } from './clone.js';
import { writeStored } from './file-transfer.js';
import { Kept } from './read-file.js';
import type { TransferSettings } from './requests.js';
import type { RunContents } from './run-contents.js';
import type { SmallReads } from './small-reads.js';

export class DirectTransfer {
  private readonly kept = new Kept();

  constructor(
    /** `device`: number of the source folder's */
    private readonly setup: TransferSettings & { device: bigint },
    private readonly contents: RunContents,
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
    const claim = this.contents.claim(facts, path);
    if (claim === 'ask') return { known: facts };
    if (claim === 'elsewhere') return 'repeated';
    if (claim !== 'first') return this.link(path, facts, claim) ?? 'repeated';
    try {
      const mtime = writeStored(path, join(this.setup.tree, path), read, this.setup, this.kept);
      this.contents.placed(facts, { path, mtime });
      return { facts, mtime, linked: false };
    } catch (error) {
      this.contents.failed(facts);
      throw error;
    }
  }

  // To one of this run's own.
  private link(path: string, facts: FileFacts, place: Place): DirectlyStored | undefined {
    const { tree } = this.setup;
    const candidate = ownCandidate(tree, place);
    const state = checkCandidate(candidate, facts, this.checks);
    if (state === undefined) return undefined;
    try {
      linkSync(fsPath(candidate.path), fsPath(join(tree, path)));
      return { facts, mtime: state.mtime, linked: true };
    } catch (error) {
      if (isLinkRefused(error)) return undefined;
      throw storeError(error, path);
    }
  }
}
