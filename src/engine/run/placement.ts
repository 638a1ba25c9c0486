/** Where the content of a file that was read goes: linked to what the store has, or written as new. */
import { contentKey, readStoredContent, type FileFacts, type StoredContent } from '../words/contents.js';
import type { Claims } from '../transfer/claims.js';
import type { LinkCandidate } from '../transfer/candidate.js';
import type { PlaceRequest, PlaceReply } from '../transfer/requests.js';

/** Finds stored files of a content; best first. */
export type ContentLookup = (sha256: string, bits: number) => LinkCandidate[];

/** Where a content of this run is, or will be. */
interface Known {
  candidate: LinkCandidate;
  /** `null`: it stands */
  placing: Placing | null;
}

/** A thread is placing a content. */
interface Placing {
  /** number of the file that brings it */
  owner: number;
  /** resolves when it stands, or could not be placed */
  ready: Promise<void>;
  settle: () => void;
}

/** What is done with a file: a thread is told, or it waits and is decided again. */
type Decision = { now: PlaceRequest } | { later: WaitingFile };

interface WaitingFile {
  file: FileToPlace;
  ready: Promise<void>;
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
  /** these three by content */
  private readonly known = new Map<string, Known>();
  private readonly direct = new Map<string, StoredContent>();
  private readonly offered = new Map<string, LinkCandidate>();
  private lookup: Promise<ContentLookup> | undefined;

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
   * @param walksTold resolves once every walk job that is under way has told what it has stored
   */
  async decide(
    files: readonly FileToPlace[],
    walksTold: () => Promise<void>,
  ): Promise<{ now: PlaceRequest[]; later: WaitingFile[] }> {
    const now: PlaceRequest[] = [];
    const later: WaitingFile[] = [];
    for (const file of files) {
      const { id, before } = file;
      if (before) {
        now.push(linkTo(id, before));
        continue;
      }
      const lookup = await (this.lookup ??= this.openLookup());
      const decision = this.byContent(file, lookup, walksTold);
      if ('now' in decision) now.push(decision.now);
      else later.push(decision.later);
    }
    return { now, later };
  }

  private byContent(file: FileToPlace, lookup: ContentLookup, walksTold: () => Promise<void>): Decision {
    const { id, path, facts, hasWaited } = file;
    const [key, bits] = [contentKey(facts), facts.mode & 0o555];
    const known = this.known.get(key) ?? this.knownDirectly(key);
    if (known?.placing) return { later: { file, ready: known.placing.ready } };
    if (known) return { now: linkTo(id, known.candidate) };
    const isFirst = hasWaited === true || this.claims === null || this.claims.take(facts.sha256, bits);
    if (!isFirst) return { later: { file: { ...file, hasWaited: true }, ready: walksTold() } };
    this.known.set(key, { candidate: this.inTree(path, null), placing: placingBy(id) });
    // What stands in snapshots comes first: a run may have died with a second copy of it in hand.
    const offered = this.offered.get(key);
    return { now: { id, candidates: [...lookup(facts.sha256, bits), ...(offered ? [offered] : [])], orWrite: true } };
  }

  /**
   * None of these can be linked any more (the link limit, damage). Whoever asks next for that content writes it, the
   * others wait for it: one new inode, however many files share the content.
   */
  spent(key: string, candidates: readonly LinkCandidate[]): void {
    const known = this.known.get(key);
    if (known && !known.placing && candidates.some(({ path }) => path === known.candidate.path)) this.known.delete(key);
  }

  /** The run has failed: nobody is to wait any longer. */
  giveUp(): void {
    for (const { placing } of this.known.values()) placing?.settle();
  }

  placed(path: string, reply: Extract<PlaceReply, { how: string }>): void {
    const key = contentKey(reply.facts);
    const placing = this.known.get(key)?.placing;
    const brings = placing ? placing.owner === reply.id : reply.how === 'copied';
    // A late answer of another thread may be of an inode that has reached its link limit since.
    if (!brings) return;
    this.known.set(key, { candidate: this.inTree(path, reply.storedMtime), placing: null });
    placing?.settle();
  }

  /** The file that was to bring this content could not be placed; the next one tries afresh. */
  failed(key: string, id: number): void {
    const placing = this.known.get(key)?.placing;
    if (placing?.owner !== id) return;
    this.known.delete(key);
    placing.settle();
  }

  private knownDirectly(key: string): Known | undefined {
    const content = this.direct.get(key);
    if (content === undefined) return undefined;
    this.direct.delete(key);
    const { path, mtime } = readStoredContent(content);
    const known = { candidate: this.inTree(path, mtime), placing: null };
    this.known.set(key, known);
    return known;
  }

  private inTree(path: string, storedMtime: number | null): LinkCandidate {
    return { path: `${this.tree}/${path}`, storedMtime, snapshot: '', name: path };
  }
}

function linkTo(id: number, candidate: LinkCandidate): PlaceRequest {
  return { id, candidates: [candidate], orWrite: false };
}

function placingBy(owner: number): Placing {
  let settle = (): void => undefined;
  const ready = new Promise<void>(resolve => (settle = resolve));
  return { owner, ready, settle };
}
