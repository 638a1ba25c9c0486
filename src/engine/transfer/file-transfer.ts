/** Files on one thread between the source and the store: read once, then linked to what is known or written. */
import { closeSync, linkSync, lstatSync, renameSync, unlinkSync, writeSync } from 'node:fs';
import { errno, PhlbError, reason } from '../errors.js';
import type { PathError } from '../model.js';
import { fsPath, join } from '../names.js';
import type { DamagedInodes } from '../store/damage.js';
import { inStore, isLinkRefused, storeError } from '../store/store-error.js';
import { nsToMicros } from '../times.js';
import { checkCandidate } from './candidate.js';
import type { FileFacts, LinkCandidate, PlaceReply, PlaceRequest, ReadReply, ReadRequest, RunSetup } from './jobs.js';
import { createStored, factsOf, finishStored, HOLD_LIMIT, NotAFileError, readFile } from './read-file.js';

/** A file between its reading and its placing. */
interface Held {
  path: string;
  facts: FileFacts;
  /** `null`: too large to keep */
  bytes: Buffer | null;
}

export class FileTransfer {
  private readonly held = new Map<number, Held>();

  constructor(
    private readonly setup: RunSetup,
    private readonly damaged: DamagedInodes,
    private readonly cancelled: () => boolean,
  ) {}

  /** Reads and hashes one file. What is not placed yet is held under the request's id. */
  read(request: ReadRequest): ReadReply {
    const { setup, cancelled } = this;
    const { id, path } = request;
    const source = join(setup.source, path);
    try {
      if (request.stage === 'hash' || setup.tree === null) {
        return { id, facts: factsOf(readFile(source, cancelled)) };
      }
      return this.readAndKeep(id, path, source);
    } catch (error) {
      return { id, error: pathErrorOf(path, error) };
    }
  }

  // Small contents wait in memory; once one grows beyond the limit it goes to the disk as it is read.
  private readAndKeep(id: number, path: string, source: string): ReadReply {
    const { setup, cancelled } = this;
    const stored = join(setup.tree ?? '', path);
    let chunks: Buffer[] = [];
    let size = 0;
    let fd: number | undefined;
    const write = (chunk: Buffer): void => inStore(path, stored, () => writeAll(fd ?? -1, chunk));
    try {
      const read = readFile(
        source,
        cancelled,
        chunk => {
          size += chunk.length;
          if (fd === undefined && size <= HOLD_LIMIT) return void chunks.push(Buffer.from(chunk));
          if (fd === undefined) {
            fd = createStored(path, stored, 0o600);
            chunks.forEach(write);
            chunks = [];
          }
          write(chunk);
        },
        () => {
          chunks = [];
          size = 0;
          // The next try writes from the start again.
          if (fd !== undefined) {
            closeSync(fd);
            unlinkSync(fsPath(stored));
            fd = undefined;
          }
        },
      );
      const facts = factsOf(read);
      if (fd === undefined) {
        this.held.set(id, { path, facts, bytes: Buffer.concat(chunks) });
        return { id, facts };
      }
      const done = fd;
      fd = undefined;
      this.held.set(id, { path, facts, bytes: null });
      return {
        id,
        facts,
        storedMtime: finishStored(path, stored, done, storedMode(facts, setup.protectFiles), nsToMicros(facts.mtime)),
      };
    } catch (error) {
      if (fd !== undefined) {
        closeSync(fd);
        unlinkSync(fsPath(stored));
      }
      throw error;
    }
  }

  /** Gives a held file its place. */
  place(request: PlaceRequest): PlaceReply {
    const { id } = request;
    const held = this.held.get(id);
    if (!held) throw new PhlbError('store', `Nothing is held under number ${id}`);
    this.held.delete(id);
    const damaged: LinkCandidate[] = [];
    try {
      const linked = this.link(id, held, request.candidates, damaged);
      if (linked !== undefined) return { id, how: 'linked', facts: held.facts, storedMtime: linked, damaged };
      if (!request.orWrite && this.setup.hardlinks) {
        this.held.set(id, held);
        return { id, refused: true, damaged };
      }
      const stored = this.write(held);
      return { id, how: 'copied', facts: held.facts, storedMtime: stored, damaged };
    } catch (error) {
      return { id, error: pathErrorOf(held.path, error) };
    }
  }

  // Links the first candidate that still is what was recorded (promise P6). Returns its mtime in microseconds.
  private link(id: number, held: Held, candidates: LinkCandidate[], damaged: LinkCandidate[]): number | undefined {
    const { setup, damaged: marks, cancelled } = this;
    if (!setup.hardlinks) return undefined;
    const target = fsPath(join(setup.tree ?? '', held.path));
    for (const candidate of candidates) {
      const state = checkCandidate(candidate, held.facts, setup.modes, marks, cancelled);
      if (state === undefined) {
        damaged.push(candidate);
        continue;
      }
      try {
        if (held.bytes === null) this.replace(id, fsPath(candidate.path), target);
        else linkSync(fsPath(candidate.path), target);
        return state;
      } catch (error) {
        if (!isLinkRefused(error)) throw storeError(error, held.path);
      }
    }
    return undefined;
  }

  private write(held: Held): number {
    const { setup } = this;
    const stored = join(setup.tree ?? '', held.path);
    const { bytes, facts, path } = held;
    if (bytes === null) {
      return inStore(path, stored, name => nsToMicros(lstatSync(name, { bigint: true }).mtimeNs));
    }
    return writeStored(path, stored, bytes, storedMode(facts, setup.protectFiles), facts.mtime);
  }

  // A large file stands there already, written while it was read. It stays until the link has come about.
  private replace(id: number, candidate: string | Buffer, target: string | Buffer): void {
    const link = fsPath(`${this.setup.tree ?? ''}.link-${id}`);
    linkSync(candidate, link);
    try {
      renameSync(link, target);
    } catch (error) {
      unlinkSync(link);
      throw error;
    }
  }
}

export function storedMode(facts: FileFacts, protectFiles: boolean): number {
  return (facts.mode & (protectFiles ? 0o555 : 0o777)) | 0o400;
}

/** Writes a whole file into the store. Returns the mtime that it has there, microseconds. */
export function writeStored(path: string, stored: string, bytes: Buffer, mode: number, mtime: bigint): number {
  const fd = createStored(path, stored, mode);
  try {
    inStore(path, stored, () => writeAll(fd, bytes));
  } catch (error) {
    closeSync(fd);
    throw error;
  }
  return finishStored(path, stored, fd, mode, nsToMicros(mtime));
}

function pathErrorOf(path: string, error: unknown): PathError {
  const code = error instanceof NotAFileError ? error.code : errno(error);
  if (code === undefined) throw error;
  return { path, code, message: reason(error) };
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at);
}
