/** Where the content of a file that was read goes: linked to what the store has, or written as new. */
import { contentKey, readStoredContent, type FileFacts, type StoredContent } from '../words/contents.js';
import type { Claims } from '../transfer/claims.js';
import type { LinkCandidate } from '../transfer/candidate.js';
import type { PlaceRequest, PlaceReply } from '../transfer/requests.js';

/** Finds stored files of a content; best first. */
export type ContentLookup = (sha256: string, bits: number) => LinkCandidate[];

interface Known {
  candidate: LinkCandidate;
  /** while a thread is placing it */
  ready: Promise<void> | null;
  /** number of the file that brings it */
  owner: number;
}

/** A file that was read. */
export interface FileToPlace {
  id: number;
  path: string;
  facts: FileFacts;
  /** what the last snapshot has of it, where that is the same content */
  before?: LinkCandidate | undefined;
  /** it has waited for whoever claimed its content */
  hasWaited?: boolean;
}

/** The contents of one run. What the run has placed once is linked from there, so each content is looked up once. */
export class Placement {
  private readonly known = new Map<string, Known>();
  /** by content */
  private readonly direct = new Map<string, StoredContent>();
  private readonly offered = new Map<string, LinkCandidate>();

  constructor(
    private readonly tree: string,
    /** of a run whose threads store small files without asking */
    private readonly claims: Claims | null,
    /** opened when the first file was read: a run without changes never needs it */
    private readonly openLookup: () => Promise<ContentLookup>,
  ) {}

  /** Contents at hand from elsewhere (a dead run's copies). */
  offer(sha256: string, bits: number, candidate: LinkCandidate): void {
    const key = contentKey({ sha256, mode: bits });
    if (!this.offered.has(key)) this.offered.set(key, candidate);
  }

  /** A content that a thread has stored without asking. */
  stored(content: StoredContent): void {
    this.direct.set(readStoredContent(content).key, content);
  }

  /**
   * Decides for a batch what can be placed at once and what has to wait for a content that another thread is writing,
   * and then to be decided again. Whoever is told to place a content first must call `placed` or `failed` for it.
   * @param scansTold resolves once every scan that is under way has told what it has stored
   */
  async decide(
    files: readonly FileToPlace[],
    scansTold: () => Promise<void>,
  ): Promise<{ now: PlaceRequest[]; later: { file: FileToPlace; ready: Promise<void> }[] }> {
    const now: PlaceRequest[] = [];
    const later: { file: FileToPlace; ready: Promise<void> }[] = [];
    for (const file of files) {
      const { id, path, facts, before } = file;
      if (before) {
        now.push({ id, candidates: [before], orWrite: false });
        continue;
      }
      const lookup = await (this.lookup ??= this.openLookup());
      const key = contentKey(facts);
      const known = this.known.get(key) ?? this.knownDirectly(key);
      if (known?.ready) later.push({ file, ready: known.ready });
      else if (known) now.push({ id, candidates: [known.candidate], orWrite: false });
      else if (this.claims && !file.hasWaited && !this.claims.take(facts.sha256, facts.mode & 0o555)) {
        later.push({ file: { ...file, hasWaited: true }, ready: scansTold() });
      } else {
        // What stands in snapshots comes first: a run may have died with a second copy of it in hand.
        const offered = this.offered.get(key);
        const candidates = [...lookup(facts.sha256, facts.mode & 0o555), ...(offered ? [offered] : [])];
        now.push({ id, candidates, orWrite: true });
        this.known.set(key, { candidate: this.inTree(path, null), ready: this.promise(key), owner: id });
      }
    }
    return { now, later };
  }

  /**
   * None of these can be linked any more (the link limit, damage). Whoever asks next for that content writes it, the
   * others wait for it: one new inode, however many files share the content.
   */
  spent(key: string, candidates: readonly LinkCandidate[]): void {
    const known = this.known.get(key);
    if (known && !known.ready && candidates.some(({ path }) => path === known.candidate.path)) this.known.delete(key);
  }

  /** The run has failed: nobody is to wait any longer. */
  giveUp(): void {
    for (const key of [...this.settlers.keys()]) this.settle(key);
  }

  placed(path: string, reply: Extract<PlaceReply, { how: string }>): void {
    const key = contentKey(reply.facts);
    const known = this.known.get(key);
    const brings = known?.ready ? known.owner === reply.id : reply.how === 'copied';
    // A late answer of another thread may be of an inode that has reached its link limit since.
    if (!brings) return;
    this.known.set(key, { candidate: this.inTree(path, reply.storedMtime), ready: null, owner: reply.id });
    this.settle(key);
  }

  /** The file that was to bring this content could not be placed; the next one tries afresh. */
  failed(key: string, id: number): void {
    const known = this.known.get(key);
    if (!known?.ready || known.owner !== id) return;
    this.known.delete(key);
    this.settle(key);
  }

  private knownDirectly(key: string): Known | undefined {
    const content = this.direct.get(key);
    if (content === undefined) return undefined;
    this.direct.delete(key);
    const { path, mtime } = readStoredContent(content);
    const known = { candidate: this.inTree(path, mtime), ready: null, owner: 0 };
    this.known.set(key, known);
    return known;
  }

  private lookup: Promise<ContentLookup> | undefined;
  private readonly settlers = new Map<string, () => void>();

  private promise(key: string): Promise<void> {
    return new Promise(resolve => this.settlers.set(key, resolve));
  }

  private settle(key: string): void {
    this.settlers.get(key)?.();
    this.settlers.delete(key);
  }

  private inTree(path: string, storedMtime: number | null): LinkCandidate {
    return { path: `${this.tree}/${path}`, storedMtime, snapshot: '', name: path };
  }
}
