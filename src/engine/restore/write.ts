/**
 * Carrying a plan out. Each content is written under a private name, checked, flushed and renamed into place; what is
 * to be replaced or removed is looked at once more before. Folders get their modes and times last, deepest first.
 */
import * as fs from 'node:fs';
import { isCancelled, type Context } from '../context.js';
import { errno, PhlbError, reason } from '../errors.js';
import type { PathError } from '../model.js';
import { dirname, fsPath, join } from '../names.js';
import { syncDirectory, syncFile, syncFileSystem } from '../store/durable.js';
import type { StoreLock } from '../store/lock.js';
import type { Entry } from '../store/manifest.js';
import { readFile } from '../transfer/read-file.js';
import { groupOf } from './hardlinks.js';
import { maySet, setOnOpen, setOnPath } from './metadata.js';
import { breathe } from './planner.js';
import { isStill, seenOf, type Home, type Plan, type Removal, type Seen, type Step } from './plan.js';
import { parentsOf } from './select.js';

export interface WriteRequest {
  plan: Plan;
  /** the snapshot's tree */
  tree: string;
  /** held while anything is replaced or removed */
  lock: StoreLock | null;
  /** what the private names begin with */
  draftPrefix: string;
}

export interface Written {
  created: string[];
  overwritten: string[];
  deleted: string[];
  unchanged: number;
  errors: PathError[];
}

/** A content under its private name. */
interface Draft {
  step: Step;
  path: string;
  /** flushed before it gets its name */
  isNew: boolean;
}

const BATCH_FILES = 64;
const BATCH_BYTES = 32 << 20;
/** From here on one `syncfs` is cheaper than flushing file by file. */
const MANY = 8;

/** @throws PhlbError `cancelled`, `lockLost`; what was done until then is whole */
export async function writePlan(request: WriteRequest, context: Context): Promise<Written> {
  const writer = new Writer(request, context);
  await writer.write();
  return writer.written;
}

class Writer {
  readonly written: Written = { created: [], overwritten: [], deleted: [], unchanged: 0, errors: [] };
  private readonly target: string;
  private readonly homes: Map<string, Home>;
  private drafts: Draft[] = [];
  private draftBytes = 0;
  private draftCount = 0;
  /** folders known to be real ones since the last batch */
  private readonly safe = new Set<string>();
  /** folders that were given write permission for a while, with the mode that they had */
  private readonly opened = new Map<string, number>();
  /** folders in which something was done */
  private readonly touched = new Set<string>();
  private readonly lost = new Set<string>();
  private done = 0;
  private bytes = 0;

  constructor(
    private readonly request: WriteRequest,
    private readonly context: Context,
  ) {
    this.target = request.plan.target.path;
    this.homes = new Map(request.plan.homes);
  }

  async write(): Promise<void> {
    const { steps, removals } = this.request.plan;
    try {
      for (const step of steps) {
        this.attempt(step.entry, () => this.step(step));
        if (++this.done % BATCH_FILES === 0) await this.pause();
        else this.checkCancelled();
      }
      this.placeDrafts();
      for (const removal of removals) {
        this.attempt(removal, () => this.remove(removal));
        if (++this.done % BATCH_FILES === 0) await this.pause();
      }
    } finally {
      for (const draft of this.drafts) fs.rmSync(fsPath(draft.path), { force: true });
      this.settleFolders();
      this.flushFolders();
    }
  }

  private step(step: Step): void {
    const { entry, action } = step;
    if (action === 'keep') {
      if (entry.type !== 'dir') this.written.unchanged++;
    } else if (action === 'metadata' && entry.type !== 'dir') {
      this.checkStill(entry.path, step.seen);
      setOnPath(join(this.target, entry.path), entry);
      this.written.overwritten.push(entry.path);
    } else if (entry.type === 'dir') this.folder(step);
    else this.content(step);
  }

  private folder(step: Step): void {
    const { entry, action, seen } = step;
    const path = join(this.target, entry.path);
    if (action === 'create' || action === 'overwrite') {
      if (entry.path === '') fs.mkdirSync(fsPath(path), { recursive: true, mode: 0o700 });
      else {
        this.open(dirname(entry.path));
        if (action === 'overwrite') {
          this.checkStill(entry.path, seen);
          fs.unlinkSync(fsPath(path));
        }
        fs.mkdirSync(fsPath(path), { mode: 0o700 });
      }
    }
    if (action === 'create' && entry.path !== '') this.written.created.push(entry.path);
    if (action === 'overwrite' || action === 'metadata') this.written.overwritten.push(entry.path);
  }

  private content(step: Step): void {
    const { entry } = step;
    this.open(dirname(entry.path));
    const path = join(this.target, join(dirname(entry.path), `${this.request.draftPrefix}${++this.draftCount}`));
    const group = groupOf(entry);
    const home = group === undefined ? undefined : this.homes.get(group);
    const draft: Draft = { step, path, isNew: false };
    this.drafts.push(draft);
    try {
      if (entry.type === 'link') this.makeLink(entry, path);
      else if (!home || !linkTo(home, path)) {
        draft.isNew = true;
        this.copy(entry, path);
        if (group !== undefined) {
          this.homes.set(group, { path, inode: seenOf(fs.lstatSync(fsPath(path), { bigint: true })).inode });
        }
      }
    } catch (error) {
      this.drafts.pop();
      fs.rmSync(fsPath(path), { force: true });
      throw error;
    }
    this.draftBytes += entry.size;
    if (this.drafts.length >= BATCH_FILES || this.draftBytes >= BATCH_BYTES) this.placeDrafts();
  }

  private makeLink(entry: Entry, path: string): void {
    fs.symlinkSync(fsPath(entry.target ?? ''), fsPath(path));
    setOnPath(path, entry);
  }

  // Copies and checks in one pass: what is not what was backed up is not restored.
  private copy(entry: Entry, path: string): void {
    const fd = fs.openSync(fsPath(path), 'wx', 0o600);
    try {
      let at = 0;
      let failure: unknown;
      const put = (chunk: Buffer): void => {
        try {
          for (let n = 0; n < chunk.length;) n += fs.writeSync(fd, chunk, n, chunk.length - n, at + n);
          at += chunk.length;
        } catch (error) {
          throw (failure = error);
        }
      };
      const restart = (): void => {
        fs.ftruncateSync(fd);
        at = 0;
      };
      try {
        const { sha256 } = readFile(join(this.request.tree, entry.path), () => isCancelled(this.context), put, restart);
        if (sha256 !== entry.sha256) throw new RefusedError('EDAMAGED', 'the stored file is not what was backed up');
      } catch (error) {
        if (failure !== undefined || !isMissing(error)) throw error;
        throw new RefusedError('EDAMAGED', `the stored file cannot be read: ${reason(error)}`);
      }
      setOnOpen(fd, entry);
    } finally {
      fs.closeSync(fd);
    }
    this.bytes += entry.size;
  }

  private placeDrafts(): void {
    const drafts = this.drafts;
    this.drafts = [];
    this.draftBytes = 0;
    this.safe.clear();
    const fresh = drafts.filter(({ isNew }) => isNew);
    if (fresh.length < MANY || !syncFileSystem(this.target)) fresh.forEach(({ path }) => syncFile(fsPath(path)));
    this.request.lock?.check();
    for (const draft of drafts) {
      const { entry } = draft.step;
      this.attempt(entry, () => {
        try {
          this.place(draft);
        } finally {
          fs.rmSync(fsPath(draft.path), { force: true });
        }
      });
    }
  }

  private place({ step, path: draft }: Draft): void {
    const { entry, action, seen, below } = step;
    const path = join(this.target, entry.path);
    this.open(dirname(entry.path));
    if (action === 'create') {
      if (fs.lstatSync(fsPath(path), { throwIfNoEntry: false })) {
        throw new RefusedError('EEXIST', 'something has come there since the plan was made');
      }
    } else {
      this.checkStill(entry.path, seen);
      for (const removal of below) this.remove(removal);
      if (seen?.kind === 'dir') fs.rmdirSync(fsPath(path));
    }
    fs.renameSync(fsPath(draft), fsPath(path));
    const group = groupOf(entry);
    const home = group === undefined ? undefined : this.homes.get(group);
    if (home?.path === draft) home.path = path;
    this.written[action === 'create' ? 'created' : 'overwritten'].push(entry.path);
  }

  private remove({ path, seen }: Removal): void {
    this.open(dirname(path));
    this.checkStill(path, seen);
    const name = fsPath(join(this.target, path));
    if (seen.kind === 'dir') fs.rmdirSync(name);
    else fs.unlinkSync(name);
    this.opened.delete(path);
    this.written.deleted.push(path);
  }

  // Makes sure that a folder is one, and can be written: a symlink put there since the plan is not followed.
  private open(folder: string): void {
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

  private checkStill(path: string, seen: Seen | undefined): void {
    const stat = fs.lstatSync(fsPath(join(this.target, path)), { bigint: true });
    if (!seen || !isStill(seen, stat)) throw new RefusedError('ECHANGED', 'it has changed since the plan was made');
  }

  private settleFolders(): void {
    const folders = this.request.plan.steps.filter(({ entry, settles }) => entry.type === 'dir' && settles);
    for (const { entry, action } of folders.reverse()) {
      const { path } = entry;
      if (this.lost.has(path) || (action === 'keep' && !this.touched.has(path))) continue;
      this.opened.delete(path);
      this.attempt(entry, () => {
        const name = join(this.target, path);
        const look = path === '' ? fs.statSync : fs.lstatSync;
        if (look(fsPath(name), { throwIfNoEntry: false })?.isDirectory()) setOnPath(name, entry);
      });
    }
    for (const [path, mode] of this.opened) {
      this.attempt({ path }, () => fs.chmodSync(fsPath(join(this.target, path)), mode));
    }
  }

  private flushFolders(): void {
    if (this.touched.size >= MANY && syncFileSystem(this.target)) return;
    for (const path of this.touched) {
      this.attempt({ path }, () => {
        try {
          syncDirectory(fsPath(join(this.target, path)));
        } catch (error) {
          // Removed or replaced since, or with a mode by now that does not let it be opened.
          if (!['ENOENT', 'ENOTDIR', 'EACCES'].includes(errno(error) ?? '')) throw error;
        }
      });
    }
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
      const code = errno(error);
      if (code === undefined) throw error;
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
    if (isCancelled(this.context)) throw new PhlbError('cancelled', 'Cancelled');
  }
}

/** Carries a code of PHLB's own, like a system error its code. */
class RefusedError extends Error {
  constructor(
    readonly code: string,
    why: string,
  ) {
    super(`${code}: ${why}`);
  }
}

// `false` where there are no hardlinks, no more to this inode, or another file by now: then it gets a copy of its own.
function linkTo(home: Home, path: string): boolean {
  try {
    const stat = fs.lstatSync(fsPath(home.path), { bigint: true });
    if (!stat.isFile() || seenOf(stat).inode !== home.inode) return false;
    fs.linkSync(fsPath(home.path), fsPath(path));
    return true;
  } catch (error) {
    if (errno(error) === undefined) throw error;
    return false;
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ELOOP', 'ENOTFILE', 'EIO'].includes(errno(error) ?? '');
}
