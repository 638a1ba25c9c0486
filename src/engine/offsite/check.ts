import { openStoreToRead } from '../store/root.js';
import type { Context } from '../threads/context.js';
import { textOf, phrase } from '../words/phrase.js';
import { isCancelled } from '../words/call.js';
import { PhlbError } from '../words/errors.js';
import type { OffsiteCheckRequest, OffsiteCheckResult } from './model.js';
import { readRemembered, writeRemembered } from './remembered.js';
import { noCopies, readCopies, repositorySize } from './repository.js';
import { FAILED, Restic, watched } from './restic.js';

/**
 * Has restic check the repository: by default all of its data is read and compared with its hashes.
 * @throws PhlbError `notFound`, `unreachable`, `usage`; `offsite` where the repository cannot be reached; `cancelled`
 */
export async function offsiteCheck(request: OffsiteCheckRequest, context: Context): Promise<OffsiteCheckResult> {
  const { location, target, quick = false } = request;
  const store = openStoreToRead(location);
  const restic = await Restic.open(target, context);
  const copies = (await readCopies(restic)).get(store.id) ?? noCopies();
  context.onProgress({ phase: 'asking', files: 0, bytes: 0, detail: phrase`restic checks the repository` });
  const { status, complaints } = await restic.run(['check', '--json', ...(quick ? [] : ['--read-data'])], {
    ...watched(),
    accepts: [FAILED],
  });
  if (isCancelled(context)) throw PhlbError.cancelled();
  // A server that has gone meanwhile is no damage.
  if (status === FAILED) await restic.answers();
  const errors =
    status === FAILED ? complaints.map(({ message }) => ({ path: restic.shown, code: 'EDAMAGED', message })) : [];
  const bytes = await repositorySize(restic);
  const known = readRemembered(location.state, store.id, restic.id);
  const lastCheck = new Date().toISOString();
  writeRemembered(location.state, store.id, restic.id, {
    ...known,
    copies: [...copies.trees.keys()],
    bytes,
    lastCheck,
  });
  const notes = errors.length === 0 ? [] : [textOf(WHAT_TO_DO)];
  return { repository: restic.shown, copies: copies.trees.size, bytes, errors, notes };
}

const WHAT_TO_DO = phrase`What is damaged there can be sent again: restic's "repair packs" and "repair snapshots" take it out, and the next push copies what is missing`;
