/** What the store's snapshots hold: told by numbers in memory, and where a content may be among them, by the index. */
import { StoreContents } from '../index/store-contents.js';
import { StoreIndex } from '../index/store-index.js';
import type { SnapshotName } from '../store/layout.js';
import type { Store } from '../store/root.js';
import type { LinkCandidate } from '../transfer/candidate.js';
import type { Claims } from '../transfer/claims.js';
import { ContentNumbers } from '../words/content-numbers.js';
import { contentNumber } from '../words/contents.js';
import type { Previous } from './history.js';

/** Snapshots that may wait for whoever asks the index next. */
const WAIT_FOR_INDEX = 20;

export class KnownContents {
  /** once it is open: a run that brings nothing that may be known does without */
  private index: StoreIndex | undefined;
  private readonly numbers: ContentNumbers;
  private opening: Promise<StoreIndex> | undefined;

  private constructor(
    private readonly store: Store,
    private readonly previous: Previous | null,
    readonly stored: StoreContents,
  ) {
    this.numbers = new ContentNumbers(stored.shared);
  }

  /** @throws PhlbError `cancelled` */
  static async open(store: Store, previous: Previous | null, cancelled: () => boolean): Promise<KnownContents> {
    return new KnownContents(store, previous, await StoreContents.open(store, previous, cancelled));
  }

  /** Files of a content; best first. */
  async find(sha256: string, bits: number): Promise<LinkCandidate[]> {
    if (!this.numbers.has(contentNumber(sha256, bits))) return [];
    const index = await (this.opening ??= this.openIndex());
    return index.findContent(sha256, bits);
  }

  /** The index, if it is open, or if so much waits for it that whoever asks it next would have to wait. */
  async indexToTell(): Promise<StoreIndex | undefined> {
    if (this.index || this.stored.notIndexed < WAIT_FOR_INDEX) return this.index;
    return (this.index = await StoreIndex.open(this.store));
  }

  /** @param claims what the run has placed; `null`: that was not noted, and the next run reads the manifest. @throws the system's error */
  published(id: SnapshotName, claims: Claims | null): void {
    const numbers = claims?.placedNumbers();
    if (numbers) this.stored.add(id, numbers);
    this.stored.save();
  }

  close(): void {
    this.index?.close();
  }

  private async openIndex(): Promise<StoreIndex> {
    const index = (this.index = await StoreIndex.open(this.store));
    if (this.previous) index.provide(this.previous.id, this.previous.manifest);
    await index.synchronise();
    return index;
  }
}
