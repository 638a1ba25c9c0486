/** The target's folders while they are written into. */
import { passAllButRefusals, unlessRefused } from '../words/errors.js';
import type { HeldFolder } from '../files/held-folder.js';
import type { OwnEntry } from '../files/ways-in.js';
import { syncFileSystem } from '../files/sync-file-system.js';
import { maySet, setOnEntry } from './metadata.js';
import type { Step } from './plan.js';
import { RefusedError } from './refused-error.js';

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

  constructor(private readonly target: HeldFolder) {}

  /** Makes sure that a folder is one, and can be written: a symlink put there since the plan is not followed. */
  open(folder: string): void {
    this.touched.add(folder);
    if (this.safe.has(folder)) return;
    this.within(folder, own => {
      const stat = own.stat();
      if (!stat.isDirectory()) throw new RefusedError('ELOOP', 'something above it is not a folder');
      const mode = Number(stat.mode & 0o7777n);
      if ((mode & 0o300) !== 0o300 && maySet(Number(stat.uid)) && process.getuid?.() !== 0) {
        own.chmod(mode | 0o700);
        this.opened.set(folder, mode);
      }
    });
    this.safe.add(folder);
  }

  /** Has each folder looked at once more before it is written into again. */
  distrust(): void {
    this.safe.clear();
    this.target.rest();
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
        if (!this.target.find(path)) return;
        this.target.change(path, own => {
          if (own.stat().isDirectory()) setOnEntry(own, entry);
        });
      });
    }
    for (const [path, mode] of this.opened) {
      attempt(path, () => this.within(path, own => own.chmod(mode)));
    }
  }

  /** Flushes the names that were made and removed. */
  flush(attempt: Attempt): void {
    if (this.touched.size >= MANY && syncFileSystem(this.target.id.path)) return;
    for (const path of this.touched) {
      attempt(path, () => {
        // Removed or replaced since, or with a mode by now that does not let it be opened.
        unlessRefused(() => this.target.syncFolder(path), 'ENOENT', 'ENOTDIR', 'EACCES');
      });
    }
  }

  private within(folder: string, act: (own: OwnEntry) => void): void {
    try {
      this.target.change(folder, act);
    } catch (error) {
      passAllButRefusals(error, 'ENOTDIR');
      throw new RefusedError('ELOOP', 'something above it is not a folder');
    }
  }
}
