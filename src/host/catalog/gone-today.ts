import { lstat } from 'node:fs/promises';
import { passAllButRefusals, errno } from '../../engine/words/errors.js';
import { fsPath, join } from '../../engine/words/names.js';

/** Whether nothing is there any more. Of what cannot be looked at nothing is said. @param root absolute @param path relative to it */
export async function isGoneToday({ root, path }: { root: string; path: string }): Promise<boolean> {
  try {
    await lstat(fsPath(join(root, path)));
    return false;
  } catch (error) {
    passAllButRefusals(error);
    const code = errno(error);
    return code === 'ENOENT' || code === 'ENOTDIR';
  }
}
