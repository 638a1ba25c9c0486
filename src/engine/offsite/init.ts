import type { Context } from '../threads/context.js';
import type { OffsiteInitResult, OffsiteRequest } from './model.js';
import { makeRepository } from './repository.js';
import { Restic } from './restic.js';

/** Makes a repository, unless there is one. @throws PhlbError `usage`, `offsite`, `cancelled` */
export async function offsiteInit({ target }: OffsiteRequest, context: Context): Promise<OffsiteInitResult> {
  const restic = await Restic.open(target, context);
  return { repository: restic.shown, created: await makeRepository(restic) };
}
