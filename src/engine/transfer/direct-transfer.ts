/**
 * Small files of a run that finds no snapshots in the store: nobody has to be asked whether their contents are known, so
 * each is read and written in one go, from one buffer, with no message in between.
 */
import type { PathError } from '../model.js';
import { join } from '../names.js';
import { Claims } from './claims.js';
import { storedMode, writeStored } from './file-transfer.js';
import type { FileFacts, RunSetup } from './jobs.js';
import { factsOf, HOLD_LIMIT, readFile } from './read-file.js';

/** `mtime`: of the stored file, microseconds. */
export interface DirectlyStored {
  facts: FileFacts;
  mtime: number;
}

// What one job may take on before it reports: the other threads want their share of a large folder.
const JOB_FILES = 4096;
const JOB_BYTES = 64 << 20;

export class DirectTransfer {
  private readonly claims: Claims;
  private files = 0;
  private bytes = 0;

  constructor(
    private readonly setup: RunSetup,
    claims: SharedArrayBuffer,
    private readonly cancelled: () => boolean,
  ) {
    this.claims = new Claims(claims);
  }

  /** Call it at the start of each job. */
  renew(): void {
    this.files = 0;
    this.bytes = 0;
  }

  /**
   * Stores a file that nobody has stored before. `repeated`: its content may have been met; `later`: it is too large.
   * @throws what reading or writing throws
   */
  store(path: string, size: number): DirectlyStored | 'repeated' | 'later' {
    const { setup, cancelled } = this;
    if (size > HOLD_LIMIT || this.files >= JOB_FILES || this.bytes >= JOB_BYTES) return 'later';
    this.files++;
    this.bytes += size;
    let content: Buffer | undefined;
    let parts = 0;
    const restart = (): void => void (parts = 0);
    const read = readFile(
      join(setup.source, path),
      cancelled,
      chunk => {
        // It stays as it is until the next file is read.
        content = chunk;
        parts++;
      },
      restart,
    );
    if (parts > 1) return 'later';
    const facts = factsOf(read);
    if (!this.claims.take(facts.sha256, facts.mode & 0o555)) return 'repeated';
    const stored = join(setup.tree ?? '', path);
    const bytes = parts === 0 || !content ? Buffer.alloc(0) : content;
    return { facts, mtime: writeStored(path, stored, bytes, storedMode(facts, setup.protectFiles), facts.mtime) };
  }
}

export function keptChanging(path: string): PathError {
  return { path, code: 'ECHANGING', message: 'It kept changing while it was read; stored as read' };
}
