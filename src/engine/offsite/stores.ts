import type { Context } from '../threads/context.js';
import type { OffsiteRequest, OffsiteStoresResult } from './model.js';
import { readCopies, sourcesOf } from './repository.js';
import { Restic } from './restic.js';

/** Of which backup locations a repository holds copies. @throws PhlbError as `offsiteStatus`, but needs no store here */
export async function offsiteStores({ target }: OffsiteRequest, context: Context): Promise<OffsiteStoresResult> {
  const restic = await Restic.open(target, context);
  const stores = [...(await readCopies(restic))].map(([id, copies]) => ({
    ...{ id, sources: sourcesOf(copies), copies: copies.trees.size, last: copies.last },
  }));
  return { repository: restic.shown, stores };
}
