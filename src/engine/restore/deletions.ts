/** What `--delete` removes: what the snapshot does not hold although its rules would have stored it. */
import type { Context } from '../threads/context.js';
import { isCancelled } from '../words/call.js';
import { PhlbError, reason, refusalCode } from '../words/errors.js';
import type { LeftOut } from '../run/left-out.js';
import type { PathError, RulesInForce } from '../words/model.js';
import { dirname } from '../words/names.js';
import { outlineOf } from '../scan/entries.js';
import type { IgnoreFile } from '../scan/ignore-files.js';
import { DirectoryWalk, noWalkTally, prepareWalk, type Walk } from '../scan/walk-directory.js';
import type { Entry } from '../store/manifest.js';
import { foldCase } from './target-capabilities.js';
import { whyNotSaved, whyNotWritten } from './conflicts.js';
import { breathe } from './planner.js';
import { seenOf, type Removal } from './plan.js';
import type { Target } from './target.js';

export interface DeletionRequest {
  target: Target;
  rules: RulesInForce;
  /** all that the snapshot holds, wanted or not */
  entries: Iterable<Entry>;
  /** whether something below this path is wanted, or the path is on the way there */
  leadsToWanted: (path: string) => boolean;
  wants: (path: string) => boolean;
  /** judges by the snapshot's own ignore files and errors, which may be others than those of today */
  leftOut: LeftOut;
  /** names that differ in case only are one there */
  folds: boolean;
}

/** Returns what goes, what is in a folder before the folder, and what cannot be looked at. @throws PhlbError `cancelled` */
export async function planDeletions(
  request: DeletionRequest,
  context: Context,
): Promise<{ removals: Removal[]; errors: PathError[] }> {
  if (!request.target.stat) return { removals: [], errors: [] };
  const search = new Search(request, context);
  await search.visit('', []);
  const { removals, errors } = search;
  return { removals, errors };
}

class Search {
  readonly removals: Removal[] = [];
  readonly errors: PathError[] = [];
  private readonly held = new Map<string, Entry['type']>();
  private readonly walk: Walk;
  private visited = 0;

  constructor(
    private readonly request: DeletionRequest,
    private readonly context: Context,
  ) {
    const { target, rules, entries } = request;
    for (const { path, type } of entries) this.held.set(this.key(path), type);
    this.walk = prepareWalk(target.held, {
      device: target.stat?.dev ?? 0n,
      // Never on another file system, whether or not it was backed up from there.
      rules: { ...rules, oneFileSystem: true },
      only: null,
      leaveOut: target.leaveOut ?? null,
      storeFolders: target.storeFolders,
    });
  }

  /** Returns whether all in the folder goes. */
  async visit(folder: string, above: IgnoreFile[]): Promise<boolean> {
    if (++this.visited % 64 === 0) await breathe();
    if (isCancelled(this.context)) throw PhlbError.cancelled();
    const { leadsToWanted, wants, leftOut } = this.request;
    const tally = noWalkTally();
    const walk = new DirectoryWalk(this.walk, { path: folder, ignoreFiles: above }, tally);
    const entries: Entry[] = [];
    walk.showTo({
      visit: (_name, path, _type, stat) => {
        // One that cannot be read cannot be saved first.
        if (stat.isSymbolicLink()) this.walk.source.readlink(path);
        entries.push(outlineOf(path, stat));
      },
    });
    if (wants(folder)) this.errors.push(...tally.errors);
    let emptied = tally.excluded.length === 0 && tally.errors.length === 0;
    for (const entry of entries) {
      const { path } = entry;
      const held = this.held.get(this.key(path));
      const isFolder = entry.type === 'dir';
      if (held !== undefined) {
        emptied = false;
        // A folder in the place of something else is replaced as a whole, or stays.
        if (isFolder && held === 'dir' && leadsToWanted(path)) await this.visit(path, walk.ignoreFiles);
      } else if (!wants(path) || leftOut.has(entry)) emptied = false;
      else emptied = (!isFolder || (await this.visit(path, walk.ignoreFiles))) && this.remove(path) && emptied;
    }
    return emptied;
  }

  private remove(path: string): boolean {
    const { held } = this.request.target;
    try {
      const seen = seenOf(held.lstat(path));
      const refusal =
        (seen.kind === 'dir' ? undefined : whyNotSaved(held, path, seen)) ?? whyNotWritten(held, dirname(path));
      if (!refusal) this.removals.push({ path, seen });
      // Special files are recorded only, so they are none of those that a snapshot stores.
      else if (seen.kind !== 'special') this.errors.push({ path, ...refusal });
      return !refusal;
    } catch (error) {
      const code = refusalCode(error);
      this.errors.push({ path, code, message: reason(error) });
      return false;
    }
  }

  private key(path: string): string {
    return this.request.folds ? foldCase(path) : path;
  }
}
