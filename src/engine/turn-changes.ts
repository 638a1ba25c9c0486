/** What a turn of a coding agent has changed, as a list. */
import type { DiffResult } from './diff.js';
import { changesIn, countKinds } from './index/changes.js';
import { isSame, readTurn } from './restore/turn-changes.js';
import { snapshotId } from './store/layout.js';
import { openStoreToRead } from './store/root.js';
import type { Context } from './threads/context.js';
import type { StoreLocation } from './words/model.js';

export interface TurnChangesRequest {
  location: StoreLocation;
  /** id of the turn, as `backup` was given it */
  turn: string;
  /** the source; default: the one that the turn is of */
  name?: string;
}

/**
 * From the turn's first snapshot to its last one, without what others have changed between its parts. Takes no lock.
 * @throws PhlbError `usage`, `notFound` as `readTurn`; `damaged`, `cancelled`
 */
export async function turnChanges(request: TurnChangesRequest, context: Context): Promise<DiffResult> {
  const { first, last, changes } = await readTurn(openStoreToRead(request.location), request, context);
  const found = changesIn(
    [...changes.values()].filter(({ before, after }) => !isSame(before, after)),
    () => false,
  );
  return {
    older: snapshotId(first.id),
    newer: snapshotId(last.id),
    changes: found,
    counts: countKinds(found),
    errors: [],
  };
}
