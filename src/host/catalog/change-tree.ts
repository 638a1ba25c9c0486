import type { Change, ChangeKind } from '../../engine/index/changes.js';
import type { EntryType } from '../../engine/words/model.js';
import { basename, dirname } from '../../engine/words/names.js';
import { repositoryOf } from '../../engine/words/repositories.js';
import { TimeSlices } from '../editor/time-slices.js';

/** What a path is marked with. Another mode, owner or time alone is no mark: nobody looks for that. */
export type Mark = Exclude<ChangeKind, 'metadata'>;

/** A changed path, or a folder that holds some. */
export interface ChangedEntry {
  /** relative to the source */
  path: string;
  type: EntryType;
  /** `undefined`: a folder that is there in both, with changes below */
  mark: Mark | undefined;
  /** of a moved file: where it was */
  from: string | undefined;
  /** whether anything below has changed */
  hasBelow: boolean;
}

interface Item {
  change?: Change;
  /** full paths */
  below: string[];
}

/** The changes between two snapshots by path, as a tree. What git does to its own files is not among them. */
export class ChangeTree {
  private readonly items = new Map<string, Item>();
  /** how many files and links there are of each mark */
  readonly counts: Record<Mark, number> = { added: 0, modified: 0, moved: 0, removed: 0, unstored: 0 };

  private constructor(
    /** how many changes there are beyond those in here */
    readonly rest: number,
    /** how many files and folders have got another mode, owner or time only */
    readonly metadata: number,
    /** how many changes there are in git repositories */
    readonly inRepositories: number,
  ) {}

  /** @param total how many changes there are; `changes` may be the first of them only, those of repositories last */
  static async build(changes: readonly Change[], total: number): Promise<ChangeTree> {
    const slices = new TimeSlices();
    const own = changes.filter(({ path }) => repositoryOf(path) === undefined);
    const metadata = own.filter(({ change }) => change === 'metadata').length;
    const rest = Math.max(0, total - changes.length);
    const inRepositories = changes.length - own.length;
    // Where one of a repository is among the first, all that are missing are of repositories.
    const tree =
      inRepositories > 0 ? new ChangeTree(0, metadata, inRepositories + rest) : new ChangeTree(rest, metadata, 0);
    for (const change of own) {
      if (isShown(change)) {
        tree.item(change.path).change = change;
        if (change.type !== 'dir') tree.counts[change.change]++;
      }
      if (slices.isDue) await slices.rest();
    }
    return tree;
  }

  get isEmpty(): boolean {
    return this.items.size === 0;
  }

  /** What has become of a path that stands in the newer snapshot; `undefined`: nothing, nor of anything below it. */
  find(path: string): ChangedEntry | undefined {
    const item = this.items.get(path);
    return item && entryOf(path, item);
  }

  /** What has changed in a folder, or holds changes, in no order; what is gone since is among it. */
  entries(folder: string): ChangedEntry[] {
    return (this.items.get(folder)?.below ?? []).flatMap(path => {
      const item = this.items.get(path);
      if (!item) return [];
      const entry = entryOf(path, item);
      // A folder that a file has taken the place of: what it held is gone.
      const replaced = item.change !== undefined && item.change.type !== 'dir' && entry.hasBelow;
      return replaced ? [entry, { path, type: 'dir', mark: 'removed', from: undefined, hasBelow: true }] : [entry];
    });
  }

  private item(path: string): Item {
    const known = this.items.get(path);
    if (known) return known;
    const item: Item = { below: [] };
    this.items.set(path, item);
    if (path !== '') this.item(dirname(path)).below.push(path);
    return item;
  }
}

// Pipes, sockets and devices stand in the manifest only: there would be nothing to open.
function isShown(change: Change): change is Change & { change: Mark } {
  const { path, change: kind, type } = change;
  return path !== '' && kind !== 'metadata' && (type === 'file' || type === 'dir' || type === 'link');
}

/** Whether it is not in the newer snapshot. */
export function isGone(mark: Mark | undefined): mark is 'removed' | 'unstored' {
  return mark === 'removed' || mark === 'unstored';
}

/** Where a moved file was, as short as it can be told beside its name: the name alone if it is in the same folder. */
export function movedFrom(path: string, from: string): string {
  return dirname(path) === dirname(from) ? basename(from) : from;
}

function entryOf(path: string, { change, below }: Item): ChangedEntry {
  const mark = change?.change === 'metadata' ? undefined : change?.change;
  return { path, type: change?.type ?? 'dir', mark, from: change?.from, hasBelow: below.length > 0 };
}
