/** What `--delete` removes: what the snapshot does not hold although its rules would have stored it. */
import type { Context } from '../threads/context.js';
import { isCancelled } from '../words/call.js';
import { PhlbError, reason, refusalCode } from '../words/errors.js';
import type { LeftOut } from '../run/left-out.js';
import type { PathError, RulesInForce } from '../words/model.js';
import { dirname, join } from '../words/names.js';
import { scanDirectory } from '../scan/directory.js';
import { noScanTally, type DirectoryScan, type ScanContext } from '../scan/scan.js';
import { ignoreFileNames, IgnoreMatcher, type IgnoreFile } from '../scan/ignore-files.js';
import { KernelFileSystems } from '../scan/kernel-file-systems.js';
import { compileGlobs } from '../scan/rules.js';
import { parseEntry, type Entry } from '../store/manifest.js';
import { foldCase } from './abilities.js';
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
  private readonly scan: ScanContext;
  private visited = 0;

  constructor(
    private readonly request: DeletionRequest,
    private readonly context: Context,
  ) {
    const { target, rules, entries } = request;
    for (const { path, type } of entries) this.held.set(this.key(path), type);
    this.scan = {
      source: target.held,
      tree: null,
      previous: null,
      globs: compileGlobs(rules.exclude),
      ignores: new IgnoreMatcher(rules.ignoreFiles),
      ignoreFileNames: ignoreFileNames(rules),
      obeysTags: rules.ignoreFiles !== 'none',
      maxFileSize: rules.maxFileSize ?? Infinity,
      device: target.stat?.dev ?? 0n,
      // Never on another file system, whether or not it was backed up from there.
      oneFileSystem: true,
      leaveOut: target.leaveOut ?? null,
      storeFolders: target.storeFolders,
      kernel: new KernelFileSystems(target.held),
      only: null,
      racyFrom: 0n,
      trustCtime: false,
      trustInode: false,
      trustMoves: false,
      checksum: false,
      hardlinks: false,
      linkTimes: false,
      reads: { read: () => undefined },
      putTimeBack: () => undefined,
      damaged: new Map(),
      direct: null,
    };
  }

  /** Returns whether all in the folder goes. */
  async visit(folder: string, above: IgnoreFile[]): Promise<boolean> {
    if (++this.visited % 64 === 0) await breathe();
    if (isCancelled(this.context)) throw PhlbError.cancelled();
    const { leadsToWanted, wants, leftOut } = this.request;
    const tally = noScanTally();
    const scan = scanDirectory(
      this.scan,
      { path: folder, mode: 0, mtime: 0, previous: null, ignoreFiles: above },
      tally,
    );
    if (wants(folder)) this.errors.push(...tally.errors);
    let emptied = tally.excluded.length === 0 && tally.errors.length === 0;
    const folders = new Map(scan.directories.map(({ name, ignoreFiles }) => [join(folder, name), ignoreFiles]));
    for (const entry of entriesOf(scan)) {
      const { path } = entry;
      const held = this.held.get(this.key(path));
      const inside = folders.get(path);
      if (held !== undefined) {
        emptied = false;
        // A folder in the place of something else is replaced as a whole, or stays.
        if (inside && held === 'dir' && leadsToWanted(path)) await this.visit(path, inside);
      } else if (!wants(path) || leftOut.has(entry)) emptied = false;
      else emptied = (!inside || (await this.visit(path, inside))) && this.remove(path) && emptied;
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

// What the rules let through, in the order of the walk.
function entriesOf({ path, lines, pending }: DirectoryScan): Entry[] {
  const files = new Map(pending.map(file => [file.at, file]));
  const each = typeof lines === 'string' ? lines.split('\n').slice(0, -1) : (lines ?? []);
  return each.flatMap((line, at) => {
    const file = files.get(at);
    const entry: Entry | undefined = file
      ? { path: join(path, file.name), type: 'file', mode: 0, uid: 0, gid: 0, size: file.size, mtime: 0n }
      : parseEntry(line);
    return entry ? [entry] : [];
  });
}
