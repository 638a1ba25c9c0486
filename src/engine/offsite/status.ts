import { snapshotId } from '../store/layout.js';
import { openStoreToRead } from '../store/root.js';
import type { Context } from '../threads/context.js';
import type { OffsiteStatusRequest, OffsiteStatusResult } from './model.js';
import { readRemembered, writeRemembered } from './remembered.js';
import { noCopies, readCopies, repositorySize } from './repository.js';
import { Restic } from './restic.js';
import { copyable, newestOf, oldestFirst, type Readable } from './wanted.js';

/** What has a copy and what waits for one. @throws PhlbError `notFound`, `unreachable`, `usage`, `offsite`, `cancelled` */
export async function offsiteStatus(request: OffsiteStatusRequest, context: Context): Promise<OffsiteStatusResult> {
  const { location, target, remembered = false } = request;
  const store = openStoreToRead(location);
  const restic = remembered ? Restic.unasked(target, context) : await Restic.open(target, context);
  let known = readRemembered(location.state, store.id, restic.id);
  if (!remembered) {
    const copies = (await readCopies(restic)).get(store.id) ?? noCopies();
    const bytes = await repositorySize(restic);
    known = { ...known, copies: [...copies.trees.keys()], bytes, lastPush: known.lastPush ?? copies.last };
    writeRemembered(location.state, store.id, restic.id, known);
  }
  const all = copyable(store);
  const there = new Set(known.copies);
  const missing = (some: readonly Readable[]): string[] =>
    oldestFirst(some).flatMap(({ id }) => (there.has(snapshotId(id)) ? [] : [snapshotId(id)]));
  return {
    repository: restic.shown,
    lastPush: known.lastPush,
    lastCheck: known.lastCheck,
    pending: missing(all),
    pendingNewest: missing(newestOf(all)),
    copies: known.copies.toSorted(),
    bytes: known.bytes,
  };
}
