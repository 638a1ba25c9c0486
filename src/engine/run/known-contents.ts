import { StoreIndex } from '../index/store-index.js';
import type { Store } from '../store/root.js';
import type { Previous } from './history.js';
import type { ContentLookup } from './placement.js';

/** What the store's snapshots hold, asked of the index. It is opened when the first file was read: a run without changes never needs it. */
export class KnownContents {
  /** once it is open */
  index: StoreIndex | undefined;

  constructor(
    private readonly store: Store,
    private readonly previous: Previous | null,
  ) {}

  async open(): Promise<ContentLookup> {
    const index = (this.index ??= await StoreIndex.open(this.store));
    if (this.previous) index.provide(this.previous.id, this.previous.manifest);
    await index.synchronise();
    return (sha256, bits) => index.findContent(sha256, bits);
  }

  close(): void {
    this.index?.close();
  }
}
