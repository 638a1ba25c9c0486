/** Making the plan of a restore: looks at the target, entry by entry, and writes nothing. */
import type { BigIntStats } from 'node:fs';
import type { Context } from '../threads/context.js';
import { isCancelled } from '../words/call.js';
import { PhlbError, reason, refusalCode } from '../words/errors.js';
import type { PathError } from '../words/model.js';
import { dirname, isSafeRelative } from '../words/names.js';
import type { Entry } from '../store/manifest.js';
import { hashFiles } from '../threads/hash-files.js';
import { findAbilities, type TargetCapabilities, type Refusal } from './target-capabilities.js';
import { collectBelow, whyNotSaved, whyNotWritten } from './conflicts.js';
import { groupOf, settleMatches, type Match } from './hardlinks.js';
import { compareMetadata, maySet } from './metadata.js';
import { seenOf, type Action, type Plan, type Step } from './plan.js';
import { isStoreFolder, type Target } from './target.js';

export interface PlanRequest {
  target: Target;
  /** in the manifest's order, with the folders on the way to what is wanted */
  entries: readonly Entry[];
  /** whether an entry is wanted itself; a folder on the way is only made where it is missing */
  wants: (path: string) => boolean;
  /** replace what differs */
  replace: boolean;
  /** symlinks that may give way to a folder: those that the restore which is taken back has put there */
  ownLinks?: ReadonlySet<string>;
  /** further names in the target that may hold the file of one of the entries: `groupOf` gives whose */
  twins?: readonly Entry[];
}

/** A file that may have the right content: its size is. */
interface Candidate extends Match {
  path: string;
  size: number;
}

/** A folder of the target, as what is below it needs to know. */
type Folder = 'new' | 'there' | 'blocked';

/** Lets timers run (the lock's heartbeat) in long loops. */
export function breathe(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve));
}

/** @throws PhlbError `cancelled` */
export async function planSteps(request: PlanRequest, context: Context): Promise<Plan> {
  return new Planner(request, context).plan();
}

class Planner {
  private steps: Step[] = [];
  private readonly errors: PathError[] = [];
  private readonly folders = new Map<string, Folder>();
  private readonly candidates: Candidate[] = [];
  private readonly writable = new Map<string, Refusal | undefined>();
  private readonly capabilities: TargetCapabilities;
  private readonly refused: ReadonlyMap<string, Refusal>;

  constructor(
    private readonly request: PlanRequest,
    private readonly context: Context,
  ) {
    const { target, entries } = request;
    ({ capabilities: this.capabilities, refused: this.refused } = findAbilities(target.held.outer(), entries));
    this.folders.set('', target.stat ? 'there' : 'new');
  }

  async plan(): Promise<Plan> {
    const { target, entries, twins = [] } = this.request;
    let seen = 0;
    for (const entry of entries) {
      if (++seen % 512 === 0) await this.pause(seen);
      this.look(entry);
    }
    const matches = await this.findMatches(twins);
    this.steps = this.steps.filter(step => this.isPossible(step));
    const homes: Plan['homes'] = new Map();
    for (const { step } of matches) {
      const { entry, action, seen } = step;
      const group = groupOf(entry);
      if (group === undefined || !seen || (action !== 'keep' && action !== 'metadata')) continue;
      homes.set(group, { path: entry.path, seen });
    }
    const { folds, timeStep } = this.capabilities;
    return { target, steps: this.steps, removals: [], homes, folds, timeStep, errors: this.errors, left: [] };
  }

  private look(entry: Entry): void {
    const { target } = this.request;
    const { path, type } = entry;
    const parent = path === '' ? this.folders.get('') : this.folders.get(dirname(path));
    if (parent === 'blocked' || parent === undefined) {
      if (type === 'dir') this.folders.set(path, 'blocked');
      else this.refuse(entry, { code: 'EBLOCKED', message: 'Its folder cannot be restored' });
      return;
    }
    if (path !== '' && !isSafeRelative(path)) {
      return this.refuse(entry, { code: 'EINVAL', message: 'This system cannot have a file with that name' });
    }
    const refusal = this.refused.get(path);
    if (refusal) return this.refuse(entry, refusal);
    try {
      const stat = path === '' ? target.stat : parent === 'new' ? undefined : target.held.find(path);
      if (path !== '' && isStoreFolder(target, path, stat)) {
        return this.refuse(entry, { code: 'EEXIST', message: 'The backup location is in its place' });
      }
      if (type === 'dir') this.folder(entry, stat);
      else if (type === 'file' || type === 'link') this.content(entry, stat);
      else this.special(entry, stat);
    } catch (error) {
      const code = refusalCode(error);
      this.refuse(entry, { code, message: reason(error) });
    }
  }

  private folder(entry: Entry, stat: BigIntStats | undefined): void {
    const { target, replace, wants, ownLinks } = this.request;
    const { path } = entry;
    if (stat?.isSymbolicLink() && !ownLinks?.has(path)) {
      return this.refuse(entry, { code: 'ELOOP', message: 'A symlink is in its place; nothing is written through it' });
    }
    if (stat && !stat.isDirectory() && !replace) {
      return this.refuse(entry, { code: 'EEXIST', message: 'Something that is not a folder is in its place' });
    }
    this.folders.set(path, stat?.isDirectory() ? 'there' : 'new');
    if (!stat?.isDirectory()) {
      const step = this.add(entry, stat, stat ? 'overwrite' : 'create', true);
      // Looked at here, since what is below depends on it.
      if (!this.isPossible(step)) {
        this.steps.pop();
        this.folders.set(path, 'blocked');
      }
      return;
    }
    const settles = wants(path) && replace && maySet(Number(stat.uid)) && (path !== '' || target.inPlace);
    const difference = settles ? compareMetadata(entry, stat, this.capabilities) : 'none';
    this.add(entry, stat, ({ none: 'keep', time: 'times', rights: 'metadata' } as const)[difference], settles);
  }

  // Of a file only: whether its content is right is found out for all of them together.
  private content(entry: Entry, stat: BigIntStats | undefined): void {
    const { target, replace } = this.request;
    if (!stat) return void this.add(entry, stat, 'create');
    if (stat.isDirectory()) {
      if (!replace) return this.refuse(entry, { code: 'EEXIST', message: 'A folder is in its place' });
      const below = collectBelow(target, entry.path);
      if (!Array.isArray(below)) return this.refuse(entry, below);
      this.add(entry, stat, 'overwrite').below = below;
    } else if (entry.type === 'link' && stat.isSymbolicLink()) {
      const same = target.held.readlink(entry.path) === entry.target;
      this.add(entry, stat, !same ? 'overwrite' : this.isExact(entry, stat) ? 'keep' : 'metadata');
    } else this.add(entry, stat, 'overwrite');
  }

  private special(entry: Entry, stat: BigIntStats | undefined): void {
    const { type } = entry;
    const same =
      type === 'fifo'
        ? stat?.isFIFO()
        : type === 'socket'
          ? stat?.isSocket()
          : stat?.isCharacterDevice() || stat?.isBlockDevice();
    if (stat && same) this.add(entry, stat, this.isExact(entry, stat) ? 'keep' : 'metadata');
    else this.refuse(entry, { code: 'ESPECIAL', message: `A ${type} is only recorded; create it again by hand` });
  }

  // Which files have the right content, hashing those of the right size.
  private async findMatches(twins: readonly Entry[]): Promise<Match[]> {
    for (const entry of twins) {
      const stat = this.request.target.held.find(entry.path);
      if (!stat || !this.isExact(entry, stat)) continue;
      this.consider({ entry, action: 'keep', seen: seenOf(stat), below: [], settles: false }, stat);
    }
    const matching = new Set<Match>();
    if (this.candidates.length > 0) {
      await hashFiles(
        this.candidates,
        this.context,
        (candidate, { sha256 }) => {
          if (sha256 === candidate.step.entry.sha256) matching.add(candidate);
        },
        { within: this.request.target.held.idWhileHeld() },
      );
    }
    // In the order of the plan, whatever the order of the answers.
    const matches = this.candidates.filter(candidate => matching.has(candidate));
    if (this.request.replace) settleMatches(matches);
    else for (const { step, exact } of matches) step.action = exact ? 'keep' : 'metadata';
    return matches;
  }

  private consider(step: Step, stat: BigIntStats): void {
    const { entry } = step;
    if (entry.type !== 'file' || !stat.isFile() || stat.size !== BigInt(entry.size)) return;
    this.candidates.push({ step, exact: this.isExact(entry, stat), path: entry.path, size: entry.size });
  }

  private isPossible({ entry, action, seen }: Step): boolean {
    const { target, replace } = this.request;
    if (action === 'keep' || action === 'times') return true;
    let refusal: Refusal | undefined;
    if (seen && !replace) {
      refusal =
        action === 'metadata'
          ? { code: 'EEXIST', message: 'Its mode, owner or time differs; --overwrite sets them' }
          : { code: 'EEXIST', message: 'A different file is there; --overwrite replaces it' };
    } else if (seen && action === 'metadata') {
      if (!maySet(seen.uid)) refusal = { code: 'EPERM', message: 'It belongs to another user' };
      else if (entry.type === 'file') refusal = whyNotSaved(target.held, entry.path, seen);
    } else if (seen && seen.kind !== 'dir') refusal = whyNotSaved(target.held, entry.path, seen);
    if (action !== 'metadata' && entry.path !== '') refusal ??= this.whyNotWritten(dirname(entry.path));
    if (refusal) this.refuse(entry, refusal);
    return !refusal;
  }

  private whyNotWritten(folder: string): Refusal | undefined {
    if (this.folders.get(folder) !== 'there') return undefined;
    if (!this.writable.has(folder)) {
      this.writable.set(folder, whyNotWritten(this.request.target.held, folder));
    }
    return this.writable.get(folder);
  }

  private add(entry: Entry, stat: BigIntStats | undefined, action: Action, settles = false): Step {
    const step: Step = { entry, action, seen: stat && seenOf(stat), below: [], settles };
    this.steps.push(step);
    if (stat) this.consider(step, stat);
    return step;
  }

  private refuse({ path, type }: Entry, { code, message }: Refusal): void {
    if (type === 'dir') this.folders.set(path, 'blocked');
    this.errors.push({ path, code, message });
  }

  private isExact(entry: Entry, stat: BigIntStats): boolean {
    return compareMetadata(entry, stat, this.capabilities) === 'none';
  }

  private async pause(files: number): Promise<void> {
    if (isCancelled(this.context)) throw PhlbError.cancelled();
    this.context.onProgress({ phase: 'restoring', files, bytes: 0 });
    await breathe();
  }
}
