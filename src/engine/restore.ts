/**
 * Bringing files back: first a plan of what would be created, overwritten or left; then, if anything is to be
 * overwritten, a safety snapshot of it; only then the writing, file by file under a private name and one rename.
 */
import { createHash, randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import { isAbsolute } from 'node:path';
import { isCancelled, type Context } from './context.js';
import { errno, PhlbError, reason } from './errors.js';
import type { PathError, RestoreRequest, RestoreResult } from './model.js';
import { basename, dirname, fsPath, isSafeRelative, join, nameFromBuffer } from './names.js';
import { takeSafetySnapshot } from './safety.js';
import { openSnapshot } from './snapshots.js';
import type { Entry } from './store/manifest.js';
import { openStore } from './store/root.js';
import { microsToSeconds, nsToMicros } from './times.js';
import { hashFile } from './transfer/read-file.js';
import { withLock } from './with-lock.js';

type Action = 'create' | 'overwrite' | 'keep';

interface Step {
  entry: Entry;
  action: Action;
}

/**
 * Restores files, folders or a whole snapshot.
 * @throws PhlbError `notFound` for a path that the snapshot does not hold, `usage`, `damaged`, `store`, `cancelled`;
 *   what concerns single paths is in the result's errors
 */
export async function restore(request: RestoreRequest, context: Context): Promise<RestoreResult> {
  const store = openStore(request.place);
  const { record, tree, manifest, id } = await openSnapshot(store, request.snapshot);
  const target = request.to ?? record.source;
  if (!isAbsolute(target)) throw new PhlbError('usage', 'Not an absolute path', { path: target });
  if (request.to === undefined && record.host !== store.host) {
    throw new PhlbError('usage', 'This snapshot was made on another host', {
      path: target,
      hint: 'restore it with --to DIR',
    });
  }
  const entries = select([...manifest.entries()], request.paths, request.snapshot);
  const result: RestoreResult = {
    created: [],
    overwritten: [],
    deleted: [],
    unchanged: 0,
    safetySnapshot: null,
    errors: [],
  };
  const steps = plan(entries, target, request, result.errors, context);
  const overwritten = steps.filter(step => step.action === 'overwrite').map(step => step.entry.path);
  if (overwritten.length > 0) {
    const paths = [...new Set(overwritten.flatMap(withParents))];
    result.safetySnapshot = await withLock(store, context, lock =>
      takeSafetySnapshot({ store, lock, source: target, name: id.name, paths }, context),
    );
  }
  new Writer(tree, target, result, context).write(steps);
  return result;
}

// The wanted entries with what is below them and the folders on the way to them.
function select(entries: Entry[], paths: string[], snapshot: string): Entry[] {
  if (paths.length === 0) return entries;
  const wanted = paths.map(path => path.replace(/^\.\//, '').replace(/\/+$/, ''));
  const known = new Set(entries.map(entry => entry.path));
  for (const path of wanted) {
    if (!isSafeRelative(path)) throw new PhlbError('usage', 'Not a path below the source', { path });
    if (!known.has(path)) throw new PhlbError('notFound', `Not in snapshot ${snapshot}`, { path });
  }
  const parents = new Set(wanted.flatMap(withParents));
  return entries.filter(
    entry => entry.path === '' || parents.has(entry.path) || wanted.some(path => entry.path.startsWith(`${path}/`)),
  );
}

function withParents(path: string): string[] {
  const parts = path.split('/');
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'));
}

function plan(
  entries: Entry[],
  target: string,
  request: RestoreRequest,
  errors: PathError[],
  context: Context,
): Step[] {
  const overwrite = request.overwrite === true || request.to === undefined;
  const blocked = new Set<string>();
  const steps: Step[] = [];
  const refuse = (path: string, code: string, message: string): void => {
    errors.push({ path, code, message });
    blocked.add(path);
  };
  for (const entry of entries) {
    if (isCancelled(context)) throw new PhlbError('cancelled', 'Cancelled');
    const { path, type } = entry;
    if (path !== '' && blocked.has(dirname(path))) {
      blocked.add(path);
      if (type !== 'dir') errors.push({ path, code: 'EBLOCKED', message: 'Its folder cannot be restored' });
    } else if (type === 'fifo' || type === 'socket' || type === 'device') {
      refuse(path, 'ESPECIAL', `A ${type} is recorded only; make it again by hand`);
    } else {
      try {
        const state = compare(entry, join(target, path), context);
        if (state === 'blocked') refuse(path, 'EEXIST', blockedReason(entry));
        else if (state === 'different' && !overwrite)
          refuse(path, 'EEXIST', 'A different file is there; --overwrite replaces it');
        else steps.push({ entry, action: state === 'missing' ? 'create' : state === 'same' ? 'keep' : 'overwrite' });
      } catch (error) {
        if (errno(error) === undefined) throw error;
        refuse(path, errno(error) ?? '', reason(error));
      }
    }
  }
  return steps;
}

function blockedReason(entry: Entry): string {
  return entry.type === 'dir' ? 'Something that is no folder is in its place' : 'A folder is in its place';
}

// Parents come first, so each is judged before what is below it.
function compare(entry: Entry, path: string, context: Context): 'missing' | 'same' | 'different' | 'blocked' {
  // The target itself may be reached through a symlink; nothing below it may.
  const look = entry.path === '' ? fs.statSync : fs.lstatSync;
  const stat = look(fsPath(path), { bigint: true, throwIfNoEntry: false });
  if (!stat) return 'missing';
  if (entry.type === 'dir') return stat.isDirectory() ? 'same' : 'blocked';
  if (stat.isDirectory()) return 'blocked';
  if (entry.type === 'link') {
    if (!stat.isSymbolicLink()) return 'different';
    return nameFromBuffer(fs.readlinkSync(fsPath(path), { encoding: 'buffer' })) === entry.target
      ? 'same'
      : 'different';
  }
  if (!stat.isFile() || stat.size !== BigInt(entry.size)) return 'different';
  if (nsToMicros(stat.mtimeNs) !== nsToMicros(entry.mtime) || Number(stat.mode & 0o777n) !== (entry.mode & 0o777)) {
    return 'different';
  }
  return hashFile(path, () => isCancelled(context)).sha256 === entry.sha256 ? 'same' : 'different';
}

class Writer {
  private readonly suffix = `.phlb-${randomBytes(4).toString('hex')}`;
  /** first restored name of each hardlinked inode */
  private readonly groups = new Map<string, string>();
  private done = 0;

  constructor(
    private readonly tree: string,
    private readonly target: string,
    private readonly result: RestoreResult,
    private readonly context: Context,
  ) {}

  write(steps: Step[]): void {
    const made: Entry[] = [];
    for (const step of steps) {
      if (isCancelled(this.context)) throw new PhlbError('cancelled', 'Cancelled');
      const { entry, action } = step;
      try {
        if (action === 'keep') {
          if (entry.type !== 'dir') this.result.unchanged++;
          this.remember(entry);
        } else if (entry.type === 'dir') {
          fs.mkdirSync(fsPath(join(this.target, entry.path)), { recursive: entry.path === '', mode: 0o700 });
          made.push(entry);
          if (entry.path !== '') this.result.created.push({ path: entry.path });
        } else {
          this.place(entry);
          this.result[action === 'create' ? 'created' : 'overwritten'].push({ path: entry.path });
        }
      } catch (error) {
        if (errno(error) === undefined) throw error;
        this.result.errors.push({ path: entry.path, code: errno(error) ?? '', message: reason(error) });
      }
      if (++this.done % 100 === 0) {
        this.context.onProgress({ phase: 'restoring', files: this.done, bytes: 0, totalFiles: steps.length });
      }
    }
    // Deepest first: writing into a folder changes its time.
    for (const entry of made.reverse()) this.metadata(join(this.target, entry.path), entry);
  }

  private place(entry: Entry): void {
    const path = join(this.target, entry.path);
    this.checkParent(entry.path);
    const draft = join(dirname(path), `${basename(path).slice(0, 100)}${this.suffix}`);
    try {
      const twin = this.groups.get(groupKey(entry));
      if (entry.type === 'link') {
        fs.symlinkSync(fsPath(entry.target ?? ''), fsPath(draft));
        const seconds = microsToSeconds(nsToMicros(entry.mtime));
        fs.lutimesSync(fsPath(draft), seconds, seconds);
        if (process.getuid?.() === 0) fs.lchownSync(fsPath(draft), entry.uid, entry.gid);
      } else if (twin !== undefined) fs.linkSync(fsPath(join(this.target, twin)), fsPath(draft));
      else {
        this.copy(entry, draft);
        this.metadata(draft, entry);
      }
      fs.renameSync(fsPath(draft), fsPath(path));
      this.remember(entry);
    } catch (error) {
      fs.rmSync(fsPath(draft), { force: true });
      throw error;
    }
  }

  // Copies and checks in one pass: what is not what was backed up is not restored.
  private copy(entry: Entry, draft: string): void {
    const stored = join(this.tree, entry.path);
    const from = fs.openSync(fsPath(stored), fs.constants.O_RDONLY | (fs.constants.O_NOFOLLOW ?? 0));
    try {
      const to = fs.openSync(fsPath(draft), 'wx', 0o600);
      try {
        const hash = createHash('sha256');
        const chunk = Buffer.allocUnsafe(1 << 20);
        for (let n = fs.readSync(from, chunk); n > 0; n = fs.readSync(from, chunk)) {
          hash.update(chunk.subarray(0, n));
          for (let at = 0; at < n;) at += fs.writeSync(to, chunk, at, n - at);
        }
        if (hash.digest('hex') !== entry.sha256) throw new DamagedContentError();
        fs.fsyncSync(to);
      } finally {
        fs.closeSync(to);
      }
    } finally {
      fs.closeSync(from);
    }
  }

  private metadata(path: string, entry: Entry): void {
    const name = fsPath(path);
    let mode = entry.mode;
    if (process.getuid?.() === 0) fs.chownSync(name, entry.uid, entry.gid);
    // setuid and setgid only for the owner whom they were meant for.
    else if (entry.uid !== process.getuid?.()) mode &= 0o1777;
    fs.chmodSync(name, mode);
    const seconds = microsToSeconds(nsToMicros(entry.mtime));
    fs.utimesSync(name, seconds, seconds);
  }

  // The plan saw a folder there (or none); a symlink put there since is not written through.
  private checkParent(path: string): void {
    for (const parent of withParents(path).slice(0, -1)) {
      const stat = fs.lstatSync(fsPath(join(this.target, parent)));
      if (!stat.isDirectory()) throw Object.assign(new Error('ELOOP: a parent is no folder'), { code: 'ELOOP' });
    }
  }

  private remember(entry: Entry): void {
    if (entry.hardlinked && !this.groups.has(groupKey(entry))) this.groups.set(groupKey(entry), entry.path);
  }
}

class DamagedContentError extends Error {
  readonly code = 'EDAMAGED';
  constructor() {
    super('EDAMAGED: the stored file is not what was backed up');
  }
}

function groupKey(entry: Entry): string {
  return entry.hardlinked ? `${entry.dev ?? ''}:${entry.inode ?? ''}` : '';
}
