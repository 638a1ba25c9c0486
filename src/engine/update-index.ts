import { readIndex } from './index/read-index.js';
import { openStoreToRead } from './store/root.js';
import type { Context } from './threads/context.js';
import type { StoreLocation } from './words/model.js';

export interface UpdateIndexRequest {
  location: StoreLocation;
}

/**
 * Brings the index up to date, so that whoever asks it next need not wait.
 * @throws PhlbError `cancelled` between two snapshots, and as `openStoreToRead`
 */
export async function updateIndex({ location }: UpdateIndexRequest, context: Context): Promise<void> {
  await readIndex(openStoreToRead(location), context, () => undefined);
}
