import { lstatSync, readdirSync } from 'node:fs';
import { passAllButRefusals } from '../words/errors.js';
import { basename, dirname, fsPath, join, nameFromBuffer } from '../words/names.js';

/** What stands in a folder on disk right now, by exact name and never through a symlink. Reads each folder once. */
export class OnDisk {
  /** `undefined`: cannot be told */
  private readonly names = new Map<string, ReadonlySet<string> | undefined>();

  constructor(private readonly folder: string) {}

  /** @param path relative; returns `undefined` where it cannot be told, as in a folder that may not be read */
  has(path: string): boolean | undefined {
    if (path === '') return this.namesIn('') !== undefined;
    return this.namesIn(dirname(path))?.has(basename(path));
  }

  private namesIn(dir: string): ReadonlySet<string> | undefined {
    if (!this.names.has(dir)) this.names.set(dir, this.read(dir));
    return this.names.get(dir);
  }

  private read(dir: string): ReadonlySet<string> | undefined {
    const full = fsPath(join(this.folder, dir));
    try {
      if (dir !== '') {
        const there = this.has(dir);
        if (there === undefined) return undefined;
        // Asked only once the name is known to stand there: other spellings may lead to it as well.
        if (!there || !lstatSync(full).isDirectory()) return new Set();
      }
      return new Set(readdirSync(full, { encoding: 'buffer' }).map(nameFromBuffer));
    } catch (error) {
      passAllButRefusals(error);
      return undefined;
    }
  }
}
