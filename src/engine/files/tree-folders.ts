import { lstatSync } from 'node:fs';
import { passUnforeseen } from '../words/errors.js';
import { dirname, fsPath, join } from '../words/names.js';

/**
 * Which paths of a tree are folders all the way down, so that what is looked up below them is the tree's own: a folder
 * that somebody has replaced by a symlink is not one. Each is looked at once.
 */
export class TreeFolders {
  private readonly known = new Map<string, boolean>();

  constructor(private readonly tree: string) {}

  has(path: string): boolean {
    const known = this.known.get(path);
    if (known !== undefined) return known;
    const is = (path === '' || this.has(dirname(path))) && isFolder(join(this.tree, path));
    this.known.set(path, is);
    return is;
  }
}

function isFolder(path: string): boolean {
  try {
    return lstatSync(fsPath(path)).isDirectory();
  } catch (error) {
    passUnforeseen(error);
    return false;
  }
}
