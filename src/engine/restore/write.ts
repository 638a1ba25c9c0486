/**
 * Carrying a plan out. Each content is written under a private name, checked, flushed and renamed into place; what is
 * to be replaced or removed is looked at once more before. Folders get their modes and times last, deepest first.
 */
import type { BigIntStats } from 'node:fs';
import type { Context } from '../threads/context.js';
import { isCancelled } from '../words/call.js';
import { PhlbError, reason, refusalCode, unlessRefused } from '../words/errors.js';
import type { PathError } from '../words/model.js';
import type { HeldFolder } from '../files/held-folder.js';
import { dirname, join } from '../words/names.js';
import { phrase } from '../words/phrase.js';
import { TreeFolders } from '../files/tree-folders.js';
import { syncFileSystem } from '../files/sync-file-system.js';
import type { StoreLock } from '../store/lock.js';
import type { Entry } from '../store/manifest.js';
import { isFull } from '../files/store-error.js';
import { copyStored, linkTo } from './content.js';
import { Folders, MANY } from './folders.js';
import { groupOf } from './hardlinks.js';
import { lostTimes } from './kept-times.js';
import { setOnEntry } from './metadata.js';
import { breathe } from './planner.js';
import { isStill, seenOf, type Home, type Plan, type Removal, type Seen, type Step } from './plan.js';
import { RefusedError } from './refused-error.js';

export interface WriteRequest {
  plan: Plan;
  /** the snapshot's tree that a path comes from */
  tree: (path: string) => string;
  /** held while anything is replaced or removed */
  lock: StoreLock | null;
  /** what the private names begin with */
  privatePrefix: string;
}

export interface Written {
  created: string[];
  overwritten: string[];
  deleted: string[];
  unchanged: number;
  errors: PathError[];
}

/** A content under its private name. */
interface PrivateFile {
  step: Step;
  path: string;
  /** flushed before it gets its name */
  isNew: boolean;
}

/** Placed after one flush; more would be faster by little and leave more private names behind after a kill. */
const BATCH_FILES = 256;
const BATCH_BYTES = 64 << 20;
/** For a file that a program has open: there may be many, and each is named if it cannot be replaced. */
const PATIENCE_MS = 500;
/** Steps between two reports, at which timers may run. */
const PAUSE_STEPS = 64;

/** @throws PhlbError `cancelled`, `lockLost`; what was done until then is whole */
export async function writePlan(request: WriteRequest, context: Context): Promise<Written> {
  const writer = new Writer(request, context);
  await writer.write();
  return writer.written;
}

class Writer {
  readonly written: Written = { created: [], overwritten: [], deleted: [], unchanged: 0, errors: [] };
  private readonly target: HeldFolder;
  private readonly homes: Map<string, Home>;
  private privateFiles: PrivateFile[] = [];
  private privateBytes = 0;
  private privateCount = 0;
  private readonly folders: Folders;
  private readonly stored = new Map<string, TreeFolders>();
  /** folders that could not be made */
  private readonly lost = new Set<string>();
  /** inodes that have got their metadata */
  private readonly settled = new Set<string>();
  private done = 0;
  private bytes = 0;

  constructor(
    private readonly request: WriteRequest,
    private readonly context: Context,
  ) {
    this.target = request.plan.target.held;
    this.homes = new Map([...request.plan.homes].map(([group, home]) => [group, { ...home }]));
    this.folders = new Folders(this.target);
  }

  async write(): Promise<void> {
    const { steps, removals } = this.request.plan;
    try {
      for (const step of steps) {
        this.attempt(step.entry, () => this.step(step));
        if (++this.done % PAUSE_STEPS === 0) await this.pause();
        else this.checkCancelled();
      }
      this.putAllInPlace();
      for (const removal of removals) {
        this.attempt(removal, () => this.remove(removal));
        if (++this.done % PAUSE_STEPS === 0) await this.pause();
      }
    } finally {
      const attempt = (path: string, act: () => void): void => this.attempt({ path }, act);
      for (const { step, path } of this.privateFiles) attempt(step.entry.path, () => this.discard(path));
      this.folders.settle(
        steps.filter(({ entry }) => !this.lost.has(entry.path)),
        attempt,
      );
      this.folders.flush(attempt);
    }
    const left = new Set(this.written.errors.map(({ path }) => path));
    this.written.errors.push(...lostTimes(this.request.plan, left));
  }

  private step(step: Step): void {
    const { entry, action } = step;
    if (action === 'keep') {
      if (entry.type !== 'dir') this.written.unchanged++;
    } else if (action === 'metadata' && entry.type !== 'dir') {
      this.setMetadata(step);
      this.written.overwritten.push(entry.path);
    } else if (entry.type === 'dir') this.folder(step);
    else this.content(step);
  }

  // All names of a file get it at once.
  private setMetadata({ entry, seen }: Step): void {
    if (seen && this.settled.has(seen.inode)) return;
    let now = seen;
    this.target.change(entry.path, own => {
      checkSame(seen, own.stat());
      setOnEntry(own, entry);
      now = seenOf(own.stat());
    });
    if (seen) this.settled.add(seen.inode);
    const home = this.homeOf(entry);
    if (home && now && home.seen.inode === now.inode) home.seen = now;
  }

  private folder(step: Step): void {
    const { entry, action, seen } = step;
    if (action === 'create' || action === 'overwrite') {
      if (entry.path === '') this.target.makeAll(0o700);
      else {
        this.folders.open(dirname(entry.path));
        if (action === 'overwrite') {
          this.checkStill(entry.path, seen);
          this.target.unlink(entry.path);
        }
        this.target.mkdir(entry.path, 0o700);
      }
    }
    if (action === 'create' && entry.path !== '') this.written.created.push(entry.path);
    if (action === 'overwrite' || action === 'metadata') this.written.overwritten.push(entry.path);
  }

  private content(step: Step): void {
    const { entry } = step;
    this.folders.open(dirname(entry.path));
    const path = join(dirname(entry.path), `${this.request.privatePrefix}${++this.privateCount}`);
    const group = groupOf(entry);
    const home = this.homeOf(entry);
    const tree = this.request.tree(entry.path);
    const privateFile: PrivateFile = { step, path, isNew: false };
    this.privateFiles.push(privateFile);
    try {
      if (entry.type === 'link') this.makeLink(entry, path);
      else if (!home || !linkTo(this.target, home, path)) {
        privateFile.isNew = true;
        if (!this.foldersOf(tree).has(dirname(entry.path))) {
          throw new RefusedError('EDAMAGED', 'a folder above it is no longer a folder in the snapshot');
        }
        copyStored(tree, entry, this.target, path, () => isCancelled(this.context));
        this.bytes += entry.size;
        if (group !== undefined) {
          this.homes.set(group, { path, seen: seenOf(this.target.lstat(path)) });
        }
      }
    } catch (error) {
      this.privateFiles.pop();
      this.discard(path);
      checkSnapshot(tree);
      if (!isFull(error) || this.privateFiles.length === 0) throw error;
      // What waits for its place takes the room of what it will replace.
      this.putAllInPlace();
      return this.content(step);
    }
    this.privateBytes += entry.size;
    if (this.privateFiles.length >= BATCH_FILES || this.privateBytes >= BATCH_BYTES) this.putAllInPlace();
  }

  private makeLink(entry: Entry, path: string): void {
    this.target.symlink(entry.target ?? '', path);
    this.target.change(path, own => setOnEntry(own, entry));
  }

  private putAllInPlace(): void {
    this.privateBytes = 0;
    this.folders.distrust();
    const flushed =
      this.privateFiles.filter(({ isNew }) => isNew).length >= MANY && syncFileSystem(this.target.id.path);
    this.request.lock?.check();
    for (let privateFile = this.privateFiles.shift(); privateFile; privateFile = this.privateFiles.shift()) {
      const { step, path, isNew } = privateFile;
      this.attempt(step.entry, () => {
        try {
          if (isNew && !flushed) this.target.sync(path);
          this.putInPlace(step, path);
        } finally {
          this.discard(path);
        }
      });
    }
  }

  private putInPlace(step: Step, privateFile: string): void {
    const { entry, action, seen, below } = step;
    this.folders.open(dirname(entry.path));
    if (action === 'create') {
      if (this.target.find(entry.path)) {
        throw new RefusedError('EEXIST', 'something has been put there since the plan was made');
      }
    } else {
      this.checkStill(entry.path, seen);
      for (const removal of below) this.remove(removal);
      if (seen?.kind === 'dir') this.target.rmdir(entry.path);
    }
    this.target.rename(privateFile, entry.path, PATIENCE_MS);
    const home = this.homeOf(entry);
    if (home?.path === privateFile) home.path = entry.path;
    this.written[action === 'create' ? 'created' : 'overwritten'].push(entry.path);
  }

  private remove({ path, seen }: Removal): void {
    this.folders.open(dirname(path));
    this.checkStill(path, seen);
    if (seen.kind === 'dir') this.target.rmdir(path);
    else this.target.unlink(path);
    this.folders.removed(path);
    this.written.deleted.push(path);
  }

  // Its folder may be gone by now, and so is the private file then.
  private discard(privateFile: string): void {
    unlessRefused(() => this.target.unlink(privateFile), 'ENOENT', 'ENOTDIR');
  }

  private foldersOf(tree: string): TreeFolders {
    const known = this.stored.get(tree) ?? new TreeFolders(tree);
    this.stored.set(tree, known);
    return known;
  }

  private homeOf(entry: Entry): Home | undefined {
    const group = groupOf(entry);
    return group === undefined ? undefined : this.homes.get(group);
  }

  private checkStill(path: string, seen: Seen | undefined): void {
    checkSame(seen, this.target.lstat(path));
  }

  private attempt({ path, type }: Pick<Entry, 'path'> & Partial<Entry>, act: () => void): void {
    try {
      if (path !== '' && this.lost.has(dirname(path))) {
        if (type === 'dir') this.lost.add(path);
        else throw new RefusedError('EBLOCKED', 'its folder cannot be restored');
        return;
      }
      act();
    } catch (error) {
      const code = refusalCode(error);
      if (type === 'dir') this.lost.add(path);
      this.written.errors.push({ path, code, message: reason(error) });
    }
  }

  private async pause(): Promise<void> {
    const { steps, removals } = this.request.plan;
    const totalFiles = steps.length + removals.length;
    this.context.onProgress({ phase: 'restoring', files: this.done, bytes: this.bytes, totalFiles });
    await breathe();
    this.checkCancelled();
  }

  private checkCancelled(): void {
    if (isCancelled(this.context)) throw PhlbError.cancelled();
  }
}

// Deleted meanwhile, it is no damage, and there is nothing left to restore from it.
function checkSnapshot(tree: string): void {
  if (new TreeFolders(tree).has('')) return;
  throw new PhlbError('notFound', phrase`The snapshot was deleted while it was being restored`, {
    path: tree,
    hint: phrase`what has been restored so far stays; restore the rest from another snapshot`,
  });
}

function checkSame(seen: Seen | undefined, stat: BigIntStats): void {
  if (!seen || !isStill(seen, stat)) throw new RefusedError('ECHANGED', 'it has changed since the plan was made');
}
