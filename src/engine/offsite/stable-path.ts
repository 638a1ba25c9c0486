import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { passAllButRefusals } from '../words/errors.js';
import { makeFolder } from '../files/make-folder.js';
import { remove } from '../files/remove.js';
import { rename } from '../files/rename.js';

/**
 * One path for all snapshots of a source, so that restic's own lists show them as one: a symlink that leads to the tree at
 * hand. restic takes the path of its working folder from `PWD` if that leads there.
 */
export class StablePath {
  private folder = '';

  /** @param folder of PHLB's own, where the links are */
  constructor(private readonly links: string) {}

  /** What a restic is to be started with. Without symlinks it gets the folder itself. */
  to(name: string, folder: string): { cwd: string; env: Record<string, string> } {
    this.folder = folder;
    if (process.platform === 'win32') return { cwd: folder, env: {} };
    const link = join(this.links, name);
    const draft = `${link}.${randomBytes(4).toString('hex')}`;
    try {
      makeFolder(this.links);
      symlinkSync(folder, draft);
      rename(draft, link);
    } catch (error) {
      passAllButRefusals(error);
      remove(draft);
      return { cwd: folder, env: {} };
    }
    this.folder = link;
    return { cwd: link, env: { PWD: link } };
  }

  /** What restic says of a file, relative to that folder. */
  below(item: string): string {
    return item.startsWith(`${this.folder}/`) ? item.slice(this.folder.length + 1) : item;
  }
}
