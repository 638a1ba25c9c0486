/** Files on one thread between the source and the store: read once, then linked to what is known or written. */
import { closeSync, linkSync, lstatSync, openSync, writeSync } from 'node:fs';
import type { FileFacts } from '../words/contents.js';
import { PhlbError, reason, refusalCode } from '../words/errors.js';
import type { PathError } from '../words/model.js';
import type { HeldFolder } from '../files/held-folder.js';
import { fsPath, join } from '../words/names.js';
import { phrase } from '../words/phrase.js';
import { remove } from '../files/remove.js';
import { rename } from '../files/rename.js';
import { finishEntry, inStore, isLinkRefused, makeEntry, removeEntry, storeError } from '../files/store-error.js';
import { nsToMicros } from '../words/times.js';
import { checkCandidate, ownCandidate, type CandidateContext, type LinkCandidate } from './candidate.js';
import { CLONE_FROM, type Cloner } from './clone.js';
import type { Placed, PlaceReply, PlaceRequest, ReadReply, ReadRequest, TransferSettings } from './requests.js';
import type { RunContents } from './run-contents.js';
import { ContentInHand, type WholeContent } from './content-in-hand.js';
import { factsOf, Kept, NotAFileError, readFile, settleStored } from './read-file.js';

/** A file between its reading and its placing. */
interface Held {
  path: string;
  facts: FileFacts;
  content: WholeContent;
}

export class FileTransfer {
  private readonly held = new Map<number, Held>();
  private readonly kept = new Kept();

  constructor(
    private readonly setup: TransferSettings,
    private readonly source: HeldFolder,
    private readonly checks: CandidateContext,
    private readonly cloner: Cloner,
    /** `null`: it has to be asked where each file goes */
    private readonly contents: RunContents | null,
  ) {}

  /** Reads and hashes one file. Where nobody has to be asked it gets its place; else it is held under the request's id. */
  read(request: ReadRequest): ReadReply {
    const { id, path } = request;
    try {
      const held = this.clone(request) ?? this.readInHand(path);
      const placed = this.placeUnasked(id, held);
      if (placed) return placed;
      this.held.set(id, held);
      return { id, facts: held.facts };
    } catch (error) {
      return { id, error: pathErrorOf(path, error) };
    }
  }

  private clone({ path, size }: ReadRequest): Held | undefined {
    if (size < CLONE_FROM) return undefined;
    const stored = join(this.setup.tree, path);
    const cloned = this.cloner.read(() => this.source.open(path), stored, this.checks.cancelled);
    if (!cloned) return undefined;
    const facts = factsOf(cloned.read);
    finishEntry(path, stored, () => {
      try {
        this.settle(cloned.fd, facts);
      } finally {
        closeSync(cloned.fd);
      }
    });
    return { path, facts, content: { isStored: true } };
  }

  private readInHand(path: string): Held {
    const { tree } = this.setup;
    const inHand = new ContentInHand(path, join(tree, path), tree);
    try {
      const read = readFile(
        this.source.open(path),
        this.checks.cancelled,
        chunk => inHand.add(chunk),
        () => inHand.restart(),
      );
      const facts = factsOf(read);
      return { path, facts, content: inHand.finish(fd => this.settle(fd, facts)) };
    } catch (error) {
      inHand.drop();
      throw error;
    }
  }

  // Its place, where no other thread has to be asked for it.
  private placeUnasked(id: number, held: Held): Placed | { id: number; error: PathError } | undefined {
    const { contents, setup } = this;
    const claim = contents?.claim(held.facts, held.path);
    if (!contents || claim === undefined || claim === 'ask' || claim === 'elsewhere') return undefined;
    try {
      if (claim !== 'first') return this.linked(id, held, [ownCandidate(setup.tree, claim)], []);
      const placed = this.copied(id, held, []);
      contents.placed(held.facts, { path: held.path, mtime: placed.storedMtime });
      return placed;
    } catch (error) {
      if (claim === 'first') contents.failed(held.facts);
      return this.notPlaced(id, held, error);
    }
  }

  /** Gives a held file its place. */
  place(request: PlaceRequest): PlaceReply {
    const { id } = request;
    const held = this.held.get(id);
    if (!held) throw new PhlbError('store', phrase`Nothing is held under number ${id}`);
    this.held.delete(id);
    const damaged: LinkCandidate[] = [];
    try {
      const linked = this.linked(id, held, request.candidates, damaged);
      if (linked) return linked;
      if (request.orWrite || !this.setup.hardlinks) return this.copied(id, held, damaged);
      this.held.set(id, held);
      return { id, refused: true, damaged };
    } catch (error) {
      return this.notPlaced(id, held, error);
    }
  }

  private linked(id: number, held: Held, candidates: LinkCandidate[], damaged: LinkCandidate[]): Placed | undefined {
    const state = this.link(id, held, candidates, damaged);
    if (state === undefined) return undefined;
    const { mtime: storedMtime, retimed } = state;
    return { id, how: 'linked', facts: held.facts, storedMtime, damaged, ...(retimed ? { retimed } : {}) };
  }

  private copied(id: number, held: Held, damaged: LinkCandidate[]): Placed {
    return { id, how: 'copied', facts: held.facts, storedMtime: this.write(held), damaged };
  }

  private notPlaced(id: number, { path, content }: Held, error: unknown): { id: number; error: PathError } {
    // One that was written when it was read has no line.
    if ('isStored' in content) removeEntry(path, join(this.setup.tree, path));
    return { id, error: pathErrorOf(path, error) };
  }

  // Links the first candidate that still is what was recorded (promise P6), or clones it where there are no hardlinks.
  private link(
    id: number,
    held: Held,
    candidates: LinkCandidate[],
    damaged: LinkCandidate[],
  ): ReturnType<typeof checkCandidate> {
    const { setup, checks } = this;
    // A clone without the time of its original would look damaged.
    if (!setup.hardlinks && !(setup.times && this.cloner.mayRepeat(held.facts.size))) return undefined;
    const target = join(setup.tree, held.path);
    for (const candidate of candidates) {
      const state = checkCandidate(candidate, held.facts, checks);
      if (state === undefined) {
        damaged.push(candidate);
        continue;
      }
      try {
        if (!('isStored' in held.content)) {
          if (this.another(candidate.path, target, state.mtime)) return state;
        } else if (this.replace(id, candidate.path, target, state.mtime)) return state;
      } catch (error) {
        if (!isLinkRefused(error)) throw storeError(error, held.path);
      }
    }
    return undefined;
  }

  private write({ path, facts, content }: Held): number {
    if ('unwritten' in content) throw content.unwritten;
    const stored = join(this.setup.tree, path);
    if ('bytes' in content) return writeStored(path, stored, { bytes: content.bytes, facts }, this.setup, this.kept);
    return inStore(path, stored, name => nsToMicros(lstatSync(name, { bigint: true }).mtimeNs));
  }

  private settle(fd: number, facts: FileFacts): void {
    const { setup } = this;
    settleStored(fd, setup, storedMode(facts, setup.protectFiles), nsToMicros(facts.mtime));
  }

  // A large file stands there already, written while it was read. It stays until the link has come about.
  private replace(id: number, candidate: string, target: string, mtime: number): boolean {
    const link = `${this.setup.tree}.link-${id}`;
    if (!this.another(candidate, link, mtime)) return false;
    try {
      rename(fsPath(link), fsPath(target));
    } catch (error) {
      remove(fsPath(link));
      throw error;
    }
    return true;
  }

  private another(candidate: string, name: string, mtime: number): boolean {
    if (!this.setup.hardlinks) return this.cloner.again(candidate, name, mtime);
    linkSync(fsPath(candidate), fsPath(name));
    return true;
  }
}

/** Writes a whole file into the store. Returns the mtime that it has there, microseconds. @throws as `inStore` */
export function writeStored(
  path: string,
  stored: string,
  { bytes, facts }: { bytes: Buffer; facts: FileFacts },
  setup: TransferSettings,
  kept: Kept,
): number {
  const mode = storedMode(facts, setup.protectFiles);
  return makeEntry(
    path,
    stored,
    name => openSync(name, 'wx', mode),
    fd => {
      try {
        writeAll(fd, bytes);
        return settleStored(fd, setup, mode, nsToMicros(facts.mtime), kept);
      } finally {
        closeSync(fd);
      }
    },
  );
}

/** What is told of a path that cannot be read or stored. @throws what concerns more than that */
export function pathErrorOf(path: string, error: unknown): PathError {
  const code = error instanceof NotAFileError ? error.code : refusalCode(error);
  return { path, code, message: reason(error) };
}

function storedMode(facts: FileFacts, protectFiles: boolean): number {
  return (facts.mode & (protectFiles ? 0o555 : 0o777)) | 0o400;
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(fd, bytes, at, bytes.length - at);
}
