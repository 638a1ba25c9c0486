/** Whether what stands at a path can be saved and then be replaced. */
import { constants } from 'node:fs';
import { reason, refusalCode } from '../words/errors.js';
import type { HeldFolder } from '../files/held-folder.js';
import { join } from '../words/names.js';
import type { Refusal } from './target-capabilities.js';
import { maySet } from './metadata.js';
import { seenOf, type Removal, type Seen } from './plan.js';
import { isStoreFolder, type Target } from './target.js';

/** Why a file or link there cannot be saved first; `undefined`: it can. */
export function whyNotSaved(held: HeldFolder, path: string, { kind }: Seen): Refusal | undefined {
  if (kind === 'link') return undefined;
  if (kind !== 'file') return { code: 'ESPECIAL', message: 'A special file is there, which cannot be saved first' };
  return tryAccess(
    () => held.access(path, constants.R_OK),
    'What is there cannot be read, so it cannot be saved first',
  );
}

/** Why names cannot be put into a folder that exists, or taken out of it; `undefined`: they can. */
export function whyNotWritten(held: HeldFolder, folder: string): Refusal | undefined {
  const needed = constants.W_OK | constants.X_OK;
  const refusal = tryAccess(() => held.accessFolder(folder, needed), 'Its folder cannot be written to');
  // The writer gives itself the permission for a while.
  return refusal?.code === 'EACCES' && maySet(Number(held.lstat(folder).uid)) ? undefined : refusal;
}

/** All below a folder that is to be replaced by something else, deepest first, or why it has to stay. */
export function collectBelow(target: Target, path: string): Removal[] | Refusal {
  const { held } = target;
  const found: Removal[] = [];
  const visit = (folder: string, device: bigint): Refusal | undefined => {
    const locked = whyNotWritten(held, folder);
    if (locked) return locked;
    for (const name of held.names(folder)) {
      const child = join(folder, name);
      const stat = held.lstat(child);
      const refusal = isStoreFolder(target, child, stat)
        ? { code: 'EEXIST', message: 'A folder with the backup location is in its place' }
        : stat.isDirectory()
          ? stat.dev === device
            ? visit(child, device)
            : { code: 'EXDEV', message: 'A folder with another file system is in its place' }
          : whyNotSaved(held, child, seenOf(stat));
      if (refusal) return refusal;
      found.push({ path: child, seen: seenOf(stat) });
    }
    return undefined;
  };
  try {
    const stat = held.lstat(path);
    if (isStoreFolder(target, path, stat)) return { code: 'EEXIST', message: 'The backup location is in its place' };
    return visit(path, stat.dev) ?? found;
  } catch (error) {
    return refusalOf(error, 'The folder in its place cannot be read');
  }
}

function tryAccess(access: () => void, message: string): Refusal | undefined {
  try {
    access();
    return undefined;
  } catch (error) {
    return refusalOf(error, message);
  }
}

function refusalOf(error: unknown, message: string): Refusal {
  const code = refusalCode(error);
  return { code, message: `${message} (${reason(error)})` };
}
