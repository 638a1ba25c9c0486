/** Which repositories an undo takes back: those that have not moved on since the restore. */
import { unlessRefused } from '../words/errors.js';
import type { HeldFolder } from '../files/held-folder.js';
import { join } from '../words/names.js';
import { isAtOrBelow, repositoryOf } from '../words/repositories.js';
import type { Entry } from '../store/manifest.js';
import type { RestoreNote } from '../store/restore-note.js';
import { readFile } from '../transfer/read-file.js';
import type { Plan } from './plan.js';

export interface Restored {
  note: Pick<RestoreNote, 'created' | 'overwritten' | 'deleted'>;
  /** the file system's clock just before the restore, nanoseconds */
  since: bigint;
  /** what the snapshot that was restored holds; nothing, if it has gone */
  entries: Iterable<Entry>;
}

// Whatever says which commits there are, in the repository itself and in those of its submodules and worktrees.
const HISTORY = /(^|\/)(HEAD|packed-refs|refs\/.*|reftable\/.*)$/;
const OBJECTS = /(^|\/)objects\//;
/** Large, or of no branch. */
const PASSED_OVER = new Set(['objects', 'logs', 'hooks', 'info', 'lfs']);

/**
 * The repositories that an undo would change and that stand as the restore left them: with the heads and refs that it
 * wrote, no later ones, and all that it created unchanged. The others have commits that the undo would lose. The index
 * alone says nothing, since `git status` writes it.
 */
export function repositoriesAsRestored(plan: Plan, restored: Restored): Set<string> {
  const changes = [
    ...plan.steps.filter(({ action }) => action !== 'keep' && action !== 'times').map(({ entry }) => entry.path),
    ...plan.steps.flatMap(({ below }) => below).map(({ path }) => path),
    ...plan.removals.map(({ path }) => path),
  ];
  const repositories = new Set(changes.flatMap(path => repositoryOf(path, plan.folds) ?? []));
  const asRestored = [...repositories].filter(repository => {
    if (plan.errors.some(({ path }) => isAtOrBelow(path, repository))) return false;
    const own = changes.filter(path => isAtOrBelow(path, repository));
    const moves = own.some(path => path === repository || HISTORY.test(path) || OBJECTS.test(path));
    return !moves || new History(plan.target.held, repository, restored).isAsRestored();
  });
  return new Set(asRestored);
}

class History {
  /** what the restore wrote, and what it removed */
  private readonly written: ReadonlyMap<string, Entry | undefined>;

  constructor(
    private readonly target: HeldFolder,
    private readonly repository: string,
    private readonly restored: Restored,
  ) {
    const { note, entries } = restored;
    const isOwn = (path: string): boolean => isAtOrBelow(path, repository);
    const touched = [...note.created.map(({ path }) => path), ...note.overwritten, ...note.deleted].filter(isOwn);
    const written = new Map<string, Entry | undefined>(touched.map(path => [path, undefined]));
    for (const entry of entries) if (written.has(entry.path)) written.set(entry.path, entry);
    this.written = written;
  }

  isAsRestored(): boolean {
    // What cannot be looked at may have moved on.
    return unlessRefused(() => this.isSame(this.repository)) ?? false;
  }

  private isSame(path: string): boolean {
    const stat = this.target.find(path);
    if (!stat) return true;
    const inside = path.slice(this.repository.length + 1);
    if (stat.isDirectory()) {
      return this.target.names(path).every(name => PASSED_OVER.has(name) || this.isSame(join(path, name)));
    }
    if (inside !== '' && !HISTORY.test(inside)) return true;
    if (!this.written.has(path)) return stat.mtimeNs <= this.restored.since;
    const entry = this.written.get(path);
    if (stat.isSymbolicLink()) return this.target.readlink(path) === entry?.target;
    return stat.isFile() && readFile(this.target.open(path), () => false).sha256 === entry?.sha256;
  }
}
