/** Where the content of a file that was read goes: linked to what the store has, or written as new. */
import { contentKey, type FileFacts } from '../words/contents.js';
import type { Claims, Place } from '../transfer/claims.js';
import type { LinkCandidate } from '../transfer/candidate.js';
import type { PlaceRequest, PlaceReply } from '../transfer/requests.js';

/** Finds files of a content in the store's snapshots; best first. */
export type ContentLookup = (sha256: string, bits: number) => LinkCandidate[] | Promise<LinkCandidate[]>;

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

/** What is done with a file: a thread is told, or it waits and is decided again. `first`: it brings its content. */
type Decision = 'first' | { now: PlaceRequest } | { later: WaitingFile };

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
  /** these by content */
  private readonly known = new Map<string, Known>();
  private readonly offered = new Map<string, LinkCandidate>();
  /** those of which no thread knows a file that can be linked any more */
  private readonly used = new Set<string>();

  constructor(
    private readonly tree: string,
    /** of a run whose threads store small files without asking */
    private readonly claims: Claims | null,
    private readonly lookup: ContentLookup,
  ) {}

  /** Contents at hand from elsewhere (a dead run's copies). */
  offer(sha256: string, bits: number, candidate: LinkCandidate): void {
    const key = contentKey({ sha256, mode: bits });
    if (!this.offered.has(key)) this.offered.set(key, candidate);
  }

  /**
   * Decides for a batch what can be placed at once and what has to wait for a content that another thread is writing,
   * and then to be decided again. Whoever is told to place a content first must call `placed` or `failed` for it.
   * @param jobsTold resolves once every job that is under way has told what it has stored unasked
   */
  async decide(
    files: readonly FileToPlace[],
    jobsTold: () => Promise<void>,
  ): Promise<{ now: PlaceRequest[]; later: WaitingFile[] }> {
    const now: PlaceRequest[] = [];
    const later: WaitingFile[] = [];
    for (const file of files) {
      const { id, before, facts } = file;
      if (before) {
        now.push(linkTo(id, before));
        continue;
      }
      const decision = this.byContent(file, jobsTold);
      if (decision === 'first') now.push({ id, candidates: await this.candidatesOf(facts), orWrite: true });
      else if ('now' in decision) now.push(decision.now);
      else later.push(decision.later);
    }
    return { now, later };
  }

  // What stands in snapshots comes first: a run may have died with a second copy of it in hand.
  private async candidatesOf(facts: FileFacts): Promise<LinkCandidate[]> {
    const stored = await this.lookup(facts.sha256, bitsOf(facts));
    const offered = this.offered.get(contentKey(facts));
    return offered ? [...stored, offered] : stored;
  }

  private byContent(file: FileToPlace, jobsTold: () => Promise<void>): Decision {
    const { id, path, facts, hasWaited } = file;
    const key = contentKey(facts);
    const known = this.known.get(key);
    if (known?.placing) return { later: { file, ready: known.placing.ready } };
    if (known) return { now: linkTo(id, known.candidate) };
    const claim = this.used.has(key) ? 'first' : (this.claims?.take(facts.sha256, bitsOf(facts), path) ?? 'first');
    if (typeof claim === 'object') return { now: linkTo(id, this.standsAt(key, claim)) };
    if (claim === 'elsewhere' && !hasWaited) {
      return { later: { file: { ...file, hasWaited: true }, ready: jobsTold() } };
    }
    this.known.set(key, { candidate: this.inTree(path, null), placing: placingBy(id) });
    return 'first';
  }

  /**
   * None of these can be linked any more (the link limit, damage). Whoever asks next for that content writes it, the
   * others wait for it: one new inode, however many files share the content.
   */
  spent(key: string, candidates: readonly LinkCandidate[]): void {
    const known = this.known.get(key);
    if (!known || known.placing || !candidates.some(({ path }) => path === known.candidate.path)) return;
    this.known.delete(key);
    this.used.add(key);
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
    this.standsAt(key, { path, mtime: reply.storedMtime });
    this.claims?.placed(reply.facts.sha256, bitsOf(reply.facts), { path, mtime: reply.storedMtime });
    placing?.settle();
  }

  /** The file that was to bring this content could not be placed; the next one tries afresh. */
  failed(facts: FileFacts, id: number): void {
    const key = contentKey(facts);
    const placing = this.known.get(key)?.placing;
    if (placing?.owner !== id) return;
    this.known.delete(key);
    this.claims?.failed(facts.sha256, bitsOf(facts));
    placing.settle();
  }

  private standsAt(key: string, { path, mtime }: Place): LinkCandidate {
    const candidate = this.inTree(path, mtime);
    this.known.set(key, { candidate, placing: null });
    return candidate;
  }

  private inTree(path: string, storedMtime: number | null): LinkCandidate {
    return { path: `${this.tree}/${path}`, storedMtime, snapshot: '', name: path };
  }
}

function linkTo(id: number, candidate: LinkCandidate): PlaceRequest {
  return { id, candidates: [candidate], orWrite: false };
}

function bitsOf({ mode }: FileFacts): number {
  return mode & 0o555;
}

function placingBy(owner: number): Placing {
  let settle = (): void => undefined;
  const ready = new Promise<void>(resolve => (settle = resolve));
  return { owner, ready, settle };
}
