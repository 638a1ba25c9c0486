/** What the rules of a walk let through, told path by path, without a walk. */
import { constants, type BigIntStats } from 'node:fs';
import { unlessRefused } from '../words/errors.js';
import { basename, dirname } from '../words/names.js';
import { readIgnoreFiles, type IgnoreFile } from './ignore-files.js';
import { excludedBy, type Walk } from './walk-directory.js';

const { S_IFMT, S_IFDIR } = constants;

interface Folder {
  isOut: boolean;
  /** those that hold in it, outermost first */
  ignoreFiles: IgnoreFile[];
}

/** Looks at each folder on the way once, so it is for one moment. */
export class SinglePaths {
  private readonly folders = new Map<string, Folder>();

  constructor(private readonly walk: Walk) {}

  /** Of what is gone it is not known whether it was a folder: it is left out if it would be as either. */
  letsThrough(path: string): boolean {
    if (path === '') return true;
    const { isOut, ignoreFiles } = this.folder(dirname(path));
    return !isOut && !this.leavesOut(path, ignoreFiles, this.find(path));
  }

  private folder(path: string): Folder {
    let folder = this.folders.get(path);
    if (!folder) this.folders.set(path, (folder = this.look(path)));
    return folder;
  }

  private look(path: string): Folder {
    const above = path === '' ? { isOut: false, ignoreFiles: [] } : this.folder(dirname(path));
    if (above.isOut) return above;
    const stat = this.find(path);
    const isFolder = stat !== undefined && (Number(stat.mode) & S_IFMT) === S_IFDIR;
    const isOut = path !== '' && this.leavesOut(path, above.ignoreFiles, stat);
    const own = isFolder && !isOut ? this.ignoreFilesIn(path) : [];
    return { isOut, ignoreFiles: own.length > 0 ? [...above.ignoreFiles, ...own] : above.ignoreFiles };
  }

  private leavesOut(path: string, ignoreFiles: readonly IgnoreFile[], stat: BigIntStats | undefined): boolean {
    const { walk } = this;
    const name = basename(path);
    if (stat) return excludedBy(walk, ignoreFiles, path, name, Number(stat.mode) & S_IFMT, stat) !== undefined;
    return [false, true].some(
      isDirectory =>
        walk.globs(path, name, isDirectory) !== undefined ||
        (ignoreFiles.length > 0 && walk.ignores.match(ignoreFiles, path, isDirectory) !== undefined),
    );
  }

  private ignoreFilesIn(path: string): IgnoreFile[] {
    const { source, ignoreFileNames: wanted } = this.walk;
    return readIgnoreFiles(file => source.open(file), path, wanted, wanted);
  }

  private find(path: string): BigIntStats | undefined {
    return unlessRefused(() => this.walk.source.lstat(path));
  }
}
