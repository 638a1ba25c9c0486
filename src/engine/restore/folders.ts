/** The target's folders while they are written into. */
import * as fs from 'node:fs';
import { errno } from '../errors.js';
import { fsPath, join } from '../names.js';
import { syncDirectory } from '../store/durable.js';
import { syncFileSystem } from '../store/sync-file-system.js';
import { maySet, setOnPath } from './metadata.js';
import type { Step } from './plan.js';
import { RefusedError } from './refused-error.js';
import { parentsOf } from './select.js';

/** From here on one `syncfs` is cheaper than flushing one by one. */
export const MANY = 8;

/** Does something for a path, and names the path if the system refuses. */
type Attempt = (path: string, act: () => void) => void;

export class Folders {
  /** known to be real ones since the last batch */
  private readonly safe = new Set<string>();
  /** given write permission for a while, with the mode that they had */
  private readonly opened = new Map<string, number>();
  /** something was done in them */
  private readonly touched = new Set<string>();

  constructor(private readonly target: string) {}

  /** Makes sure that a folder is one, and can be written: a symlink put there since the plan is not followed. */
  open(folder: string): void {
    this.touched.add(folder);
    if (this.safe.has(folder)) return;
    for (const part of [folder, ...parentsOf(folder)]) {
      if (part === '' || this.safe.has(part)) continue;
      if (!fs.lstatSync(fsPath(join(this.target, part))).isDirectory()) {
        throw new RefusedError('ELOOP', 'it lies behind what is no folder');
      }
    }
    const name = fsPath(join(this.target, folder));
    const { mode, uid } = fs.statSync(name);
    if ((mode & 0o300) !== 0o300 && maySet(uid) && process.getuid?.() !== 0) {
      fs.chmodSync(name, (mode & 0o7777) | 0o700);
      this.opened.set(folder, mode & 0o7777);
    }
    this.safe.add(folder);
  }

  /** Has each folder looked at once more before it is written into again. */
  distrust(): void {
    this.safe.clear();
  }

  removed(folder: string): void {
    this.opened.delete(folder);
  }

  /** Gives folders their modes and times, deepest first: writing into one changes its time. */
  settle(steps: readonly Step[], attempt: Attempt): void {
    const own = steps.filter(({ entry, settles }) => entry.type === 'dir' && settles);
    for (const { entry, action } of own.reverse()) {
      const { path } = entry;
      if (action === 'keep' && !this.touched.has(path)) continue;
      this.opened.delete(path);
      attempt(path, () => {
        const name = join(this.target, path);
        const look = path === '' ? fs.statSync : fs.lstatSync;
        if (look(fsPath(name), { throwIfNoEntry: false })?.isDirectory()) setOnPath(name, entry);
      });
    }
    for (const [path, mode] of this.opened) {
      attempt(path, () => fs.chmodSync(fsPath(join(this.target, path)), mode));
    }
  }

  /** Flushes the names that were made and removed. */
  flush(attempt: Attempt): void {
    if (this.touched.size >= MANY && syncFileSystem(this.target)) return;
    for (const path of this.touched) {
      attempt(path, () => {
        try {
          syncDirectory(fsPath(join(this.target, path)));
        } catch (error) {
          // Removed or replaced since, or with a mode by now that does not let it be opened.
          if (!['ENOENT', 'ENOTDIR', 'EACCES'].includes(errno(error) ?? '')) throw error;
        }
      });
    }
  }
}
