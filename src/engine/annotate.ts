/** Label and pin: what a user notes on a snapshot. */
import type { Context } from './threads/context.js';
import { PhlbError } from './words/errors.js';
import { checkLabel, fitLabel } from './words/label.js';
import type { StoreLocation } from './words/model.js';
import { commandLineHint } from './words/phrase.js';
import { findSnapshot } from './store/open-snapshot.js';
import { snapshotId } from './store/layout.js';
import { writeRecord } from './store/record.js';
import { openStore } from './store/root.js';
import { withLock } from './store/with-lock.js';

export interface AnnotateRequest {
  location: StoreLocation;
  /** id, `<name>/latest`, or the path of a tree on disk */
  snapshot: string;
  /** a name for people (`label.ts`), which keeps nothing; `null` takes it away; missing: as it is */
  label?: string | null;
  /** a pinned snapshot is neither pruned nor deleted; missing: as it is */
  pinned?: boolean;
}

export interface AnnotateResult {
  id: string;
  label: string | null;
  pinned: boolean;
  /** further things worth telling, one sentence each */
  notes: string[];
}

/** Replaces the snapshot's record as a whole. @throws PhlbError `usage`, `notFound`, `damaged`, `store` */
export async function annotate(request: AnnotateRequest, context: Context): Promise<AnnotateResult> {
  if (request.label) checkLabel(request.label);
  const store = openStore(request.location);
  return withLock(store, context, async (lock, notes) => {
    const { id, record, problem } = findSnapshot(store, request.snapshot);
    if (!record) {
      throw new PhlbError('damaged', problem, {
        path: store.layout.record(id),
        hint: commandLineHint('rehash'),
      });
    }
    const { label = record.label, pinned = record.pinned } = request;
    if (label !== record.label || pinned !== record.pinned) {
      lock.check();
      writeRecord(store.layout, id, { ...record, label, pinned });
    }
    return { id: snapshotId(id), label: label === null ? null : fitLabel(label), pinned, notes };
  });
}
