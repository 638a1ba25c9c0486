/** Whether what stands at a path can be saved and then be replaced. */
import { accessSync, constants, lstatSync, readdirSync } from 'node:fs';
import { errno, reason } from '../errors.js';
import { fsPath, join, nameFromBuffer } from '../names.js';
import type { Refusal } from './abilities.js';
import { maySet } from './metadata.js';
import { seenOf, type Removal, type Seen } from './plan.js';
import { isStoreFolder, type Target } from './target.js';

/** Why a file or link there cannot be saved first; `undefined`: it can. */
export function whyNotSaved(path: string, { kind }: Seen): Refusal | undefined {
  if (kind === 'link') return undefined;
  if (kind !== 'file') return { code: 'ESPECIAL', message: 'A special file is there, which cannot be saved first' };
  return tryAccess(path, constants.R_OK, 'What is there cannot be read, so it cannot be saved first');
}

/** Why names cannot be put into a folder that exists, or taken out of it; `undefined`: they can. */
export function whyNotWritten(folder: string): Refusal | undefined {
  const refusal = tryAccess(folder, constants.W_OK | constants.X_OK, 'Its folder cannot be written');
  // The writer gives itself the permission for a while.
  return refusal?.code === 'EACCES' && maySet(Number(lstatSync(fsPath(folder), { bigint: true }).uid))
    ? undefined
    : refusal;
}

/** All below a folder that is to be replaced by something else, deepest first, or why it has to stay. */
export function collectBelow(target: Target, path: string): Removal[] | Refusal {
  const found: Removal[] = [];
  const visit = (folder: string, device: bigint): Refusal | undefined => {
    const full = join(target.path, folder);
    const locked = whyNotWritten(full);
    if (locked) return locked;
    for (const name of readdirSync(fsPath(full), { encoding: 'buffer' }).map(nameFromBuffer)) {
      const child = join(folder, name);
      const stat = lstatSync(fsPath(join(full, name)), { bigint: true });
      const refusal = isStoreFolder(target, child, stat)
        ? { code: 'EEXIST', message: 'A folder with the backup location is in its place' }
        : stat.isDirectory()
          ? stat.dev === device
            ? visit(child, device)
            : { code: 'EXDEV', message: 'A folder with another file system is in its place' }
          : whyNotSaved(join(full, name), seenOf(stat));
      if (refusal) return refusal;
      found.push({ path: child, seen: seenOf(stat) });
    }
    return undefined;
  };
  try {
    const stat = lstatSync(fsPath(join(target.path, path)), { bigint: true });
    if (isStoreFolder(target, path, stat)) return { code: 'EEXIST', message: 'The backup location is in its place' };
    return visit(path, stat.dev) ?? found;
  } catch (error) {
    return refusalOf(error, 'The folder in its place cannot be read');
  }
}

function tryAccess(path: string, mode: number, message: string): Refusal | undefined {
  try {
    accessSync(fsPath(path), mode);
    return undefined;
  } catch (error) {
    return refusalOf(error, message);
  }
}

function refusalOf(error: unknown, message: string): Refusal {
  const code = errno(error);
  if (code === undefined) throw error;
  return { code, message: `${message} (${reason(error)})` };
}
