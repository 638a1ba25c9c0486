import type { Context } from '../threads/context.js';
import type { OffsiteRequest, OffsiteStoresResult } from './model.js';
import { readCopies } from './repository.js';
import { Restic } from './restic.js';

/** Of which backup locations a repository holds copies. @throws PhlbError as `offsiteStatus`, but needs no store here */
export async function offsiteStores({ target }: OffsiteRequest, context: Context): Promise<OffsiteStoresResult> {
  const restic = await Restic.open(target, context);
  const stores = [...(await readCopies(restic))].map(([id, { trees, last }]) => ({
    ...{ id, copies: trees.size, last },
    sources: [...new Set([...trees.values()].map(copy => copy.id.name))].toSorted(),
  }));
  return { repository: restic.shown, stores };
}
